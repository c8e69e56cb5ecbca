import type { Clock } from '../core/clock.ts';
import { createKeptByName } from './kept-by-name.ts';
import { createRollingShare } from './rolling-share.ts';

const SHARE = 0.1;
const WINDOW_MS = 10_000;
const FLOOR_PER_SECOND = 3;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
const MOST_ROUTES = 1_024;

/** How many retries a route may make, so that a provider in trouble is not drowned by them. */
export interface RetryBudget {
  /** A client's call has come in. */
  noteCall(): void;
  /** Takes one retry, if there is one left. */
  take(): boolean;
  readonly left: number;
}

/** Retries are at most 10 % of the calls of the last 10 s, and 3 a second besides, so that quiet routes may retry at all. */
export function createRetryBudget({ clock }: { clock: Clock }): RetryBudget {
  const share = createRollingShare(clock, {
    share: SHARE,
    windowMs: WINDOW_MS,
    floor: (FLOOR_PER_SECOND * WINDOW_MS) / 1_000,
  });
  return {
    noteCall: () => share.note(1),
    take: () => share.take(1),
    get left() {
      return Math.floor(share.left);
    },
  };
}

/** The retry budgets of all routes, by the route's name. Furniture. */
export function createRetryBudgets({ clock }: { clock: Clock }): { of(route: string): RetryBudget } {
  return createKeptByName(MOST_ROUTES, () => createRetryBudget({ clock }));
}

/** Milliseconds to wait before retry `attempt` (0 is the first): anything up to 100 ms x 2^attempt, so that those who failed together do not come back together ("full jitter"). */
export function jitter(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}
