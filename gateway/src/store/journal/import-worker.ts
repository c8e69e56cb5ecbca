/** The thread in which journals are booked: reading, summing and, with SQLite, writing are work that streams must not wait for. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createJournalImport } from './import-journal.ts';
import type { ImportNews, ImportOrder, ImportPlace } from './import-messages.ts';
import { type OpenBook, openJournalBook } from './open-book.ts';
import { restAfter } from './rest-after.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** Books again and again until it is told to close. Every order is answered once. */
async function serve(port: MessagePort, place: ImportPlace): Promise<void> {
  const say = (news: ImportNews) => port.postMessage(news);
  const orders = createOrders(port);
  let open: OpenBook | undefined;
  let removedAt = 0;

  async function importOnce(isOrdered: boolean): Promise<void> {
    open ??= await openJournalBook(place);
    const journal = createJournalImport({
      book: open.book,
      folder: place.folder,
      journal: place.journal,
      isUnfit: open.isUnfit,
      onUnfit: ({ file, offset }, why) => say({ name: 'unfit', file, offset, why }),
    });
    let restedAtMs = usedCpuMs();
    const { calls, behindBytes } = await journal.run(async (untilMs) => {
      // Somebody who waits for a report is not made to wait for the sake of calls.
      if (!isOrdered) await orders.come(restAfter({ workedMs: usedCpuMs() - restedAtMs, ageMs: Date.now() - untilMs }));
      restedAtMs = usedCpuMs();
    });
    say({ name: 'booked', calls, behindBytes });
    if (Date.now() - removedAt > HOUR_MS) {
      removedAt = Date.now();
      await journal.removeBefore(new Date(removedAt - place.keepDays * DAY_MS).toISOString().slice(0, 10));
    }
  }

  /** How long to wait until the next time. */
  async function work(before: number, isOrdered: boolean): Promise<number> {
    try {
      await importOnce(isOrdered);
      return place.everyMs;
    } catch (error) {
      say({ name: 'failed', why: open?.explain(error) ?? String(error) });
      return Math.min(Math.max(before * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    }
  }

  for (let pause = place.everyMs; ; ) {
    const order = await orders.next(pause);
    pause = await work(pause === place.everyMs ? 0 : pause, order !== undefined);
    if (order !== undefined) say({ name: 'done', order: order.id });
    if (order?.isLast === true) break;
  }
  await open?.close().catch(() => {});
  port.close();
}

/** What this thread has used of its core; where Node cannot tell, as if it had never waited for the database. */
function usedCpuMs(): number {
  const used = process.threadCpuUsage?.();
  return used === undefined ? performance.now() : (used.user + used.system) / 1_000;
}

/** Orders one after the other. */
function createOrders(port: MessagePort) {
  const waiting: ImportOrder[] = [];
  let wake: (() => void) | undefined;
  port.on('message', (order: ImportOrder) => {
    waiting.push(order);
    wake?.();
  });

  /** Resolves when an order waits, or none has come for so long. */
  async function come(patienceMs: number): Promise<void> {
    if (waiting.length > 0 || patienceMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    come,
    /** Undefined when none has come for so long. */
    async next(patienceMs: number): Promise<ImportOrder | undefined> {
      await come(patienceMs);
      return waiting.shift();
    },
  };
}

await serve(parentPort!, workerData as ImportPlace);
