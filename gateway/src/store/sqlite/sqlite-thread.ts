import { startThread } from '../start-thread.ts';
import { type Answer, type Fault, OPENING, type Outcome, type Question, type Statement } from './messages.ts';

/** A database in a thread of its own. Statements are worked off in the order in which they come. */
export interface SqliteThread {
  run(statement: Statement): Promise<Outcome>;
  /** Closes the database when everything asked before is answered. */
  close(): Promise<void>;
}

/** What SQLite said no with; `fault.resultCode` tells why. */
export class SqliteFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'SqliteFault';
    this.fault = fault;
  }
}

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/** Starts the thread and opens `file`. Throws SqliteFault. `onDeath` is told if the thread ends without having been closed. */
export async function startSqlite(file: string, onDeath: (error: Error) => void): Promise<SqliteThread> {
  const worker = startThread('sqlite-worker', import.meta.url, { file });
  const waiting = new Map<number, Waiting>();
  let lastId = OPENING;
  let end: Error | undefined;

  /** An idle database does not keep the process alive; one that is asked, or is closing, does. */
  const settle = (id: number): Waiting | undefined => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0 && end === undefined) worker.unref();
    return asked;
  };
  const wait = (id: number) => {
    worker.ref();
    return new Promise<Outcome>((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
  const post = (question: Question) => worker.postMessage(question);
  const die = (error: Error) => {
    if (end !== undefined) return;
    end = error;
    for (const id of [...waiting.keys()]) settle(id)?.reject(error);
    onDeath(error);
  };

  worker.on('message', (answer: Answer) => {
    const asked = settle(answer.id);
    if ('fault' in answer) asked?.reject(new SqliteFault(answer.fault));
    else asked?.resolve(answer.outcome);
  });
  worker.on('error', (error) => die(new Error(`The thread of the database ended: ${String(error)}`, { cause: error })));
  const exited = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      die(new Error('The thread of the database has ended.'));
      resolve();
    }),
  );

  try {
    await wait(OPENING);
  } catch (error) {
    end ??= error as Error;
    throw error;
  }

  return {
    run(statement) {
      if (end !== undefined) return Promise.reject(end);
      const id = ++lastId;
      const outcome = wait(id);
      post({ id, statement });
      return outcome;
    },
    async close() {
      if (end === undefined) {
        end = new Error('The database is closed.');
        worker.ref();
        post({ id: ++lastId, statement: undefined });
      }
      await exited;
    },
  };
}
