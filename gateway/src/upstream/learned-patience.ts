import type { Clock } from '../core/clock.ts';
import { createKeptByName } from './kept-by-name.ts';
import { createLatencyHistogram, type LatencyHistogram } from './latency-histogram.ts';

/** Milliseconds. A `max` of 0 waits for ever, and nothing that was learned changes it. */
export interface PatienceBounds {
  min: number;
  max: number;
}

/** Greatest waits for a first byte by the tier of a task, in milliseconds. */
export const FIRST_BYTE_BY_TIER = { fast: 15_000, standard: 60_000, complex: 180_000 } as const;

/** Least waits, in milliseconds, whatever was learned: a cold start must not be taken for a hang. */
export const LEAST_FIRST_BYTE_MS = 3_000;
export const LEAST_IDLE_MS = 10_000;

/** How long answers take to begin and to go on, by model, and how long to wait for them therefore. Furniture. */
export interface LearnedPatience {
  /** The first content or reasoning came after `ms`. */
  noteFirstToken(model: string, inputTokens: number, ms: number, isReasoning?: boolean): void;
  /** Given up after `ms` without a first token. Counts as twice that: without it, waits that were too short would never be found out. */
  noteGivenUp(model: string, inputTokens: number, ms: number): void;
  /** The longest pause within an answer. */
  noteGap(model: string, ms: number): void;
  /** The same for a pause at which it was given up. */
  noteStalled(model: string, ms: number): void;
  /** How long to wait for the first byte: 6 x p95 of this model at this size of input (24 x for a model that reasons), within the bounds; the upper bound while too little is known. */
  firstByteMs(model: string, inputTokens: number, bounds: PatienceBounds): number;
  /** How long to wait for the next piece: 30 x p95 of the model's pauses (120 x), within the bounds. */
  idleMs(model: string, bounds: PatienceBounds): number;
  /** The time to the first token below which 95 in 100 calls lie; undefined while too little is known. For hedging. */
  p95(model: string, inputTokens: number): number | undefined;
  /** The same for half of the calls: less time than this is not worth an attempt. */
  p50(model: string, inputTokens: number): number | undefined;
}

interface Habits {
  /** By size of input; made on first use. */
  firstToken: (LatencyHistogram | undefined)[];
  gaps: LatencyHistogram;
  isReasoning: boolean;
}

const MOST_MODELS = 1_024;
/** Input tokens up to which a call belongs to a size, each four times the one before. */
const SIZES = [1_024, 4_096, 16_384, 65_536, 262_144, Number.POSITIVE_INFINITY];
const LEAST_EVIDENCE = 20;
const TIMES_FIRST_TOKEN = 6;
const TIMES_GAP = 30;
const TIMES_REASONING = 4;
const TIMES_GIVEN_UP = 2;

export function createLearnedPatience({ clock }: { clock: Clock }): LearnedPatience {
  const models = createKeptByName<Habits>(MOST_MODELS, () => ({
    firstToken: [],
    gaps: createLatencyHistogram(clock.now()),
    isReasoning: false,
  }));

  const noteFirstToken = (model: string, inputTokens: number, ms: number, isReasoning?: boolean) => {
    const habits = models.of(model);
    if (isReasoning !== undefined) habits.isReasoning = isReasoning;
    const now = clock.now();
    const size = sizeOf(inputTokens);
    habits.firstToken[size] ??= createLatencyHistogram(now);
    habits.firstToken[size].note(ms, now);
  };

  const noteGap = (model: string, ms: number) => models.of(model).gaps.note(ms, clock.now());

  const firstTokenQuantile = (model: string, inputTokens: number, share: number): number | undefined => {
    const habits = models.find(model);
    return habits === undefined ? undefined : quantileNear(habits.firstToken, sizeOf(inputTokens), share);
  };

  const timesFor = (model: string) => (models.find(model)?.isReasoning === true ? TIMES_REASONING : 1);

  return {
    noteFirstToken,
    noteGivenUp: (model, inputTokens, ms) => noteFirstToken(model, inputTokens, TIMES_GIVEN_UP * ms),
    noteGap,
    noteStalled: (model, ms) => noteGap(model, TIMES_GIVEN_UP * ms),
    firstByteMs(model, inputTokens, bounds) {
      const p95 = firstTokenQuantile(model, inputTokens, 0.95);
      return within(bounds, p95 === undefined ? undefined : TIMES_FIRST_TOKEN * timesFor(model) * p95);
    },
    idleMs(model, bounds) {
      const gaps = models.find(model)?.gaps;
      const p95 = gaps !== undefined && gaps.weight >= LEAST_EVIDENCE ? gaps.quantile(0.95) : undefined;
      return within(bounds, p95 === undefined ? undefined : TIMES_GAP * timesFor(model) * p95);
    },
    p95: (model, inputTokens) => firstTokenQuantile(model, inputTokens, 0.95),
    p50: (model, inputTokens) => firstTokenQuantile(model, inputTokens, 0.5),
  };
}

/**
 * How long to wait for a first byte where the client waits only `remainingMs` more: half of that while another target could still be asked, so that it has a chance too, else all of it.
 * A wait of 0 is one without end.
 */
export function waitWithin(waitMs: number, { remainingMs, hasAnother }: { remainingMs: number; hasAnother: boolean }) {
  const most = Math.max(1, hasAnother ? remainingMs / 2 : remainingMs);
  return waitMs === 0 ? most : Math.min(waitMs, most);
}

/** Of the size itself, or of the nearest larger one that is known: that takes longer, which errs on the patient side. */
function quantileNear(sizes: Habits['firstToken'], size: number, share: number): number | undefined {
  for (let at = size; at < SIZES.length; at++) {
    const histogram = sizes[at];
    if (histogram !== undefined && histogram.weight >= LEAST_EVIDENCE) return histogram.quantile(share);
  }
  return undefined;
}

function sizeOf(inputTokens: number): number {
  return SIZES.findIndex((most) => inputTokens <= most);
}

function within({ min, max }: PatienceBounds, learned: number | undefined): number {
  if (max === 0 || learned === undefined) return max;
  return Math.min(max, Math.max(min, learned));
}
