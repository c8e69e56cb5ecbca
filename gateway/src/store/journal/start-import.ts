import { startThread } from '../start-thread.ts';
import type { StoreLog } from '../store.ts';
import type { ImportNews, ImportOrder, ImportPlace } from './import-messages.ts';

/** Books a journal into the database, in a thread of its own. */
export interface JournalImporter {
  /** Resolves when all that the journal held was booked, or could not be. */
  catchUp(): Promise<void>;
  /** Undefined while it books; else why not. The journal grows meanwhile, and nothing is lost. */
  whyUnwell(): string | undefined;
  /** For metrics: calls booked by this process, bytes that wait, lines that could not be booked. */
  state(): { bookedCalls: number; behindBytes: number; unfitLines: number };
  /** Books what is there and ends. */
  close(): Promise<void>;
}

/** Starts booking. The tables must be there already. A database in memory cannot be reached by a second thread; nothing is booked into one. */
export function startImport(place: ImportPlace, log: StoreLog): JournalImporter {
  if (place.url === 'sqlite::memory:') return NO_IMPORT;
  const worker = startThread('import-worker', import.meta.url, place);
  const waiting = new Map<number, () => void>();
  const state = { bookedCalls: 0, behindBytes: 0, unfitLines: 0 };
  let lastId = 0;
  let ailment: string | undefined;
  let isClosing = false;
  let isOver = false;

  const hear = (news: ImportNews) => {
    switch (news.name) {
      case 'booked':
        if (ailment !== undefined) log.info({ calls: news.calls }, 'the journal is booked again');
        ailment = undefined;
        state.bookedCalls += news.calls;
        state.behindBytes = news.behindBytes;
        break;
      case 'failed':
        if (ailment === undefined)
          log.error({ why: news.why }, 'the journal cannot be booked; calls go on, it grows and is booked later');
        ailment = news.why;
        break;
      case 'unfit':
        state.unfitLines += 1;
        log.error({ file: news.file, offset: news.offset, why: news.why }, 'a line of the journal cannot be booked');
        break;
      case 'done':
        settle(news.order);
        break;
    }
  };
  const settle = (id: number) => {
    waiting.get(id)?.();
    waiting.delete(id);
    // While it closes it keeps the process alive: what is booked then must be booked to its end.
    if (waiting.size === 0 && !isClosing) worker.unref();
  };
  const order = (isLast: boolean): Promise<void> => {
    if (isOver) return Promise.resolve();
    const id = ++lastId;
    worker.ref();
    worker.postMessage({ id, isLast } satisfies ImportOrder);
    return new Promise((resolve) => waiting.set(id, resolve));
  };

  worker.unref();
  worker.on('message', hear);
  worker.on('error', (error) => {
    ailment = `The thread that books the journal ended: ${String(error)}. Restart the gateway; nothing is lost.`;
    log.error({ err: error }, 'the thread that books the journal ended; calls go on, the journal grows');
  });
  const exited = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      isOver = true;
      for (const id of [...waiting.keys()]) settle(id);
      resolve();
    }),
  );

  return {
    catchUp: () => order(false),
    whyUnwell: () => ailment,
    state: () => ({ ...state }),
    async close() {
      isClosing = true;
      await order(true);
      await exited;
    },
  };
}

const NO_IMPORT: JournalImporter = {
  catchUp: async () => {},
  whyUnwell: () => undefined,
  state: () => ({ bookedCalls: 0, behindBytes: 0, unfitLines: 0 }),
  close: async () => {},
};
