import { cholesky } from './cholesky.ts';

/** Straight lines through what was seen, one for each output, held back where the evidence is thin. */
export interface Ridge {
  predict(features: ArrayLike<number>): Float64Array;
}

/** Ridge regression on standardised features, solved by Cholesky. Each feature is held back as if so many examples as `strengths` has for it had said nothing. */
export function fitRidge(
  rows: readonly ArrayLike<number>[],
  targets: readonly (readonly number[])[],
  strengths: ArrayLike<number>,
): Ridge {
  const width = rows[0]?.length ?? 0;
  const outputs = targets[0]?.length ?? 0;
  const { means, scales } = standardsOf(rows, width);
  const outputMeans = meansOf(targets, outputs);
  const gram = new Float64Array(width * width);
  const sides = new Float64Array(width * outputs);
  const z = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) {
    for (let i = 0; i < width; i++) z[i] = (rows[at]![i]! - means[i]!) / scales[i]!;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) gram[i * width + j]! += z[i]! * z[j]!;
      for (let o = 0; o < outputs; o++) sides[i * outputs + o]! += z[i]! * (targets[at]![o]! - outputMeans[o]!);
    }
  }
  for (let i = 0; i < width; i++) gram[i * width + i]! += strengths[i]!;
  const weights = solve(gram, sides, width, outputs);
  return {
    predict(features) {
      const said = Float64Array.from(outputMeans);
      for (let i = 0; i < width; i++) {
        const value = (features[i]! - means[i]!) / scales[i]!;
        for (let o = 0; o < outputs; o++) said[o]! += value * weights[i * outputs + o]!;
      }
      return said;
    },
  };
}

function standardsOf(rows: readonly ArrayLike<number>[], width: number): { means: Float64Array; scales: Float64Array } {
  const means = meansOf(rows, width);
  const scales = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) scales[i]! += (row[i]! - means[i]!) ** 2;
  for (let i = 0; i < width; i++) scales[i] = Math.sqrt(scales[i]! / Math.max(1, rows.length)) || 1;
  return { means, scales };
}

function meansOf(rows: readonly ArrayLike<number>[], width: number): Float64Array {
  const means = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) means[i]! += row[i]! / rows.length;
  return means;
}

function solve(gram: Float64Array, sides: Float64Array, width: number, outputs: number): Float64Array {
  const lower = cholesky(gram, width);
  const found = Float64Array.from(sides);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < width; i++) {
      let sum = found[i * outputs + o]!;
      for (let j = 0; j < i; j++) sum -= lower[i * width + j]! * found[j * outputs + o]!;
      found[i * outputs + o] = sum / lower[i * width + i]!;
    }
    for (let i = width - 1; i >= 0; i--) {
      let sum = found[i * outputs + o]!;
      for (let j = i + 1; j < width; j++) sum -= lower[j * width + i]! * found[j * outputs + o]!;
      found[i * outputs + o] = sum / lower[i * width + i]!;
    }
  }
  return found;
}
