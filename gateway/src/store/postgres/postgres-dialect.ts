import { type Dialect, PostgresDialect } from 'kysely';

/** Column types (pg_type.oid) that come as text, as not every value fits a number. Here they all do. */
const INT8 = 20;
const NUMERIC = 1700;

const CONNECT_TIMEOUT_MS = 5_000;
/** A statement that takes longer is given up, so that a server that hangs is noticed. */
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_MS = 30_000;

/** Kysely's words to a PostgreSQL. Connections are made when they are needed, and again when they broke. `onFault` is told what a connection failed with. */
export async function postgresDialect({
  url,
  connections,
  onFault,
}: {
  url: string;
  connections: number;
  onFault: (error: unknown) => void;
}): Promise<Dialect> {
  // Only those who use it pay for it.
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'xidao',
    types: {
      getTypeParser: ((oid: number, format: 'text' | 'binary') =>
        oid === INT8 || oid === NUMERIC
          ? Number
          : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that the server ends while nothing is asked of it would end the process if nobody listened.
  pool.on('error', onFault);
  pool.on('connect', (client) => client.on('error', onFault));
  return new PostgresDialect({
    pool: {
      connect: () =>
        pool.connect().catch((error) => {
          onFault(error);
          throw error;
        }),
      end: () => pool.end(),
      options: pool.options,
    },
  });
}
