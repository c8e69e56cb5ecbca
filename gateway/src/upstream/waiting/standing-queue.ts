/** A wait that is longer than this is a queue that stands, not one that takes up a burst. */
const TARGET_MS = 1_000;
/** How long it must have stood before one is dropped. */
const INTERVAL_MS = 1_000;

/** When to drop from a queue that does not drain: the longer it stands the more often, until it stands no longer ("controlled delay", RFC 8289). */
export interface StandingQueue {
  /** Takes the age of the one that has waited longest (undefined: nobody waits); true: drop it. */
  isTooLong(oldestMs: number | undefined, now: number): boolean;
}

export function createStandingQueue(): StandingQueue {
  let standsSince: number | undefined;
  let drops = 0;
  let nextDropAt = 0;
  return {
    isTooLong(oldestMs, now) {
      if (oldestMs === undefined || oldestMs <= TARGET_MS) {
        standsSince = undefined;
        drops = 0;
        return false;
      }
      if (standsSince === undefined) {
        standsSince = now;
        nextDropAt = now + INTERVAL_MS;
      }
      if (now < nextDropAt) return false;
      drops += 1;
      nextDropAt += INTERVAL_MS / Math.sqrt(drops);
      return true;
    },
  };
}
