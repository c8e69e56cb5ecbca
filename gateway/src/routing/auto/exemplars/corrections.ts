import { type GramSettings, type SparseText, sparseText } from '../text/sparse-text.ts';
import { SHAPE, textShape } from '../text/text-shape.ts';
import { fitHashedRegression } from './hashed-regression.ts';
import { fitLatentSpace } from './latent-space.ts';
import { createNearest } from './nearest.ts';
import { fitRidge } from './ridge.ts';

/** A text prepared for all three learners. */
export interface Prepared {
  words: SparseText;
  grams: SparseText;
  shape: Float64Array;
}

export interface Seen {
  text: Prepared;
  /** Scores in 0 to 1, one for each model; NaN where it was not asked. */
  scores: ArrayLike<number>;
  /** What was expected, inside (0, 1). */
  bases: ArrayLike<number>;
}

/** What three learners would add to the expectation, each a row of one number for each model. */
export interface Correction {
  byNeighbours: Float64Array;
  byPlace: Float64Array;
  byWords: Float64Array;
  /** About how many exemplars are near. */
  evidence: number;
}

export type Corrections = (text: Prepared, bases: ArrayLike<number>) => Correction;

const WORDS: GramSettings = { buckets: 1 << 14, words: 1 };
const GRAMS: GramSettings = { buckets: 1 << 15, words: 2, characters: [4, 5] };
const DIMENSIONS = 64;
const NEIGHBOURS = 40;
/** Cosine below which a text is not of the same kind. */
const ALIKE = 0.35;
/** As many exemplars as have to speak before they outweigh what was thought. */
export const PRIOR_STRENGTH = 6;
const SHAPE_STRENGTH = 200;
const LATENT_STRENGTH = 200;

export function prepare(text: string): Prepared {
  return { words: sparseText(text, WORDS), grams: sparseText(text, GRAMS), shape: textShape(text) };
}

/** Teaches the nearest neighbours in latent space, a ridge regression on shape and place, and a logistic regression on words what the expectations missed. */
export function fitCorrections(seen: readonly Seen[], outputs: number, seed: number): Corrections {
  if (seen.length === 0) return () => nothingLearned(outputs);
  const space = fitLatentSpace(
    seen.map(({ text }) => text.words),
    { dimensions: DIMENSIONS, buckets: WORDS.buckets, seed },
  );
  const points = seen.map(({ text }) => space.project(text.words));
  const missed = seen.map(({ scores, bases }) => residualsOf(scores, bases, outputs));
  const nearest = createNearest(points, NEIGHBOURS);
  const ridge = fitRidge(
    seen.map(({ text }, at) => [...text.shape, ...points[at]!]),
    missed,
    [...SHAPE.map(() => SHAPE_STRENGTH), ...Array.from({ length: space.dimensions }, () => LATENT_STRENGTH)],
  );
  const hashed = fitHashedRegression(
    seen.map(({ text, scores, bases }) => ({ text: text.grams, targets: scores, offsets: Array.from(bases, logit) })),
    { buckets: GRAMS.buckets, outputs, epochs: 5, rate: 0.5, decay: 1e-5, seed },
  );

  return (text, bases) => {
    const point = space.project(text.words);
    const { count, places, similarities } = nearest(point);
    const byNeighbours = new Float64Array(outputs);
    let evidence = 0;
    for (let at = 0; at < count && similarities[at]! > ALIKE; at++) {
      const weight = (similarities[at]! - ALIKE) / (1 - ALIKE);
      evidence += weight;
      const those = missed[places[at]!]!;
      for (let output = 0; output < outputs; output++) byNeighbours[output]! += weight * those[output]!;
    }
    for (let output = 0; output < outputs; output++) byNeighbours[output]! /= evidence + PRIOR_STRENGTH;
    const byWords = hashed.predict(text.grams);
    for (let output = 0; output < outputs; output++) {
      byWords[output] = chance(logit(bases[output]!) + byWords[output]!) - bases[output]!;
    }
    return { byNeighbours, byPlace: ridge.predict([...text.shape, ...point]), byWords, evidence };
  };
}

function nothingLearned(outputs: number): Correction {
  const nothing = () => new Float64Array(outputs);
  return { byNeighbours: nothing(), byPlace: nothing(), byWords: nothing(), evidence: 0 };
}

function residualsOf(scores: ArrayLike<number>, bases: ArrayLike<number>, outputs: number): number[] {
  return Array.from({ length: outputs }, (_, output) => {
    const residual = scores[output]! - bases[output]!;
    return Number.isNaN(residual) ? 0 : residual;
  });
}

function logit(chance: number): number {
  return Math.log(chance / (1 - chance));
}

function chance(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
