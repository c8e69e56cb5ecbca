/** The thread in which SQLite works: node:sqlite is synchronous, and streams must not wait for a disk. */

import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Answer, type Fault, OPENING, type Outcome, type Question, type Statement } from './messages.ts';

const BUSY = 5;
const LOCK_PATIENCE_MS = 250;
const BUSY_PATIENCE_MS = 5_000;
const MOST_PREPARED = 200;

class HeldElsewhere extends Error {
  readonly heldBy: number | 'unknown';
  constructor(heldBy: number | 'unknown') {
    super('held by another gateway');
    this.heldBy = heldBy;
  }
}

interface Home {
  database: DatabaseSync;
  lock: DatabaseSync | undefined;
  prepared: Map<string, StatementSync>;
}

function open(file: string): Home {
  const isFile = file !== ':memory:';
  if (isFile) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    // SQLite's own files beside it take over the rights of the database.
    closeSync(openSync(file, 'a', 0o600));
  }
  const lock = isFile ? takeLock(`${file}.lock`) : undefined;
  try {
    const database = new DatabaseSync(file);
    database.exec(`pragma busy_timeout = ${BUSY_PATIENCE_MS}`);
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = normal');
    database.exec('pragma foreign_keys = on');
    return { database, lock, prepared: new Map() };
  } catch (error) {
    lock?.close();
    throw error;
  }
}

/**
 * One gateway per database: each has the keys in memory, and would not hear of another's changes. The lock is an open write
 * transaction on a file of its own, so that it ends with the process however that ends, and backups can still read the database.
 */
function takeLock(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file);
  try {
    lock.exec(`pragma busy_timeout = ${LOCK_PATIENCE_MS}`);
    lock.exec('begin immediate');
    lock.exec('create table if not exists holder (pid integer not null)');
    lock.exec('delete from holder');
    lock.prepare('insert into holder values (?)').run(process.pid);
    lock.exec('commit');
    lock.exec('begin immediate');
    return lock;
  } catch (error) {
    if (resultCodeOf(error) % 256 !== BUSY) throw error;
    const heldBy = readHolder(lock);
    lock.close();
    throw new HeldElsewhere(heldBy);
  }
}

function readHolder(lock: DatabaseSync): number | 'unknown' {
  try {
    const row = lock.prepare('select pid from holder').get() as { pid: number } | undefined;
    return row?.pid ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function answer({ database, prepared }: Home, { sql, parameters, wants }: Statement): Outcome {
  const statement = prepared.get(sql) ?? prepare(database, prepared, sql);
  const values = parameters.map(sqliteValue);
  if (wants === 'rows') return { rows: statement.all(...values), changes: 0 };
  return { rows: [], changes: Number(statement.run(...values).changes) };
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

function resultCodeOf(error: unknown): number {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode : 0;
}

function faultOf(error: unknown): Fault {
  const { message, code } = error as NodeJS.ErrnoException;
  const isSystem = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return {
    message,
    resultCode: resultCodeOf(error),
    ...(isSystem && { systemCode: code }),
    ...(error instanceof HeldElsewhere && { heldBy: error.heldBy }),
  };
}

function serve(port: MessagePort, home: Home): void {
  port.on('message', ({ id, statement }: Question) => {
    if (statement === undefined) {
      home.database.close();
      home.lock?.close();
      port.close();
      return;
    }
    port.postMessage(attempt(id, () => answer(home, statement)));
  });
}

function attempt(id: number, work: () => Outcome): Answer {
  try {
    return { id, outcome: work() };
  } catch (error) {
    return { id, fault: faultOf(error) };
  }
}

function start(port: MessagePort, file: string): void {
  try {
    serve(port, open(file));
    port.postMessage({ id: OPENING, outcome: { rows: [], changes: 0 } } satisfies Answer);
  } catch (error) {
    port.postMessage({ id: OPENING, fault: faultOf(error) } satisfies Answer);
    port.close();
  }
}

start(parentPort!, (workerData as { file: string }).file);
