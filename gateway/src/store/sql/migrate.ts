import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** Applies what a database has not seen yet; gives the names of what was applied. Throws what stood in the way. */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
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
  return applied.some(({ name }) => migrations[name] === undefined);
}
