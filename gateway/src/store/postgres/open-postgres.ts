import { Kysely } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import { migrate } from '../sql/migrate.ts';
import { createSqlStore } from '../sql/sql-store.ts';
import type { Tables } from '../sql/tables.ts';
import type { Store, StoreLog } from '../store.ts';
import { explainPostgres } from './explain-postgres.ts';
import { guardRooms, NoAnswer } from './guard-rooms.ts';
import { postgresDialect } from './postgres-dialect.ts';

/** How often a database that is unwell is asked again whether it has recovered. */
const PROBE_AFTER_MS = 1_000;
const MOST_CONNECTIONS = 10;
/** Everything but reports is done in milliseconds. */
const PATIENCE_MS = 5_000;

/** Opens a PostgreSQL and brings its tables up to date; of several nodes that start at once, one does that and the others wait. */
export async function openPostgres({ url, clock, log }: { url: string; clock: Clock; log: StoreLog }): Promise<Store> {
  const place = placeOf(url);
  let ailment: string | undefined;
  let ailingSince = 0;
  let probedAt = Number.NEGATIVE_INFINITY;
  let isProbing = false;
  const noteFault = (error: unknown) => {
    const why = explainPostgres(error, place);
    if (ailment === undefined) ailingSince = clock.now();
    if (why !== undefined && ailment === undefined)
      log.error({ err: error, place }, 'the database is unwell; what is in memory goes on, changes are refused');
    ailment = why ?? ailment;
  };
  const noteAnswer = () => {
    if (ailment !== undefined) log.info({ place }, 'the database answers again');
    ailment = undefined;
  };
  const dialect = await postgresDialect({ url, connections: MOST_CONNECTIONS, onFault: noteFault });
  const db = new Kysely<Tables>({
    dialect,
    log: (event) => (event.level === 'error' ? noteFault(event.error) : noteAnswer()),
  });
  try {
    const applied = await migrate(db);
    if (applied.length > 0)
      log.info({ place, migrations: applied }, 'the tables of the database were brought up to date');
  } catch (error) {
    await db.destroy();
    const why = explainPostgres(error, place) ?? `The database ${place} cannot be used: ${(error as Error).message}`;
    throw new Error(why, { cause: error });
  }
  function whyUnwell(): string | undefined {
    const pauseMs = isProbing ? PATIENCE_MS : PROBE_AFTER_MS;
    if (ailment !== undefined && clock.now() - probedAt > pauseMs) probe();
    return ailment;
  }

  /** Its outcome is told by `ailment`. It writes: a standby, or a full disk, answers readers. Seldom several at a time: each may hold a connection for long. */
  function probe(): void {
    probedAt = clock.now();
    isProbing = true;
    db.updateTable('facts')
      .set({ value: '' })
      .where('name', '=', '')
      .execute()
      .catch(() => {})
      .finally(() => {
        isProbing = false;
      });
  }

  const rooms = guardRooms(createSqlStore({ db, clock }), {
    // At first everybody asks for himself: perhaps it was one connection only.
    whyAway: () => {
      const why = whyUnwell();
      return clock.now() - ailingSince > PROBE_AFTER_MS ? why : undefined;
    },
    explain(error) {
      noteFault(error);
      // Somebody has waited for this; nobody else needs to.
      if (error instanceof NoAnswer) ailingSince = Number.NEGATIVE_INFINITY;
      return explainPostgres(error, place);
    },
    clock,
    patienceMs: (room) => (room === 'usage' ? undefined : PATIENCE_MS),
  });
  return {
    ...rooms,
    whyUnwell,
    copyTo: () => Promise.reject(new Error(explainDump(url))),
    close: () => db.destroy(),
  };
}

/** How PostgreSQL itself is backed up and restored. */
export function explainDump(url: string): string {
  const { username, hostname, port, pathname } = new URL(url);
  const server = `-h ${hostname || 'localhost'}${port === '' ? '' : ` -p ${port}`}${username === '' ? '' : ` -U ${username}`}`;
  const name = decodeURIComponent(pathname.slice(1));
  return [
    `The database ${placeOf(url)} is backed up with PostgreSQL's own tools, while the gateway runs:`,
    `  pg_dump ${server} --format=custom --file=xidao.dump ${name}`,
    'and restored, while it does not, with:',
    `  pg_restore ${server} --dbname=${name} --clean --if-exists xidao.dump`,
    "Keep each node's data folder with it: its journal holds what is not booked yet.",
  ].join('\n');
}

/** The address without user and password, for people. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${decodeURIComponent(pathname.slice(1))} at ${hostname || 'localhost'}${port === '' ? '' : `:${port}`}`;
}
