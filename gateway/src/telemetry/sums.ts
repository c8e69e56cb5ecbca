import type { CallRecord } from '../core/record.ts';

/** What calls of one kind add up to since somebody last asked. */
export interface Sums {
  labels: { model: string; provider: string };
  labelsWithStatus: { model: string; provider: string; operation: string; status: string };
  calls: number;
  answeredAttempts: number;
  input: number;
  output: number;
  cached: number;
  cacheWrite: number;
  reasoning: number;
  costPicoUsd: number;
  priced: number;
  unpriced: number;
  unmeasured: number;
}

export interface SumsOfCalls {
  /** The sums for calls like this one. */
  of(model: string, record: CallRecord, status: string): Sums;
  /** Gives what has gathered, and begins anew. */
  take(): Iterable<Sums>;
}

/**
 * Adds calls up in front of the metrics library, which sorts and joins labels at every step: a call costs one map access here, and the library hears of it when
 * somebody reads the metrics.
 */
export function createSums(): SumsOfCalls {
  let gathered = new Map<string, Sums>();
  return {
    of(model, { provider = 'unknown', operation }, status) {
      const key = `${provider}\n${model}\n${operation}\n${status}`;
      let sums = gathered.get(key);
      if (sums === undefined) {
        sums = begin({ model, provider }, { model, provider, operation, status });
        gathered.set(key, sums);
      }
      return sums;
    },
    take() {
      const taken = gathered;
      gathered = new Map();
      return taken.values();
    },
  };
}

function begin(labels: Sums['labels'], labelsWithStatus: Sums['labelsWithStatus']): Sums {
  return {
    labels,
    labelsWithStatus,
    calls: 0,
    answeredAttempts: 0,
    input: 0,
    output: 0,
    cached: 0,
    cacheWrite: 0,
    reasoning: 0,
    costPicoUsd: 0,
    priced: 0,
    unpriced: 0,
    unmeasured: 0,
  };
}

/** Adds the tokens and the cost of a call. */
export function addUsage(sums: Sums, { usage, costPicoUsd }: CallRecord): void {
  if (usage === undefined) return;
  sums.input += usage.inputTokens;
  sums.output += usage.outputTokens;
  sums.cached += usage.cachedInputTokens ?? 0;
  sums.cacheWrite += usage.cacheWriteTokens ?? 0;
  sums.reasoning += usage.reasoningTokens ?? 0;
  if (costPicoUsd === undefined) sums.unpriced += 1;
  else {
    sums.priced += 1;
    sums.costPicoUsd += costPicoUsd;
  }
}
