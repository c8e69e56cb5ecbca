import type { Gate } from '../../core/limits.ts';
import type { Redis } from './create-redis.ts';
import { BOOK, EPOCH, PREFIX } from './gate-scripts.ts';

/** Something to be written down in Redis, now or when it is there again. */
export type Booking =
  | { kind: 'b'; gate: Gate & { kind: 'rate' | 'tokens' }; change: number; mark: number; refunds: number }
  | { kind: 'a'; gate: Gate & { kind: 'rate' | 'tokens' }; level: number; epoch: string }
  | { kind: 's'; gate: Gate & { kind: 'slots' }; holder: string }
  | { kind: 'm'; gate: Gate & { kind: 'sum' }; holder: string; spent: number }
  | { kind: 'r'; gate: Gate & { kind: 'sum' }; spent: number };

/** Books in the order in which it was asked to, each thing once. */
export interface Bookings {
  /** `isFirst`: before all that waits. */
  add(booking: Booking, isFirst?: boolean): void;
  /** Resolves when everything is written, or Redis is away. */
  flush(): Promise<void>;
}

const BATCH = 200;
/** So much is kept for a Redis that is away. Money is always kept: what else is lost heals by itself. */
const MOST_WAITING = 20_000;

export function createBookings({ redis, node }: { redis: Redis; node: string }): Bookings {
  let waiting: Booking[] = [];
  /** Sent, and perhaps written down: sent again as it is, under the same number, until Redis has said so. */
  let batch: Booking[] = [];
  let number = 0;
  let sending: Promise<void> | undefined;
  let dropFrom = MOST_WAITING;

  async function send(): Promise<void> {
    try {
      // In the next turn: what ends together is written together.
      await undefined;
      while (redis.isUp) {
        if (batch.length === 0) {
          if (waiting.length === 0) return;
          batch = waiting.splice(0, BATCH);
          number += 1;
        }
        await redis.run(BOOK, ...written(batch, node, number));
        batch = [];
      }
    } catch {
      // The batch stays, for the next time.
    } finally {
      sending = undefined;
    }
  }

  function flush(): Promise<void> {
    sending ??= send();
    return sending;
  }

  function add(booking: Booking, isFirst = false): void {
    if (isFirst) waiting.unshift(booking);
    else waiting.push(booking);
    if (waiting.length > dropFrom) {
      waiting = waiting.filter(({ kind }, index) => kind === 'm' || kind === 'r' || index >= MOST_WAITING / 2);
      dropFrom = Math.max(MOST_WAITING, waiting.length * 2);
    }
    if (redis.isUp) void flush();
  }

  redis.onUp(() => void flush());
  return { flush, add };
}

function written(batch: readonly Booking[], node: string, number: number): [keys: string[], words: string[]] {
  const keys = [`${PREFIX}node:${node}`];
  const words = [String(number)];
  for (const booking of batch) write(booking, keys, words);
  return [keys, words];
}

export const keyOf = (gate: Gate) => `${PREFIX}g:${gate.id}`;

/** The keys of a gate, as the scripts expect them. */
export function keysOf(gate: Gate): string[] {
  return gate.kind === 'sum' ? [keyOf(gate), `${keyOf(gate)}:x`] : [keyOf(gate)];
}

function write(booking: Booking, keys: string[], words: string[]): void {
  const { kind, gate } = booking;
  keys.push(...keysOf(gate));
  switch (kind) {
    case 'b': {
      const { change, mark, refunds } = booking;
      words.push('b', String(gate.capacityUs), String(change), String(mark), String(refunds), String(gate.periodUs));
      return;
    }
    case 'a':
      keys.push(EPOCH);
      words.push('a', String(booking.level), booking.epoch, '', '', '');
      return;
    case 's':
      words.push('s', booking.holder, '', '', '', '');
      return;
    case 'm':
      words.push('m', booking.holder, String(booking.spent), String(gate.endsAtMs), '', '');
      return;
    case 'r':
      words.push('r', String(booking.spent), String(gate.endsAtMs), '', '', '');
  }
}
