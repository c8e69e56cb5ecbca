/** What is left of the admitted rate after a refusal without a word of when to come back, and how fast it grows again. */
const CUT = 0.7;
const GROWTH_PER_SECOND = 1.05;
const SLOWEST_PER_SECOND = 0.2;
/** Refusals of one burst are one refusal. */
const ONE_BURST_MS = 1_000;
/** Grown to this many times the rate of the last cut, the pace is no longer needed. */
const OUTGROWN = 4;

/** Additive increase is too slow and none at all too rash: the rate at which a provider takes calls that says nothing of its limits. */
export interface Pace {
  /** The provider refused. */
  cut(now: number, admittedPerSecond: number): void;
  sent(now: number): void;
  /** When the next call may be sent; in the past: now. */
  readyAt(now: number): number;
  isOutgrown(now: number): boolean;
  perSecond(now: number): number;
}

export function createPace(now: number, admittedPerSecond: number): Pace {
  let cutAt = now;
  let rateAtCut = Math.max(SLOWEST_PER_SECOND, CUT * admittedPerSecond);
  let lastAt = now;

  const perSecond = (at: number) => rateAtCut * GROWTH_PER_SECOND ** ((at - cutAt) / 1_000);

  return {
    cut(at, admitted) {
      if (at - cutAt < ONE_BURST_MS) return;
      rateAtCut = Math.max(SLOWEST_PER_SECOND, CUT * Math.min(perSecond(at), Math.max(admitted, SLOWEST_PER_SECOND)));
      cutAt = at;
      lastAt = at;
    },
    // A call that was sent ahead of its time makes the next one wait for its own.
    sent(at) {
      lastAt = Math.max(at, lastAt + 1_000 / perSecond(at));
    },
    readyAt: (at) => lastAt + 1_000 / perSecond(at),
    isOutgrown: (at) => perSecond(at) >= OUTGROWN * rateAtCut,
    perSecond,
  };
}
