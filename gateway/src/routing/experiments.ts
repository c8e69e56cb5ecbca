import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { CallRecord } from '../core/record.ts';

/** What came of an A/B test so far, variant by variant, and whether the differences mean anything. Furniture: it outlives a reload. */
export interface Experiments {
  take(record: CallRecord): void;
  report(test: string): VariantReport[];
  tests(): string[];
}

export interface VariantReport {
  variant: string;
  calls: number;
  errorRate: number;
  latencyMs: { mean: number; p50: number; p95: number };
  firstTokenMs: { mean: number };
  costUsd: { mean: number };
  outputTokens: { mean: number };
  /** Two-sided p-values against the test's first variant: below 0.05 a difference of this size is hardly chance. Absent for the first one and below 30 calls. */
  significance?: { latency: number; errors: number; cost: number };
}

const LEAST_CALLS = 30;
/** Latencies of so many calls are kept for the percentiles. */
const KEPT_LATENCIES = 2048;
/** A test's name is configuration, a variant's too; but they may change with every reload. */
const MOST_VARIANTS = 1000;

export function createExperiments(): Experiments {
  const tests = new Map<string, Map<string, VariantSums>>();
  let variants = 0;

  function sumsOf(variant: string): VariantSums | undefined {
    const slash = variant.indexOf('/');
    const test = variant.slice(0, slash);
    const model = variant.slice(slash + 1);
    const known = tests.get(test)?.get(model);
    if (known !== undefined) return known;
    if (variants >= MOST_VARIANTS) return undefined;
    variants += 1;
    const made = new VariantSums();
    if (!tests.has(test)) tests.set(test, new Map());
    tests.get(test)!.set(model, made);
    return made;
  }

  return {
    take(record) {
      if (record.variant !== undefined && record.outcome !== 'refused') sumsOf(record.variant)?.add(record);
    },
    tests: () => [...tests.keys()],
    report(test) {
      const found = [...(tests.get(test) ?? [])];
      const first = found[0]?.[1];
      return found.map(([variant, sums]) => describe(variant, sums, first === sums ? undefined : first));
    },
  };
}

class VariantSums {
  calls = 0;
  errors = 0;
  readonly latency = new Spread();
  readonly firstToken = new Spread();
  readonly cost = new Spread();
  readonly output = new Spread();
  readonly latencies: number[] = [];

  add({ outcome, durationMs, firstByteMs, costPicoUsd, usage }: CallRecord): void {
    this.calls += 1;
    if (outcome !== 'complete') {
      if (outcome !== 'client-left') this.errors += 1;
      return;
    }
    this.latency.add(durationMs);
    this.latencies[(this.latency.count - 1) % KEPT_LATENCIES] = durationMs;
    if (firstByteMs !== undefined) this.firstToken.add(firstByteMs);
    if (costPicoUsd !== undefined) this.cost.add(costPicoUsd / PICO_PER_DOLLAR);
    if (usage?.outputTokens !== undefined) this.output.add(usage.outputTokens);
  }
}

/** Mean and variance of numbers as they come (Welford 1962). */
class Spread {
  count = 0;
  mean = 0;
  #squares = 0;

  add(value: number): void {
    this.count += 1;
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.#squares += delta * (value - this.mean);
  }

  get variance(): number {
    return this.count < 2 ? 0 : this.#squares / (this.count - 1);
  }
}

function describe(variant: string, sums: VariantSums, first: VariantSums | undefined): VariantReport {
  const sorted = [...sums.latencies].sort((one, other) => one - other);
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    variant,
    calls: sums.calls,
    errorRate: sums.calls === 0 ? 0 : sums.errors / sums.calls,
    latencyMs: { mean: sums.latency.mean, p50: quantile(0.5), p95: quantile(0.95) },
    firstTokenMs: { mean: sums.firstToken.mean },
    costUsd: { mean: sums.cost.mean },
    outputTokens: { mean: sums.output.mean },
    ...(first !== undefined &&
      Math.min(sums.calls, first.calls) >= LEAST_CALLS && { significance: compare(sums, first) }),
  };
}

function compare(one: VariantSums, other: VariantSums): { latency: number; errors: number; cost: number } {
  return {
    latency: welch(one.latency, other.latency),
    errors: twoProportions(one.errors, one.calls, other.errors, other.calls),
    cost: welch(one.cost, other.cost),
  };
}

/** Welch's test of two means; with 30 calls and more the normal curve stands in for Student's. */
function welch(one: Spread, other: Spread): number {
  const error = Math.sqrt(one.variance / Math.max(1, one.count) + other.variance / Math.max(1, other.count));
  if (error === 0) return one.mean === other.mean ? 1 : 0;
  return twoSided((one.mean - other.mean) / error);
}

function twoProportions(hits: number, of: number, otherHits: number, otherOf: number): number {
  const pooled = (hits + otherHits) / (of + otherOf);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / otherOf));
  return error === 0 ? 1 : twoSided((hits / of - otherHits / otherOf) / error);
}

function twoSided(z: number): number {
  return 2 * (1 - normal(Math.abs(z)));
}

/** The normal distribution, to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function normal(z: number): number {
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
  const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * (1 + (1 - polynomial * Math.exp((-z * z) / 2)));
}
