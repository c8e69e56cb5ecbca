import type { CallRecord } from '../core/record.ts';
import type { Series } from './histogram.ts';

/** A model at a provider. */
export interface Place {
  readonly labels: { model: string; provider: string };
  /** Calls that are being answered there now. */
  active: number;
  /** How long its streams take to begin; made at the first one. */
  firstToken: Series | undefined;
  readonly kinds: Sums[];
}

/** What calls of one kind add up to since somebody last asked. */
export interface Sums {
  readonly operation: string;
  readonly status: string;
  /** How long such calls take. */
  readonly duration: Series;
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
  at(provider: string, model: string): Place;
  /** The sums for calls of this kind. */
  of(place: Place, operation: string, status: string): Sums;
  places(): Iterable<Place>;
}

/**
 * Adds calls up in front of the metrics library, which sorts and joins labels at every step: a call costs a few map accesses here, and the library hears of it when
 * somebody reads the metrics.
 */
export function createSums(
  durationOf: (labels: Place['labels'] & { operation: string; status: string }) => Series,
): SumsOfCalls {
  // A map in a map: names that are keys as they are need not be joined first.
  const byProvider = new Map<string, Map<string, Place>>();

  function begin(provider: string, model: string): Place {
    const place: Place = { labels: { model, provider }, active: 0, firstToken: undefined, kinds: [] };
    const byModel = byProvider.get(provider);
    if (byModel === undefined) byProvider.set(provider, new Map([[model, place]]));
    else byModel.set(model, place);
    return place;
  }

  return {
    at: (provider, model) => byProvider.get(provider)?.get(model) ?? begin(provider, model),
    of({ labels, kinds }, operation, status) {
      for (const known of kinds) if (known.operation === operation && known.status === status) return known;
      const sums = beginSums(operation, status, durationOf({ ...labels, operation, status }));
      kinds.push(sums);
      return sums;
    },
    *places() {
      for (const byModel of byProvider.values()) yield* byModel.values();
    },
  };
}

function beginSums(operation: string, status: string, duration: Series): Sums {
  return {
    operation,
    status,
    duration,
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

/** Begins anew. */
export function clearSums(sums: Sums): void {
  sums.calls = sums.answeredAttempts = 0;
  sums.input = sums.output = sums.cached = sums.cacheWrite = sums.reasoning = 0;
  sums.costPicoUsd = sums.priced = sums.unpriced = sums.unmeasured = 0;
}

/** Adds the tokens and the cost of a call. */
export function addUsage(sums: Sums, { usage, costPicoUsd, isUnpriced }: CallRecord): void {
  // What failed attempts cost is paid for too, though the client has used nothing.
  if (usage === undefined) {
    if (costPicoUsd !== undefined && costPicoUsd > 0) {
      sums.priced += 1;
      sums.costPicoUsd += costPicoUsd;
    }
    return;
  }
  sums.input += usage.inputTokens;
  sums.output += usage.outputTokens;
  sums.cached += usage.cachedInputTokens ?? 0;
  sums.cacheWrite += usage.cacheWriteTokens ?? 0;
  sums.reasoning += usage.reasoningTokens ?? 0;
  if (costPicoUsd === undefined || isUnpriced === true) sums.unpriced += 1;
  if (costPicoUsd !== undefined) {
    sums.priced += 1;
    sums.costPicoUsd += costPicoUsd;
  }
}
