import type { Migration } from 'kysely/migration';

export const budgets: Migration = {
  async up(db) {
    await db.schema
      .createTable('budgets')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('terms', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('alerts')
      .addColumn('id', 'text', (column) => column.primaryKey())
      // Of nodes and starts that see the same happening, one tells of it.
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('told', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('alerts_by_time').on('alerts').columns(['at_ms', 'id']).execute();
    await db.schema
      .createTable('alert_deliveries')
      .addColumn('alert_id', 'text', (column) => column.notNull())
      .addColumn('channel', 'text', (column) => column.notNull())
      .addColumn('delivery', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('alert_deliveries_of_channel', ['alert_id', 'channel'])
      .execute();
  },
};
