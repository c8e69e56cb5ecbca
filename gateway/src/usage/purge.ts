import type { Clock, Timer } from '../core/clock.ts';
import type { Retention, UsageStore } from './usage-store.ts';

/** How long what is kept of calls is kept, in milliseconds; absent: for ever. */
export type KeepFor = Retention;

export interface Purge {
  /** Takes away what is too old now, and then every hour. */
  start(): void;
  /** Once. Gives how many rows of each went. */
  run(): Promise<Record<keyof Retention, number>>;
  close(): Promise<void>;
}

const EVERY_MS = 3_600_000;

/** Holds the log of calls, their bodies, the ledger and the sums to their time. */
export function createPurge({
  store,
  clock,
  keepFor,
  onPurged,
  onFailure,
}: {
  store: Pick<UsageStore, 'purge'>;
  clock: Clock;
  /** Asked each time, as it may change with the configuration. */
  keepFor: () => KeepFor;
  onPurged: (counts: Record<keyof Retention, number>) => void;
  onFailure: (error: Error) => void;
}): Purge {
  let timer: Timer | undefined;
  let working: Promise<void> = Promise.resolve();
  let isClosed = false;

  function run(): Promise<Record<keyof Retention, number>> {
    const now = clock.wallMs();
    const kept = Object.entries(keepFor()).filter(([, milliseconds]) => milliseconds !== undefined);
    return store.purge(Object.fromEntries(kept.map(([name, milliseconds]) => [name, now - milliseconds!])));
  }

  async function again(): Promise<void> {
    try {
      const counts = await run();
      if (Object.values(counts).some((count) => count > 0)) onPurged(counts);
    } catch (error) {
      onFailure(error as Error);
    }
    if (!isClosed) timer = clock.setTimeout(() => (working = again()), EVERY_MS);
  }

  return {
    start() {
      working = again();
    },
    run,
    async close() {
      isClosed = true;
      timer?.cancel();
      await working;
    },
  };
}
