import type { Metric, Registry } from 'prom-client';

/** A histogram whose series are found once and then cost a few comparisons a value; the library's own joins and hashes all labels at every value. */
export interface Histogram {
  /** The series of these labels; asked for once, and kept by whoever observes. */
  series(labels: Readonly<Record<string, string>>): Series;
}

export interface Series {
  /** Takes one value. */
  observe(value: number): void;
}

/** Registers a histogram. `buckets` are upper bounds, rising. */
export function createHistogram({
  name,
  help,
  labelNames = [],
  buckets,
  registry,
}: {
  name: string;
  help: string;
  /** For the reference page. */
  labelNames?: readonly string[];
  buckets: readonly number[];
  registry: Registry;
}): Histogram {
  const known: Counts[] = [];
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    labelNames,
    upperBounds: buckets,
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: known.flatMap((counts) => counts.values(name)),
    }),
  };
  // The registry asks nothing else of a metric; its type only knows the library's own.
  registry.registerMetric(metric as unknown as Metric);
  return {
    series(labels) {
      const counts = new Counts(labels, buckets);
      known.push(counts);
      return counts;
    },
  };
}

class Counts implements Series {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #bounds: readonly number[];
  /** By bucket, not yet added up; the last one is past all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at += 1;
    this.#counts[at]! += 1;
    this.#sum += value;
  }

  values(name: string): { metricName: string; labels: Record<string, string | number>; value: number }[] {
    const values = [];
    let count = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      count += this.#counts[at]!;
      const le = this.#bounds[at] ?? '+Inf';
      values.push({ metricName: `${name}_bucket`, labels: { le, ...this.#labels }, value: count });
    }
    values.push({ metricName: `${name}_sum`, labels: { ...this.#labels }, value: this.#sum });
    values.push({ metricName: `${name}_count`, labels: { ...this.#labels }, value: count });
    return values;
  }
}
