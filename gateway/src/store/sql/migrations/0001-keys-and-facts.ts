import type { Migration } from 'kysely/migration';

export const keysAndFacts: Migration = {
  async up(db) {
    await db.schema
      .createTable('keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('team', 'text')
      .addColumn('project', 'text')
      .addColumn('user', 'text')
      .addColumn('tier', 'text')
      .addColumn('models', 'text')
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint')
      .addColumn('revoked_at_ms', 'bigint')
      .addColumn('replaced_by', 'text')
      .execute();
    await db.schema.createIndex('keys_by_name').on('keys').column('name').execute();
    await db.schema
      .createTable('facts')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  },
};
