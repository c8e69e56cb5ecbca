import type { Concurrency, ConcurrencyLimit } from './concurrency-limit.ts';

const LEAST = 4;
const INITIAL = 20;
const MOST = 1_000;
/** First tokens may take half as long again before that counts as a queue. */
const TOLERANCE = 1.5;
const SMOOTHING = 0.2;
/** Room for a queue that is let grow, so that the limit can find its way up. */
const QUEUE = 4;
/** Samples of the long average, which is what first tokens take without a queue. */
const LONG_WINDOW = 600;
/** A long average that is this much too high comes from a time that is over. */
const STALE = 2;
const STALE_DECAY = 0.95;
const SAMPLE_CALLS = 10;
const SAMPLE_MS = 1_000;
const OVERLOAD_CUT = 0.9;
/** Between two probes of a target that is always full: a probe of ten seconds then costs 2 % of what it could do. */
const PROBE_EVERY_MS = 300_000;
/** The first, and the next after one that found the average far too high. */
const SOON_MS = 20_000;
const LONGEST_PROBE_MS = 30_000;

/**
 * Gradient2 (Netflix, concurrency-limits) on the time to the first token: the limit follows long average / short average, where the long one stands for a target without a queue.
 * The whole duration would say nothing, as it is the answer's length. What Gradient2 lacks: a queue that always stands becomes the long average, and the limit climbs with
 * it. So now and then a target that is always full is given half as much, and what first tokens take then is the long average from there on.
 */
export function createGradientLimit({
  least = LEAST,
  initial = INITIAL,
  most = MOST,
}: Omit<Extract<Concurrency, { kind: 'adaptive' }>, 'kind'>): ConcurrencyLimit {
  let limit = Math.min(most, Math.max(least, initial));
  let longMs: number | undefined;
  let longSamples = 0;
  let sample = emptySample();
  let cutAt = Number.NEGATIVE_INFINITY;
  let probe: Probe | undefined;
  let nextProbeAt: number | undefined;

  const learnLong = (shortMs: number): number => {
    longSamples = Math.min(LONG_WINDOW, longSamples + 1);
    longMs = longMs === undefined ? shortMs : longMs + (shortMs - longMs) / longSamples;
    if (longMs / shortMs > STALE) longMs *= STALE_DECAY;
    return longMs;
  };

  const endProbe = (now: number) => {
    const found = probe !== undefined && probe.calls >= SAMPLE_CALLS ? probe.sumMs / probe.calls : undefined;
    const isFarOff = found !== undefined && longMs !== undefined && longMs > TOLERANCE * found;
    if (found !== undefined) longMs = found;
    nextProbeAt = now + (isFarOff ? SOON_MS : PROBE_EVERY_MS);
    probe = undefined;
    sample = emptySample();
  };

  /** True: the probe is over. */
  const noteProbe = (running: Probe, firstTokenMs: number, underWay: number, now: number): boolean => {
    if (running.drainedAt === undefined && underWay <= running.limit) running.drainedAt = now;
    // Calls that were sent before stood in the old queue.
    if (running.drainedAt !== undefined && now - firstTokenMs >= running.drainedAt) {
      running.sumMs += firstTokenMs;
      running.calls += 1;
    }
    if (running.calls < SAMPLE_CALLS && now < running.until) return false;
    endProbe(now);
    return true;
  };

  return {
    get value() {
      return probe?.limit ?? Math.floor(limit);
    },
    noteFirstToken(firstTokenMs, underWay, now) {
      if (probe !== undefined) return noteProbe(probe, firstTokenMs, underWay, now);
      sample.since ??= now;
      sample.sumMs += firstTokenMs;
      sample.calls += 1;
      sample.mostUnderWay = Math.max(sample.mostUnderWay, underWay);
      if (sample.calls < SAMPLE_CALLS || now - sample.since < SAMPLE_MS) return false;
      const shortMs = Math.max(1, sample.sumMs / sample.calls);
      const { mostUnderWay } = sample;
      sample = emptySample();
      const gradient = Math.min(1, Math.max(0.5, (TOLERANCE * learnLong(shortMs)) / shortMs));
      // A limit that is not reached has not been tried.
      if (mostUnderWay < limit / 2) {
        nextProbeAt = undefined;
        return false;
      }
      nextProbeAt ??= now + SOON_MS;
      const before = Math.floor(limit);
      const wanted = limit * gradient + QUEUE;
      limit = Math.min(most, Math.max(least, limit * (1 - SMOOTHING) + wanted * SMOOTHING));
      if (now < nextProbeAt || limit < 2 * least) return Math.floor(limit) !== before;
      const half = Math.max(least, Math.floor(limit / 2));
      probe = { limit: half, until: now + LONGEST_PROBE_MS, drainedAt: undefined, sumMs: 0, calls: 0 };
      return true;
    },
    noteOverload(now) {
      if (now - cutAt < SAMPLE_MS) return;
      cutAt = now;
      limit = Math.max(least, limit * OVERLOAD_CUT);
    },
  };
}

interface Sample {
  sumMs: number;
  calls: number;
  mostUnderWay: number;
  since: number | undefined;
}

/** First tokens at half the limit, once that many are under way. */
interface Probe {
  limit: number;
  until: number;
  drainedAt: number | undefined;
  sumMs: number;
  calls: number;
}

function emptySample(): Sample {
  return { sumMs: 0, calls: 0, mostUnderWay: 0, since: undefined };
}
