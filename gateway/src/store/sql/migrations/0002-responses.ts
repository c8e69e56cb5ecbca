import type { Migration } from 'kysely/migration';

export const responses: Migration = {
  async up(db) {
    await db.schema
      .createTable('responses')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('previous_id', 'text')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('response', 'text', (column) => column.notNull())
      .addColumn('input', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('responses_by_expiry').on('responses').column('expires_at_ms').execute();
  },
};
