import type { Clock, Timer } from '../core/clock.ts';
import type { KeptResponse } from '../core/kept-response.ts';
import type { ResponseStore } from '../store/store.ts';

/** Where responses lie. Furniture: it outlives a reload. Putting costs the call nothing; reading sees all that was put before. */
export interface Shelf {
  put(kept: KeptResponse): void;
  find(id: string, keyId: string): Promise<KeptResponse | undefined>;
  /** The response and those before it as far as they are there, the oldest first; empty if there is no such response. */
  conversation(id: string, keyId: string): Promise<KeptResponse[]>;
  /** Whether there was one. */
  remove(id: string, keyId: string): Promise<boolean>;
  /** Takes away what has expired, now and every day from now on. */
  startPurging(): void;
  /** Resolves when all that was put is written down, or has failed to be. */
  flush(): Promise<void>;
  /** As `flush`; and nothing is purged from then on. */
  close(): Promise<void>;
}

export interface ShelfDeps {
  store: ResponseStore;
  clock: Clock;
  log: { error(facts: object, message: string): void };
}

const DAY_MS = 86_400_000;
/** More input than this, waiting for a store that lags, is not held in memory. */
const MOST_WAITING = 64 * 1024 * 1024;

export function createShelf({ store, clock, log }: ShelfDeps): Shelf {
  let waiting: KeptResponse[] = [];
  let waitingLength = 0;
  const writing = new Set<Promise<void>>();
  let soon: Timer | undefined;
  let nextPurge: Timer | undefined;

  async function write(kept: KeptResponse): Promise<void> {
    try {
      await store.insert(kept);
    } catch (error) {
      log.error({ err: error, response: kept.id }, 'a response could not be kept; its call is not affected');
    } finally {
      waitingLength -= kept.input.length;
    }
  }

  function writeWaiting(): void {
    soon?.cancel();
    soon = undefined;
    const all = waiting;
    waiting = [];
    for (const kept of all) run(write(kept));
  }

  /** Waited for by whoever flushes. */
  function run(work: Promise<void>): void {
    const done = work.finally(() => writing.delete(done));
    writing.add(done);
  }

  /** What fails is logged by itself. */
  async function flush(): Promise<void> {
    writeWaiting();
    await Promise.all(writing);
  }

  async function purge(): Promise<void> {
    try {
      await store.purge(clock.wallMs());
    } catch (error) {
      log.error({ err: error }, 'expired responses could not be taken away; tried again tomorrow');
    }
  }

  return {
    put(kept) {
      if (waitingLength > MOST_WAITING) {
        log.error({ response: kept.id }, 'a response is not kept: the store does not keep up');
        return;
      }
      waitingLength += kept.input.length;
      waiting.push(kept);
      // After this turn of the event loop: the answer's last bytes go first.
      soon ??= clock.setTimeout(writeWaiting, 0);
    },
    async find(id, keyId) {
      await flush();
      return store.find(id, keyId, clock.wallMs());
    },
    async conversation(id, keyId) {
      await flush();
      return store.conversation(id, keyId, clock.wallMs());
    },
    async remove(id, keyId) {
      await flush();
      return store.remove(id, keyId);
    },
    startPurging() {
      nextPurge = clock.setTimeout(() => this.startPurging(), DAY_MS);
      run(purge());
    },
    flush,
    async close() {
      nextPurge?.cancel();
      await flush();
    },
  };
}
