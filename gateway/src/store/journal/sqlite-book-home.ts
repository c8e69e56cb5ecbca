import type { SQLInputValue } from 'node:sqlite';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { InsertMany } from '../sql/insert-many.ts';
import type { Tables } from '../sql/tables.ts';
import { faultOf, resultCodeOf, type SqliteDatabase } from '../sqlite/sqlite-database.ts';
import { SqliteFault } from '../sqlite/sqlite-thread.ts';
import type { BookHome, Booking } from './book-home.ts';
import { createBookingStatements } from './booking-statements.ts';

/**
 * Books into a SQLite file that is open in this thread: row by row, with statements that are prepared once. There is no journey to
 * save, and many rows in one statement cost SQLite more than one after the other.
 */
export function createSqliteBookHome(database: SqliteDatabase): BookHome {
  const statements = createBookingStatements();
  const insert = <Row extends object>(statement: InsertMany<unknown>) =>
    prepareInsert<Row>(database, statement.wordsForOne(WORDS), statement.columns);
  let prepared: Booking | undefined;

  /** Not before the first use: by then the tables are there. */
  const prepare = (): Booking => {
    const addEntry = insert<Parameters<Booking['addEntries']>[0][number]>(statements.entries);
    const each = <Row extends object>(statement: InsertMany<unknown>) => {
      const add = insert<Row>(statement);
      return async (rows: readonly Row[]) => {
        for (const row of rows) add(row);
      };
    };
    return {
      advance: prepareAdvance(database),
      addGroups: each(statements.groups),
      addTags: each(statements.tags),
      addCalls: each(statements.calls),
      addEntries: async (rows) => rows.filter((row) => addEntry(row) === 1),
      addHours: each(statements.hours),
      addDays: each(statements.days),
    };
  };

  return {
    async offsets(journal) {
      const sql = 'select file, offset_bytes from journal_offsets where journal = ?';
      const { rows } = told(() => database.answer({ sql, parameters: [journal], wants: 'rows' }));
      return new Map((rows as OffsetRow[]).map(({ file, offset_bytes }) => [file, offset_bytes]));
    },
    async forget(journal, file) {
      const sql = 'delete from journal_offsets where journal = ? and file = ?';
      told(() => database.answer({ sql, parameters: [journal, file], wants: 'changes' }));
    },
    async transaction(work) {
      try {
        prepared ??= prepare();
        database.say('begin immediate');
      } catch (error) {
        throw inSqliteWords(error);
      }
      try {
        const outcome = await work(prepared);
        database.say('commit');
        return outcome;
      } catch (error) {
        rollBack(database);
        throw inSqliteWords(error);
      }
    },
  };
}

type OffsetRow = Tables['journal_offsets'];

/** Compiles, and runs nothing. */
const WORDS = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

function prepareInsert<Row extends object>(database: SqliteDatabase, sql: string, columns: readonly string[]) {
  const write = database.prepareWrite(sql);
  const values: SQLInputValue[] = columns.map(() => null);
  return (row: Row): number => {
    for (let index = 0; index < columns.length; index++) {
      values[index] = (row as Record<string, SQLInputValue>)[columns[index]!]!;
    }
    return write(values);
  };
}

function prepareAdvance(database: SqliteDatabase): Booking['advance'] {
  const begin = database.prepareWrite(
    'insert into journal_offsets (journal, file, offset_bytes) values (?, ?, 0) on conflict do nothing',
  );
  const move = database.prepareWrite(
    'update journal_offsets set offset_bytes = ? where journal = ? and file = ? and offset_bytes = ?',
  );
  return async ({ journal, file, from, to }) => {
    begin([journal, file]);
    return move([to, journal, file, from]) === 1;
  };
}

/** SQLite ends some transactions by itself (a full disk); there is nothing to roll back then. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.say('rollback');
  } catch {
    // What led here is thrown on.
  }
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw inSqliteWords(error);
  }
}

/** What SQLite said no with as such; what is wrong with the values stays what it is. */
function inSqliteWords(error: unknown): unknown {
  return resultCodeOf(error) === 0 ? error : new SqliteFault(faultOf(error));
}
