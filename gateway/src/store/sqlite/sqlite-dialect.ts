import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type RootOperationNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteThread } from './sqlite-thread.ts';

/** Kysely's words to a database in a thread of its own. */
export function sqliteDialect(thread: SqliteThread): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(thread),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** One connection, lent to one borrower at a time: statements of another must not fall into an open transaction. */
function createDriver(thread: SqliteThread): Driver {
  const connection = createConnection(thread);
  const queue: (() => void)[] = [];
  let isLent = false;
  const say = async (words: string) => {
    await connection.executeQuery(CompiledQuery.raw(words));
  };
  return {
    async init() {},
    async acquireConnection() {
      if (isLent) await new Promise<void>((resolve) => queue.push(resolve));
      isLent = true;
      return connection;
    },
    async releaseConnection() {
      const next = queue.shift();
      if (next === undefined) isLent = false;
      else next();
    },
    beginTransaction: () => say('begin immediate'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    destroy: () => thread.close(),
  };
}

function createConnection(thread: SqliteThread): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
      const wants = isPlainWrite(query) ? 'changes' : 'rows';
      const { rows, changes } = await thread.run({ sql, parameters, wants });
      return { rows: rows as Row[], ...(wants === 'changes' && { numAffectedRows: BigInt(changes) }) };
    },
    // biome-ignore lint/correctness/useYield: the interface wants an iterator; rows come whole from the other thread.
    async *streamQuery() {
      throw new Error('Rows are not streamed out of SQLite; ask for pages.');
    },
  };
}

function isPlainWrite(query: RootOperationNode): boolean {
  switch (query.kind) {
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode':
      return query.returning === undefined;
    default:
      return false;
  }
}
