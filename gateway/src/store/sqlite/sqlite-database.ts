import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Fault, Outcome, Statement } from './messages.ts';

const BUSY_PATIENCE_MS = 5_000;
const MOST_PREPARED = 200;

/** An open database file and the statements that are prepared for it. Its work is done while the caller waits. */
export interface SqliteDatabase {
  answer(statement: Statement): Outcome;
  /** Prepares a write that is said again and again. What is given back takes the values and gives the number of changes. */
  prepareWrite(sql: string): (values: readonly SQLInputValue[]) => number;
  /** Says words that have no values and give nothing back. */
  say(words: string): void;
  close(): void;
}

/** Makes the file, readable by its owner alone, if it is not there. */
export function makeSqliteFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // SQLite's own files beside it take over the rights of the database.
  closeSync(openSync(file, 'a', 0o600));
}

export function openSqliteDatabase(file: string): SqliteDatabase {
  const database = new DatabaseSync(file);
  database.exec(`pragma busy_timeout = ${BUSY_PATIENCE_MS}`);
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = normal');
  database.exec('pragma foreign_keys = on');
  const prepared = new Map<string, StatementSync>();
  return {
    answer({ sql, parameters, wants }) {
      const statement = prepared.get(sql) ?? prepare(database, prepared, sql);
      const values = parameters.map(sqliteValue);
      if (wants === 'rows') return { rows: statement.all(...values), changes: 0 };
      return { rows: [], changes: Number(statement.run(...values).changes) };
    },
    prepareWrite(sql) {
      const statement = database.prepare(sql);
      return (values) => Number(statement.run(...values).changes);
    },
    say: (words) => database.exec(words),
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function prepare(database: DatabaseSync, prepared: Map<string, StatementSync>, sql: string): StatementSync {
  const statement = database.prepare(sql);
  if (prepared.size >= MOST_PREPARED) prepared.clear();
  prepared.set(sql, statement);
  return statement;
}

function sqliteValue(value: unknown): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : ((value ?? null) as SQLInputValue);
}

/** What SQLite, or the operating system, said no with, in parts that survive the way between threads. */
export function faultOf(error: unknown): Fault {
  const { message, code } = error as NodeJS.ErrnoException;
  const isSystem = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return {
    message,
    resultCode: resultCodeOf(error),
    ...(isSystem && { systemCode: code }),
  };
}

export function resultCodeOf(error: unknown): number {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode : 0;
}
