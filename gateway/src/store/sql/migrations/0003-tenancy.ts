import type { Migration } from 'kysely/migration';
import { FIRST_HASH } from '../audit-chain.ts';

const NEW_OF_KEYS = ['organisation', 'limits', 'ips', 'scopes', 'tags', 'importance'];

export const tenancy: Migration = {
  async up(db) {
    for (const column of NEW_OF_KEYS) await db.schema.alterTable('keys').addColumn(column, 'text').execute();
    await db.schema
      .createTable('tenants')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('title', 'text')
      .addColumn('organisation', 'text')
      .addColumn('team', 'text')
      .addColumn('email', 'text')
      .addColumn('tier', 'text')
      .addColumn('models', 'text')
      .addColumn('limits', 'text')
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('archived_at_ms', 'bigint')
      .addUniqueConstraint('tenants_by_name', ['kind', 'name'])
      .execute();
    await db.schema
      .createTable('audit')
      .addColumn('sequence', 'bigint', (column) => column.primaryKey())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'text')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('noun', 'text', (column) => column.notNull())
      .addColumn('noun_id', 'text', (column) => column.notNull())
      .addColumn('noun_name', 'text', (column) => column.notNull())
      .addColumn('before', 'text')
      .addColumn('after', 'text')
      .addColumn('request_id', 'text')
      .addColumn('remote_address', 'text')
      .addColumn('previous_hash', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('audit_by_noun').on('audit').columns(['noun', 'noun_id']).execute();
    // One row, which every change takes hold of: so changes of all nodes follow one another, and the end of the chain is known.
    await db.schema
      .createTable('audit_head')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await db
      .withTables<{ audit_head: { id: number; sequence: number; hash: string } }>()
      .insertInto('audit_head')
      .values({ id: 1, sequence: 0, hash: FIRST_HASH })
      .execute();
  },
};
