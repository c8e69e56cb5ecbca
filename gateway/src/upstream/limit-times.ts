import type { Timeouts } from '../core/target.ts';

export interface Limits {
  /** The target's own. */
  own: Timeouts;
  /** What the plan waits for a first byte at most, in milliseconds; 0 or absent: as long as the target says. */
  firstByteMs: number | undefined;
  /** What this model is known to take until its first byte, within `max`; absent: nobody else could be asked meanwhile. */
  learn: ((max: number) => number) | undefined;
  /** What is left of the client's own patience, in milliseconds; infinite where it said nothing. */
  leftMs: number;
  /** True: others could still answer after this one. */
  isFirstOfSeveral: boolean;
}

/**
 * How long one attempt waits: as configured, but no longer than the client does, and while there are others no longer than the model is known to take. `isHurried`: it is
 * the client who cannot wait longer, which says nothing of the target.
 */
export function limitTimes({ own, firstByteMs, learn, leftMs, isFirstOfSeveral }: Limits): {
  timeouts: Timeouts;
  isHurried: boolean;
} {
  const most = firstByteMs ? soonest(own.firstByte, firstByteMs) : own.firstByte;
  const firstByte = learn?.(most) ?? most;
  if (leftMs === Number.POSITIVE_INFINITY)
    return { timeouts: firstByte === own.firstByte ? own : { ...own, firstByte }, isHurried: false };
  // The first of several may spend half of what is left, so that another can still answer.
  const share = isFirstOfSeveral ? leftMs / 2 : leftMs;
  const timeouts = { ...own, firstByte: soonest(firstByte, share), total: soonest(own.total, leftMs) };
  return { timeouts, isHurried: firstByte === 0 || share < firstByte };
}

/** The earlier of two time limits, of which 0 and infinity are none. */
function soonest(one: number, other: number): number {
  const first = Math.min(one || Number.POSITIVE_INFINITY, other);
  return first === Number.POSITIVE_INFINITY ? 0 : Math.ceil(first);
}
