import type { SparseText } from '../text/sparse-text.ts';
import { cholesky } from './cholesky.ts';
import { seededRandom } from './random.ts';

/** Puts texts where those that speak of the same things are close. */
export interface LatentSpace {
  readonly dimensions: number;
  /** A vector of length 1, or of zeros where nothing of the text was ever seen. */
  project(text: SparseText): Float32Array;
}

export interface LatentSettings {
  dimensions: number;
  /** Of the hashed features. */
  buckets: number;
  seed: number;
}

/** Columns beyond those wanted, and passes over the texts, that make a random start settle on the true subspace. */
const SPARE = 10;
const PASSES = 3;
/** A feature in fewer texts than this links nothing. */
const FEWEST_TEXTS = 2;

/**
 * Latent semantic indexing: the strongest directions of the texts weighted by rarity, found by randomised subspace iteration
 * (Halko, Martinsson, Tropp 2011). Deterministic for a seed; time grows with texts × features × dimensions.
 */
export function fitLatentSpace(texts: readonly SparseText[], settings: LatentSettings): LatentSpace {
  const { buckets } = settings;
  const rarity = rarityOf(texts, buckets);
  const kept = keptFeatures(rarity);
  const width = Math.min(settings.dimensions + SPARE, texts.length, Math.max(1, kept.count));
  const dimensions = Math.min(settings.dimensions, width);
  const weighted = texts.map((text) => weigh(text, rarity, kept.places));
  const random = seededRandom(settings.seed);
  let basis: Float64Array = Float64Array.from({ length: kept.count * width }, () => random() - 0.5);
  for (let pass = 0; pass < PASSES; pass++) {
    orthonormalise(basis, kept.count, width);
    basis = backAndForth(weighted, basis, kept.count, width);
  }
  orthonormalise(basis, kept.count, width);
  const directions = Float32Array.from(basis);
  return {
    dimensions,
    project(text) {
      return onDirections(weigh(text, rarity, kept.places), directions, width, dimensions);
    },
  };
}

interface Weighted {
  places: Uint32Array;
  values: Float32Array;
}

function rarityOf(texts: readonly SparseText[], buckets: number): Float32Array {
  const seenIn = new Uint32Array(buckets);
  for (const { indexes } of texts) for (const index of indexes) seenIn[index]!++;
  return Float32Array.from(seenIn, (count) => (count < FEWEST_TEXTS ? 0 : Math.log((1 + texts.length) / (1 + count))));
}

/** Places of the features that count, close together; the others have none. */
function keptFeatures(rarity: Float32Array): { places: Int32Array; count: number } {
  const places = new Int32Array(rarity.length).fill(-1);
  let count = 0;
  for (let index = 0; index < rarity.length; index++) if (rarity[index]! > 0) places[index] = count++;
  return { places, count };
}

function weigh({ indexes, values }: SparseText, rarity: Float32Array, placeOf: Int32Array): Weighted {
  const places: number[] = [];
  const weights: number[] = [];
  let squares = 0;
  for (let at = 0; at < indexes.length; at++) {
    const place = placeOf[indexes[at]!]!;
    if (place === -1) continue;
    const weight = values[at]! * rarity[indexes[at]!]!;
    places.push(place);
    weights.push(weight);
    squares += weight * weight;
  }
  const length = Math.sqrt(squares) || 1;
  return { places: Uint32Array.from(places), values: Float32Array.from(weights, (weight) => weight / length) };
}

/** One pass: the texts on the basis, and the features on the texts. */
function backAndForth(texts: readonly Weighted[], basis: Float64Array, features: number, width: number): Float64Array {
  const next = new Float64Array(features * width);
  const row = new Float64Array(width);
  for (const { places, values } of texts) {
    row.fill(0);
    for (let at = 0; at < places.length; at++) {
      const from = places[at]! * width;
      const value = values[at]!;
      for (let column = 0; column < width; column++) row[column]! += value * basis[from + column]!;
    }
    for (let at = 0; at < places.length; at++) {
      const to = places[at]! * width;
      const value = values[at]!;
      for (let column = 0; column < width; column++) next[to + column]! += value * row[column]!;
    }
  }
  return next;
}

/** Makes the columns orthonormal in their order, row by row: B·L⁻ᵀ, where L·Lᵀ = Bᵀ·B. */
function orthonormalise(basis: Float64Array, rows: number, width: number): void {
  const lower = cholesky(innerProducts(basis, rows, width), width);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let i = 0; i < width; i++) {
      let sum = basis[from + i]!;
      for (let j = 0; j < i; j++) sum -= lower[i * width + j]! * basis[from + j]!;
      basis[from + i] = sum / lower[i * width + i]!;
    }
  }
}

function innerProducts(basis: Float64Array, rows: number, width: number): Float64Array {
  const products = new Float64Array(width * width);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let i = 0; i < width; i++) {
      const value = basis[from + i]!;
      for (let j = 0; j <= i; j++) products[i * width + j]! += value * basis[from + j]!;
    }
  }
  return products;
}

function onDirections(
  { places, values }: Weighted,
  directions: Float32Array,
  width: number,
  dimensions: number,
): Float32Array {
  const point = new Float32Array(dimensions);
  for (let at = 0; at < places.length; at++) {
    const from = places[at]! * width;
    const value = values[at]!;
    for (let column = 0; column < dimensions; column++) point[column]! += value * directions[from + column]!;
  }
  let squares = 0;
  for (let column = 0; column < dimensions; column++) squares += point[column]! ** 2;
  const length = Math.sqrt(squares) || 1;
  for (let column = 0; column < dimensions; column++) point[column]! /= length;
  return point;
}
