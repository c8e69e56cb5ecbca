import { createBoundedMap } from './bounded-map.ts';

/** Keeps a key's calls at the dearest tier to a share of all its calls, as text that anybody writes may lead there. */
export interface TierShare {
  /** True: one more call at the dearest tier stays within the share. */
  allows(key: string, most: number): boolean;
  note(key: string, isDearest: boolean): void;
}

/** Calls that are remembered of a key, roughly: older ones fade. */
const MEMORY = 200;
/** So many are let through before there is a share to speak of. */
const GRACE = 5;
const MOST_KEYS = 10_000;

export function createTierShare(): TierShare {
  const counts = createBoundedMap<{ all: number; dearest: number }>(MOST_KEYS);
  return {
    allows(key, most) {
      const { all = 0, dearest = 0 } = counts.get(key) ?? {};
      return dearest + 1 <= Math.max(GRACE * most, most * (all + 1));
    },
    note(key, isDearest) {
      const { all = 0, dearest = 0 } = counts.get(key) ?? {};
      const keep = all >= MEMORY ? 1 - 1 / MEMORY : 1;
      counts.set(key, { all: all * keep + 1, dearest: dearest * keep + (isDearest ? 1 : 0) });
    },
  };
}
