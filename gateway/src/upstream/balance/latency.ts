import { createInputSlope, extraMs, type InputSlope, learnSlope } from './input-slope.ts';

/**
 * How long a target lets its callers wait, told by two means of which the one forgets within a few seconds and the other in some ten: the greater of them is believed, so that
 * bad news counts at once and good news when it lasts.
 */
export interface Latency {
  /** Milliseconds for an average input; undefined: never seen. */
  fastMs: number | undefined;
  slowMs: number | undefined;
  /** When it was last heard of. */
  heardAt: number;
  slope: InputSlope;
}

const FAST_TAU_MS = 3_000;
/** With 15 s, a target that is no longer slow has half its share 20 s later; with 8 s, nearly all of it (bench/sim/balance.ts). */
const SLOW_TAU_MS = 8_000;
/** However long ago the last answer was, this share of the mean is kept. */
const LEAST_KEPT = 0.5;
/** What was not heard of for so long is believed less and less. */
const IDLE_AFTER_MS = 30_000;
const FORGETTING_TAU_MS = 30_000;
/** A stranger that fails within this time has told nothing of how fast it answers. */
const LEAST_TELLING_MS = 1_000;
/** However short the input, an answer takes this share of the usual time. */
const LEAST_SHARE = 0.25;

export function createLatency(): Latency {
  return { fastMs: undefined, slowMs: undefined, heardAt: 0, slope: createInputSlope() };
}

/** An answer began after so many milliseconds. */
export function learnLatency(latency: Latency, ms: number, inputTokens: number, now: number): void {
  learnSlope(latency.slope, inputTokens, ms);
  average(latency, Math.max(ms - extraMs(latency.slope, inputTokens), ms * LEAST_SHARE), now);
}

/** No answer began within so many milliseconds: it would have taken longer still, if there had been one. Tells nothing where that is no longer than usual. */
export function learnLowerBound(latency: Latency, ms: number, now: number): void {
  if (ms > (latency.slowMs === undefined ? LEAST_TELLING_MS : usualMs(latency))) average(latency, ms, now);
}

/** Milliseconds until an answer to this input is expected to begin. What is unknown is expected to be as its peers are (`peerMs`), and what was idle becomes unknown. */
export function expectedMs(latency: Latency, inputTokens: number, peerMs: number, now: number): number {
  if (latency.slowMs === undefined) return peerMs;
  let usual = usualMs(latency);
  const idle = now - latency.heardAt - IDLE_AFTER_MS;
  if (idle > 0) usual = peerMs + (usual - peerMs) * Math.exp(-idle / FORGETTING_TAU_MS);
  const extra = extraMs(latency.slope, inputTokens);
  return extra === 0 ? usual : Math.max(usual + extra, usual * LEAST_SHARE);
}

/** Milliseconds for an average input, as last heard. 0: never seen. */
export function usualMs(latency: Latency): number {
  return Math.max(latency.fastMs ?? 0, latency.slowMs ?? 0);
}

function average(latency: Latency, ms: number, now: number): void {
  const since = now - latency.heardAt;
  latency.fastMs = weigh(latency.fastMs, ms, since, FAST_TAU_MS);
  latency.slowMs = weigh(latency.slowMs, ms, since, SLOW_TAU_MS);
  latency.heardAt = now;
}

/** A mean in which what is older than tau counts for little, however many were heard in between; and one after a long silence is not believed alone. */
export function weigh(mean: number | undefined, heard: number, sinceMs: number, tauMs: number): number {
  return mean === undefined ? heard : heard + (mean - heard) * Math.max(Math.exp(-sinceMs / tauMs), LEAST_KEPT);
}
