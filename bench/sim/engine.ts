// A discrete-event engine: time jumps from event to event, and nothing happens but what was scheduled. The code under test gets
// the engine's clock and never knows.
import type { Clock } from '../../gateway/src/core/clock.ts';

export interface Engine {
  /** Simulated milliseconds; its timers are the engine's events. */
  readonly clock: Clock;
  /** Runs at a simulated time; events of one time run in the order in which they were asked for. */
  at(ms: number, run: () => void): void;
  after(ms: number, run: () => void): void;
  /** Runs all that happens until then, and stands at that time. */
  runUntil(ms: number): void;
}

interface Event {
  at: number;
  turn: number;
  run: (() => void) | undefined;
}

/** An engine at time 0 with nothing to do. */
export function createEngine(): Engine {
  const heap: Event[] = [];
  let now = 0;
  let turn = 0;

  function at(ms: number, run: () => void): Event {
    const event: Event = { at: Math.max(ms, now), turn: turn++, run };
    push(heap, event);
    return event;
  }

  return {
    clock: {
      now: () => now,
      wallMs: () => now,
      setTimeout(run, milliseconds) {
        const event = at(now + milliseconds, run);
        return {
          cancel: () => {
            event.run = undefined;
          },
        };
      },
    },
    at: (ms, run) => void at(ms, run),
    after: (ms, run) => void at(now + ms, run),
    runUntil(ms) {
      for (let next = heap[0]; next !== undefined && next.at <= ms; next = heap[0]) {
        pop(heap);
        now = next.at;
        next.run?.();
      }
      now = ms;
    },
  };
}

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A draw of the exponential distribution: the time between two arrivals that know nothing of each other. */
export function drawExponential(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** A draw of the log-normal distribution with this median (Box and Muller). */
export function drawLogNormal(random: () => number, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** The value below which this share (0 to 1) of the values lies; NaN of none. Sorts what it is given. */
export function quantile(values: number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.turn < b.turn);
}

function push(heap: Event[], event: Event): void {
  let hole = heap.length;
  heap.push(event);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (!isBefore(event, heap[parent]!)) break;
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = last;
}
