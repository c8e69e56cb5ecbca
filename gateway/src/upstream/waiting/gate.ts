import type { Concurrency, ConcurrencyLimit } from './concurrency-limit.ts';
import type { FairQueue } from './fair-queue.ts';
import type { StandingQueue } from './standing-queue.ts';

/** The way in to a target that takes only so many calls at once. */
export interface Gate {
  readonly target: string;
  concurrency: Concurrency | undefined;
  limit: ConcurrencyLimit;
  underWay: number;
  /** Queues in which somebody waits for this target; the one served last is last. */
  readonly waiting: Set<Queue>;
  /** Calls that were let in from a queue. */
  admitted: number;
}

/** Those who wait for the same targets in the name of the same group. */
export interface Queue {
  readonly key: string;
  readonly group: string;
  readonly targets: readonly string[];
  fair: FairQueue;
  standing: StandingQueue;
  since: number;
  admitted: number;
}

/** Every tenth place goes round whatever the importance, as within a queue. */
const PLACES_PER_FLOOR = 10;
const LONGEST_RETRY_AFTER_SECONDS = 60;
/** Where nothing is known of how fast the queue goes. */
export const UNKNOWN_RETRY_AFTER_SECONDS = 5;

export function hasRoom({ concurrency, underWay, limit }: Gate): boolean {
  return concurrency === undefined || underWay < limit.value;
}

/** The queue whose turn it is: of those with the most important call at their head the one that was served longest ago, and every tenth time just that. */
export function nextQueue({ waiting, admitted }: Gate): Queue | undefined {
  let next: Queue | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const queue of waiting) {
    const rank = admitted % PLACES_PER_FLOOR === PLACES_PER_FLOOR - 1 ? 0 : queue.fair.bestRank;
    if (rank < best) {
      next = queue;
      best = rank;
    }
  }
  return next;
}

/** Seconds until a call that comes now would have its turn, by how fast the queue has gone since it stands. */
export function secondsUntilTurn({ fair, admitted, since }: Queue, now: number): number {
  if (admitted === 0) return UNKNOWN_RETRY_AFTER_SECONDS;
  const perSecond = (1_000 * admitted) / Math.max(1, now - since);
  return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(fair.size / perSecond)));
}
