import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Tables } from './tables.ts';

/** In the order of their names. One that was released is never changed; what it lacks, the next one adds. */
const MIGRATIONS: Record<string, Migration> = {
  '0001_keys_and_facts': {
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
  },
  '0002_responses': {
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
  },
};

/** Applies what a database has not seen yet; gives the names of what was applied. Throws what stood in the way. */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) {
    return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName);
  }
  if (await hasStranger(db)) {
    throw new Error(
      'it was written by a newer version of the gateway. Start that version, or use another data folder.',
    );
  }
  throw error;
}

/** Whether a migration was applied that this version does not know. */
async function hasStranger(db: Kysely<Tables>): Promise<boolean> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return false;
  const applied = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute();
  return applied.some(({ name }) => MIGRATIONS[name] === undefined);
}
