const SHORTEST_MS = 1;
const GROWTH = 1.15;
const LOG_GROWTH = Math.log(GROWTH);
/** Reaches past two hours. */
const BUCKETS = 114;
/** At this weight all counts are halved: what was seen lately weighs more, and what was seen 2,000 values ago nothing. */
const MOST_WEIGHT = 512;
const HALF_LIFE_MS = 1_800_000;

/** Times, kept as counts per bucket of 15 % width, so that any quantile costs the same memory. Old ones fade. */
export interface LatencyHistogram {
  note(ms: number, now: number): void;
  /** Milliseconds below which this share (0 to 1) lies, at most 15 % too high; undefined of nothing. */
  quantile(share: number): number | undefined;
  /** How many values it stands on, faded ones in part. */
  readonly weight: number;
}

export function createLatencyHistogram(now: number): LatencyHistogram {
  const counts = new Float32Array(BUCKETS);
  let weight = 0;
  let fadedAt = now;

  const fade = (by: number) => {
    for (let at = 0; at < BUCKETS; at++) counts[at]! *= by;
    weight *= by;
  };

  return {
    note(ms, at) {
      const halfLives = Math.floor((at - fadedAt) / HALF_LIFE_MS);
      if (halfLives > 0) {
        fade(0.5 ** halfLives);
        fadedAt += halfLives * HALF_LIFE_MS;
      }
      const bucket = Math.floor(Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / LOG_GROWTH);
      counts[Math.min(BUCKETS - 1, bucket)]! += 1;
      weight += 1;
      if (weight >= MOST_WEIGHT) fade(0.5);
    },
    quantile(share) {
      if (weight === 0) return undefined;
      let left = share * weight;
      for (let at = 0; at < BUCKETS; at++) {
        left -= counts[at]!;
        // Counts are kept in 32 bits, their sum in 64: the last crumbs may not add up.
        if (left <= 1e-4 * weight) return SHORTEST_MS * GROWTH ** (at + 1);
      }
      return SHORTEST_MS * GROWTH ** BUCKETS;
    },
    get weight() {
      return weight;
    },
  };
}
