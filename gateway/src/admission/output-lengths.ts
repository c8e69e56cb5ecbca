/** Remembers how long answers were, to guess how long the next one will be. */
export interface OutputLengths {
  /** What nine of ten of the last answers stayed within; a guess of 600 until enough are known. */
  expect(keyId: string, model: string): number;
  learn(keyId: string, model: string, tokens: number): void;
}

const KEPT = 400;
const ENOUGH = 20;
const COLD = 600;
const SHARE = 0.9;
/** The quantile is worked out anew after so many answers. */
const REFRESHED_EVERY = 10;
const MOST_SERIES = 5_000;

interface Series {
  lengths: Uint32Array;
  count: number;
  quantile: number;
}

export function createOutputLengths(): OutputLengths {
  const all = new Map<string, Series>();
  return {
    expect: (keyId, model) => all.get(`${keyId}\n${model}`)?.quantile ?? COLD,
    learn(keyId, model, tokens) {
      const name = `${keyId}\n${model}`;
      let series = all.get(name);
      if (series === undefined) {
        if (all.size >= MOST_SERIES) all.delete(all.keys().next().value!);
        series = { lengths: new Uint32Array(KEPT), count: 0, quantile: COLD };
        all.set(name, series);
      }
      series.lengths[series.count % KEPT] = tokens;
      series.count += 1;
      if (series.count >= ENOUGH && series.count % REFRESHED_EVERY === 0) series.quantile = quantileOf(series);
    },
  };
}

function quantileOf({ lengths, count }: Series): number {
  const sorted = lengths.slice(0, Math.min(count, KEPT)).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * SHARE) - 1)]!;
}
