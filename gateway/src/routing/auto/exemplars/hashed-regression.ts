import type { SparseText } from '../text/sparse-text.ts';
import { seededRandom } from './random.ts';

export interface HashedSettings {
  buckets: number;
  outputs: number;
  epochs: number;
  rate: number;
  /** Pulls weights that nothing needs towards 0. */
  decay: number;
  seed: number;
}

/** What the words of a text add to what was thought before, told by its hashed features. */
export interface HashedRegression {
  /** Logits to be added, one for each output; 0 where nothing was learned. The array is the caller's. */
  predict(text: SparseText): Float64Array;
}

export interface HashedExample {
  text: SparseText;
  /** In 0 to 1, one for each output; NaN where nothing was seen. */
  targets: ArrayLike<number>;
  /** Logits of what was thought before. */
  offsets: ArrayLike<number>;
}

/**
 * Logistic regression over hashed features, one output for each model, of what is not explained by the offsets; taught example by
 * example with steps that shrink where a feature is common (AdaGrad, Duchi et al. 2011). Deterministic for a seed.
 */
export function fitHashedRegression(
  examples: readonly HashedExample[],
  { buckets, outputs, epochs, rate, decay, seed }: HashedSettings,
): HashedRegression {
  const weights = new Float32Array(buckets * outputs);
  const steps = new Float32Array(buckets * outputs).fill(1);
  const sumUp = (text: SparseText) => {
    const logits = new Float64Array(outputs);
    for (let at = 0; at < text.indexes.length; at++) {
      const from = text.indexes[at]! * outputs;
      const value = text.values[at]!;
      for (let output = 0; output < outputs; output++) logits[output]! += weights[from + output]! * value;
    }
    return logits;
  };
  const learn = ({ text, targets, offsets }: HashedExample) => {
    const logits = sumUp(text);
    for (let output = 0; output < outputs; output++) {
      const error = chance(offsets[output]! + logits[output]!) - targets[output]!;
      if (Number.isNaN(error)) continue;
      for (let at = 0; at < text.indexes.length; at++) {
        const place = text.indexes[at]! * outputs + output;
        const gradient = error * text.values[at]! + decay * weights[place]!;
        steps[place]! += gradient * gradient;
        weights[place]! -= (rate * gradient) / Math.sqrt(steps[place]!);
      }
    }
  };
  const random = seededRandom(seed);
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const index of shuffled(examples.length, random)) learn(examples[index]!);
  return { predict: sumUp };
}

function chance(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
