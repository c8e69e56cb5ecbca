import { type Correction, fitCorrections, PRIOR_STRENGTH, type Prepared, prepare, type Seen } from './corrections.ts';
import { type Trial, type Trust, weighLearners } from './stacking.ts';
import { fitTaskShifts } from './task-shifts.ts';

/** A prompt that several models have answered, and how well each did. */
export interface Exemplar {
  text: string;
  task: string;
  /** 0 to 1 by model name; a model that is absent was not asked. */
  scores: Readonly<Record<string, number>>;
  /** What is thought of the models without having seen any of this, in the order of `models`, 0 to 1. */
  priors: ArrayLike<number>;
}

export interface Estimate {
  /** 0 to 1, in the order of `models`. */
  quality: Float64Array;
  /** About how many exemplars speak for it; below 1 nothing like it was seen. */
  evidence: number;
}

/** What answered and judged prompts tell of the next one. */
export interface ExemplarModel {
  readonly models: readonly string[];
  readonly count: number;
  /** How far each learner turned out to be right about exemplars that it had not seen. */
  readonly trust: Trust;
  /** Expected quality of each model at this text, from what was thought before (`priors`, in the order of `models`). */
  estimate(text: string, task: string, priors: ArrayLike<number>): Estimate;
}

/** More are not looked at, so that the search for neighbours stays within a third of a millisecond. */
export const MOST_EXEMPLARS = 4_000;
/** With fewer, what is thought beforehand is better than what they teach. */
export const FEWEST_EXEMPLARS = 200;

const FOLDS = 4;
const LEAST_CHANCE = 0.02;

interface Known extends Seen {
  task: string;
}

/**
 * Learns what the exemplars tell beyond the priors: a shift for each model and task, and three learners on the text, each believed as far
 * as it was right about exemplars that it had not seen, and as far as the text is like one that was seen. Far from everything the priors
 * stand. Deterministic for a seed; synchronous, about 2 s for 1,000 exemplars: run it off the hot path.
 */
export function fitExemplars(models: readonly string[], exemplars: readonly Exemplar[], seed = 1): ExemplarModel {
  const used = exemplars.slice(-MOST_EXEMPLARS);
  const scores = used.map(({ scores }) => models.map((model) => scores[model] ?? Number.NaN));
  const shifts = fitTaskShifts(
    used.map(({ task, priors }, at) => ({
      task,
      residuals: scores[at]!.map((score, model) => score - priors[model]!),
    })),
    models.length,
    PRIOR_STRENGTH,
  );
  const basesOf = (task: string, priors: ArrayLike<number>) =>
    shifts.shiftsOf(task).map((shift, model) => bounded(priors[model]! + shift));
  const known = used.map(({ text, task, priors }, at) => ({
    task,
    text: prepare(text),
    scores: scores[at]!,
    bases: basesOf(task, priors),
  }));
  const trust = weighLearners(tryOut(known, models.length, seed));
  const correct = fitCorrections(known, models.length, seed);

  return {
    models,
    count: used.length,
    trust,
    estimate(text, task, priors) {
      const bases = basesOf(task, priors);
      const correction = correct(prepare(text), bases);
      const near = correction.evidence / (correction.evidence + PRIOR_STRENGTH);
      return {
        quality: bases.map((base, model) => bounded(base + near * believed(correction, trust, model))),
        evidence: correction.evidence,
      };
    },
  };
}

function believed({ byNeighbours, byPlace, byWords }: Correction, trust: Trust, model: number): number {
  return trust.neighbours * byNeighbours[model]! + trust.place * byPlace[model]! + trust.words * byWords[model]!;
}

/** What the learners say of each exemplar when they have seen only the other three quarters. */
function tryOut(known: readonly Known[], outputs: number, seed: number): Trial[] {
  const trials: Trial[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const correct = fitCorrections(
      known.filter((_, at) => at % FOLDS !== fold),
      outputs,
      seed,
    );
    for (let at = fold; at < known.length; at += FOLDS) {
      const { text, scores, bases } = known[at]!;
      trials.push({
        correction: tried(correct, text, bases),
        missed: Array.from(bases, (base, model) => scores[model]! - base),
      });
    }
  }
  return trials;
}

function tried(correct: ReturnType<typeof fitCorrections>, text: Prepared, bases: ArrayLike<number>): Correction {
  const correction = correct(text, bases);
  const near = correction.evidence / (correction.evidence + PRIOR_STRENGTH);
  const scaled = (row: Float64Array) => row.map((value) => near * value);
  return {
    byNeighbours: scaled(correction.byNeighbours),
    byPlace: scaled(correction.byPlace),
    byWords: scaled(correction.byWords),
    evidence: correction.evidence,
  };
}

function bounded(chance: number): number {
  return Math.min(1 - LEAST_CHANCE, Math.max(LEAST_CHANCE, chance));
}
