/** The thread in which SQLite works: node:sqlite is synchronous, and streams must not wait for a disk. */
import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Answer, type Fault, OPENING, type Outcome, type Question } from './messages.ts';
import { faultOf, makeSqliteFile, openSqliteDatabase, type SqliteDatabase } from './sqlite-database.ts';
import { HeldElsewhere, takeLock } from './take-lock.ts';

interface Home {
  database: SqliteDatabase;
  lock: DatabaseSync | undefined;
}

function open(file: string): Home {
  const isFile = file !== ':memory:';
  if (isFile) makeSqliteFile(file);
  const lock = isFile ? takeLock(`${file}.lock`) : undefined;
  try {
    return { database: openSqliteDatabase(file), lock };
  } catch (error) {
    lock?.close();
    throw error;
  }
}

function serve(port: MessagePort, home: Home): void {
  port.on('message', ({ id, statement }: Question) => {
    if (statement === undefined) {
      home.database.close();
      home.lock?.close();
      port.close();
      return;
    }
    port.postMessage(attempt(id, () => home.database.answer(statement)));
  });
}

function attempt(id: number, work: () => Outcome): Answer {
  try {
    return { id, outcome: work() };
  } catch (error) {
    return { id, fault: explain(error) };
  }
}

function start(port: MessagePort, file: string): void {
  try {
    serve(port, open(file));
    port.postMessage({ id: OPENING, outcome: { rows: [], changes: 0 } } satisfies Answer);
  } catch (error) {
    port.postMessage({ id: OPENING, fault: explain(error) } satisfies Answer);
    port.close();
  }
}

function explain(error: unknown): Fault {
  return { ...faultOf(error), ...(error instanceof HeldElsewhere && { heldBy: error.heldBy }) };
}

start(parentPort!, (workerData as { file: string }).file);
