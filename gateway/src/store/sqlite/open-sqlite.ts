import { Kysely } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import { migrate } from '../sql/migrate.ts';
import { createSqlStore } from '../sql/sql-store.ts';
import type { Tables } from '../sql/tables.ts';
import type { Store, StoreLog } from '../store.ts';
import { explainFault } from './explain-fault.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { type SqliteThread, startSqlite } from './sqlite-thread.ts';

/** How often a database that is unwell is asked again whether it has recovered. */
const PROBE_AFTER_MS = 1_000;

/** Opens a SQLite file (or `:memory:`) and brings its tables up to date. */
export async function openSqlite({ file, clock, log }: { file: string; clock: Clock; log: StoreLog }): Promise<Store> {
  let ailment: string | undefined;
  let probedAt = Number.NEGATIVE_INFINITY;
  const thread = await startSqlite(file, (error) => {
    ailment = `${error.message} Restart the gateway.`;
    log.error({ err: error, file }, 'the database is gone; keys that are known go on, changes are refused');
  }).catch((error) => {
    throw new Error(explainFault(error, file) ?? `The database ${file} cannot be opened: ${String(error)}`, {
      cause: error,
    });
  });

  const watched: SqliteThread = {
    async run(statement) {
      try {
        const outcome = await thread.run(statement);
        ailment = undefined;
        return outcome;
      } catch (error) {
        ailment = explainFault(error, file) ?? ailment;
        throw error;
      }
    },
    close: thread.close,
  };
  const db = new Kysely<Tables>({ dialect: sqliteDialect(watched) });
  try {
    const applied = await migrate(db);
    if (applied.length > 0)
      log.info({ file, migrations: applied }, 'the tables of the database were brought up to date');
  } catch (error) {
    await db.destroy();
    const why = explainFault(error, file) ?? `The database ${file} cannot be used: ${(error as Error).message}`;
    throw new Error(why, { cause: error });
  }

  return {
    ...createSqlStore({ db, clock }),
    whyUnwell() {
      if (ailment !== undefined && clock.now() - probedAt > PROBE_AFTER_MS) {
        probedAt = clock.now();
        // Its outcome is told by `ailment`.
        watched
          .run({ sql: 'update facts set name = name where false', parameters: [], wants: 'changes' })
          .catch(() => {});
      }
      return ailment;
    },
    async copyTo(target) {
      await watched.run({ sql: 'vacuum into ?', parameters: [target], wants: 'rows' });
    },
    close: () => db.destroy(),
  };
}
