import { createRequire } from 'node:module';
import { type GramSettings, sparseText } from './sparse-text.ts';

/** Weights of a softmax over hashed features, eight bits each, as `npm run train-router` writes them. */
export interface TaskWeightsFile {
  /** Year-month-day of the training. */
  trained: string;
  /** What it was taught from. */
  source: string;
  labels: readonly string[];
  buckets: number;
  /** What 1 in the weights stands for. */
  scale: number;
  biases: readonly number[];
  /** Base64 of signed bytes, `labels.length` for each bucket. */
  weights: string;
}

export interface TaskWeights {
  readonly labels: readonly string[];
  /** Adds the logits of a text to `logits`, in the order of `labels`. */
  addLogits(text: string, logits: Float64Array): void;
}

/** The features that the softmax is taught with and asked with. */
export function taskGrams(buckets: number): GramSettings {
  return { buckets, words: 2, characters: [3, 5] };
}

/** Beginning and end that are looked at; a task is told in its first or last sentence. */
const HEAD = 600;
const TAIL = 200;

/** The part of a text from which the task is told. */
export function tellingPart(text: string): string {
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
}

export function readTaskWeights(file: TaskWeightsFile): TaskWeights {
  const { labels, buckets, scale, biases } = file;
  const bytes = Buffer.from(file.weights, 'base64');
  const weights = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  if (weights.length !== labels.length * buckets)
    throw new Error('The task weights are not as many as their header says.');
  const grams = taskGrams(buckets);
  return {
    labels,
    addLogits(text, logits) {
      const { indexes, values } = sparseText(tellingPart(text), grams);
      for (let label = 0; label < labels.length; label++) logits[label]! += biases[label]!;
      for (let at = 0; at < indexes.length; at++) {
        const from = indexes[at]! * labels.length;
        const value = values[at]! * scale;
        for (let label = 0; label < labels.length; label++) logits[label]! += weights[from + label]! * value;
      }
    },
  };
}

/** The weights that are shipped; read from their file when first asked for, as most gateways never do. */
export function shippedTaskWeights(): () => TaskWeights {
  let read: TaskWeights | undefined;
  return () => {
    read ??= readTaskWeights(createRequire(import.meta.url)('../data/task-weights.json') as TaskWeightsFile);
    return read;
  };
}
