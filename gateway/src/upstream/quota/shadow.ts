import { type LimitHeaders, readReset } from './limit-headers.ts';

/** How long to keep away where a limit is used up and nobody says until when. */
const UNKNOWN_WAIT_MS = 10_000;
const LONGEST_RESET_MS = 86_400_000;

/** One limit of a provider, as it was last told and as it must be now. */
export interface Shadow {
  readonly headers: LimitHeaders;
  /** As told with the last answer. */
  remaining: number;
  limit: number | undefined;
  /** Sent since then, in the limit's measure. */
  spent: number;
  heardAt: number;
  heardAtWallMs: number;
  resetAsWritten: string | undefined;
}

/** When the limit will hold `need`, by the monotonic clock; in the past: it does now. A limit refills evenly until its reset (both large providers document a token bucket). */
export function refilledAt(shadow: Shadow, need: number): number {
  const { remaining, limit, spent, heardAt } = shadow;
  const missing = (limit === undefined ? need : Math.min(need, limit)) - (remaining - spent);
  if (missing <= 0) return heardAt;
  const perMs = refillPerMs(shadow);
  if (perMs !== undefined) return heardAt + missing / perMs;
  return heardAt + (untilReset(shadow) ?? UNKNOWN_WAIT_MS);
}

/** What is left of it now, never more than the whole. */
export function leftNow(shadow: Shadow, now: number): number {
  const refilled = (refillPerMs(shadow) ?? 0) * (now - shadow.heardAt);
  return Math.floor(Math.min(shadow.limit ?? Number.POSITIVE_INFINITY, shadow.remaining - shadow.spent + refilled));
}

function refillPerMs(shadow: Shadow): number | undefined {
  const { remaining, limit, headers } = shadow;
  if (limit === undefined || limit <= 0) return undefined;
  const resetMs = untilReset(shadow);
  if (resetMs !== undefined && resetMs > 0 && remaining < limit) return (limit - remaining) / resetMs;
  return limit / headers.windowMs;
}

/** Read only when the limit runs low, which spares most answers the reading of a date. */
function untilReset({ resetAsWritten, heardAtWallMs }: Shadow): number | undefined {
  if (resetAsWritten === undefined) return undefined;
  const resetMs = readReset(resetAsWritten, heardAtWallMs);
  return resetMs === undefined ? undefined : Math.min(LONGEST_RESET_MS, resetMs);
}
