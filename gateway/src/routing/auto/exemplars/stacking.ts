import type { Correction } from './corrections.ts';

/** How far each learner is to be believed, 0 to 1. */
export interface Trust {
  neighbours: number;
  place: number;
  words: number;
}

/** What a learner said of a text that it had not seen, and what would have been right. */
export interface Trial {
  correction: Correction;
  /** Score less expectation, one for each model; NaN where it was not asked. */
  missed: ArrayLike<number>;
}

/** What a learner explains has to be more than this many times what chance explains, before any of it is believed. */
const CAUTION = 2;
const LEARNERS = 3;
const ROUNDS = 50;

/**
 * Weighs the learners by what they were right about (stacking, Wolpert 1992): least squares on the differences between models, as only
 * those decide, with weights held to 0 to 1 and shrunk by how much of their success chance would have had as well (James and Stein 1961).
 * Where nothing was learned all are 0, and what was thought before stands.
 */
export function weighLearners(trials: readonly Trial[]): Trust {
  const gram = new Float64Array(LEARNERS * LEARNERS);
  const sides = new Float64Array(LEARNERS);
  let total = 0;
  let freedoms = 0;
  for (const { correction, missed } of trials) {
    const said = [correction.byNeighbours, correction.byPlace, correction.byWords].map((row) => centred(row, missed));
    const right = centred(missed, missed);
    total += dot(right, right);
    freedoms += right.length - 1;
    for (let i = 0; i < LEARNERS; i++) {
      for (let j = 0; j < LEARNERS; j++) gram[i * LEARNERS + j]! += dot(said[i]!, said[j]!);
      sides[i]! += dot(said[i]!, right);
    }
  }
  const weights = boundedLeastSquares(gram, sides);
  const explained = 2 * dot(weights, sides) - dot(weights, timesMatrix(gram, weights));
  const byChance = (CAUTION * LEARNERS * (total - explained)) / Math.max(1, freedoms);
  const share = explained > byChance ? 1 - byChance / explained : 0;
  const [neighbours = 0, place = 0, words = 0] = weights.map((weight) => share * weight);
  return { neighbours, place, words };
}

function timesMatrix(matrix: Float64Array, vector: readonly number[]): number[] {
  return vector.map((_, i) => dot(matrix.subarray(i * LEARNERS, (i + 1) * LEARNERS), vector));
}

/** Differences from the mean over the models that were asked; 0 for the others. */
function centred(row: ArrayLike<number>, missed: ArrayLike<number>): Float64Array {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < missed.length; at++) {
    if (Number.isNaN(missed[at])) continue;
    sum += row[at]!;
    count++;
  }
  const mean = count === 0 ? 0 : sum / count;
  return Float64Array.from({ length: missed.length }, (_, at) => (Number.isNaN(missed[at]) ? 0 : row[at]! - mean));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** Coordinate descent; three unknowns settle long before the rounds are over. */
function boundedLeastSquares(gram: Float64Array, sides: Float64Array): number[] {
  const weights = new Array<number>(LEARNERS).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < LEARNERS; i++) {
      let rest = sides[i]!;
      for (let j = 0; j < LEARNERS; j++) if (j !== i) rest -= gram[i * LEARNERS + j]! * weights[j]!;
      const own = gram[i * (LEARNERS + 1)]!;
      weights[i] = own === 0 ? 0 : Math.min(1, Math.max(0, rest / own));
    }
  }
  return weights;
}
