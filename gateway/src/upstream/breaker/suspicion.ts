/** Before anything is known, a target is taken to fail 2 calls in 100, with the weight of 40 calls. */
const PRIOR_FAILURES = 0.8;
const PRIOR_CALLS = 40;
/** The baseline remembers about 2,000 calls. */
const FORGETTING = 1 - 1 / 2_000;
const LOWEST_BASELINE = 0.005;
const HIGHEST_BASELINE = 0.25;
/** What counts as failing: five times the usual, and at least three in ten. */
const TIMES_WORSE = 5;
const LEAST_FAILING = 0.3;
const MOST_FAILING = 0.9;
/** Fewest and most evidence, in nats, that proves it. Between them: one false alarm a day at the target's rate. */
const LEAST_PROOF = 7;
const MOST_PROOF = 16;
const SECONDS_A_DAY = 86_400;
/** Memory of the rate estimate. */
const RATE_MEMORY_MS = 30_000;

/** How sure one may be that a target has begun to fail more than it usually does. */
export interface Suspicion {
  /** Takes an outcome; true: it is proven. */
  note(isOk: boolean, nowMs: number): boolean;
  /** Evidence so far, as a share of what proves it. */
  readonly share: number;
  /** The share of calls that fails when all is as usual. */
  readonly baseline: number;
  /** Outcomes a second, lately. */
  readonly ratePerSecond: number;
  /** Goes on from this share of a proof, with the baseline as learned. */
  restart(share: number): void;
  /** Raises the evidence to at least this share of a proof. */
  raise(share: number): void;
}

/**
 * A cumulative sum of log-likelihood ratios (Page's test, 1954) between the target's own usual failure rate, which it learns, and a rate that calls for action. Unlike a count in a row it
 * sees partial outages, unlike a ratio over a window it needs no window, and a target that always fails a little is left alone.
 */
export function createSuspicion(): Suspicion {
  let evidence = 0;
  let failures = 0;
  let calls = 0;
  let lastAt: number | undefined;
  let recentCalls = 0;
  let recentMs = 0;

  const baseline = () => clamp((failures + PRIOR_FAILURES) / (calls + PRIOR_CALLS), LOWEST_BASELINE, HIGHEST_BASELINE);
  const ratePerSecond = () => (1_000 * recentCalls) / Math.max(1_000, recentMs);
  const proof = () => clamp(Math.log(SECONDS_A_DAY * ratePerSecond()), LEAST_PROOF, MOST_PROOF);

  const learn = (isOk: boolean, nowMs: number) => {
    failures = failures * FORGETTING + (isOk ? 0 : 1);
    calls = calls * FORGETTING + 1;
    const sinceMs = lastAt === undefined ? 0 : nowMs - lastAt;
    lastAt = nowMs;
    const kept = Math.exp(-sinceMs / RATE_MEMORY_MS);
    recentCalls = recentCalls * kept + 1;
    recentMs = RATE_MEMORY_MS - (RATE_MEMORY_MS - recentMs) * kept;
  };

  return {
    note(isOk, nowMs) {
      // Most calls of most targets end here: all is well, and was before.
      if (!isOk || evidence > 0) {
        const usual = baseline();
        const failing = clamp(TIMES_WORSE * usual, LEAST_FAILING, MOST_FAILING);
        evidence += isOk ? Math.log((1 - failing) / (1 - usual)) : Math.log(failing / usual);
        if (evidence < 0) evidence = 0;
      }
      learn(isOk, nowMs);
      return evidence >= proof();
    },
    get share() {
      return evidence / proof();
    },
    get baseline() {
      return baseline();
    },
    get ratePerSecond() {
      return ratePerSecond();
    },
    restart(share) {
      evidence = share * proof();
    },
    raise(share) {
      evidence = Math.max(evidence, share * proof());
    },
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
