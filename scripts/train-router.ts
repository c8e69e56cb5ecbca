// `npm run train-router`: teaches the router's classifier from written-out sentences and writes gateway/src/routing/auto/data/task-weights.json. The same sentences give the same file.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../gateway/src/routing/auto/exemplars/random.ts';
import { TASKS, UNKNOWN } from '../gateway/src/routing/auto/tasks.ts';
import { sparseText } from '../gateway/src/routing/auto/text/sparse-text.ts';
import { type TaskWeightsFile, taskGrams, tellingPart } from '../gateway/src/routing/auto/text/task-weights.ts';
import { makeExamples } from './train-router/make-examples.ts';

const SEED = 20_261_120;
const TRAINED = '2026-11-20';
const BUCKETS = 1 << 13;
const PER_SENTENCE = 30;
const NONSENSE = 900;
const EPOCHS = 6;
const RATE = 1;
const DECAY = 2e-5;

const page = path.join(import.meta.dirname, '../gateway/src/routing/auto/data/task-weights.json');
const labels = [...TASKS.filter((task) => task !== 'multimodal'), UNKNOWN];
const random = seededRandom(SEED);
const examples = makeExamples(random, PER_SENTENCE, NONSENSE).map(({ label, text }) => ({
  place: labels.indexOf(label),
  text: sparseText(tellingPart(text), taskGrams(BUCKETS)),
}));
const weights = teach();
const file = written(weights);
writeFileSync(page, `${JSON.stringify(file)}\n`);
console.log(`${examples.length} sentences, ${labels.length} labels, ${JSON.stringify(file).length} bytes: ${page}`);

/** Softmax regression by AdaGrad; labels weigh the same however many sentences they have. */
function teach(): Float64Array {
  const count = labels.length;
  const learned = new Float64Array(BUCKETS * count);
  const steps = new Float64Array(BUCKETS * count).fill(0.1);
  const shares = labels.map(
    (_, place) => examples.length / (count * examples.filter((example) => example.place === place).length),
  );
  const logits = new Float64Array(count);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const { text, place } of shuffled(examples)) {
      logits.fill(0);
      text.indexes.forEach((index, at) => {
        for (let label = 0; label < count; label++)
          logits[label]! += learned[index * count + label]! * text.values[at]!;
      });
      const highest = Math.max(...logits);
      let sum = 0;
      for (const logit of logits) sum += Math.exp(logit - highest);
      for (let label = 0; label < count; label++) {
        const error = (Math.exp(logits[label]! - highest) / sum - (label === place ? 1 : 0)) * shares[place]!;
        text.indexes.forEach((index, at) => {
          const weight = index * count + label;
          const gradient = error * text.values[at]! + DECAY * learned[weight]!;
          steps[weight]! += gradient * gradient;
          learned[weight]! -= (RATE * gradient) / Math.sqrt(steps[weight]!);
        });
      }
    }
  }
  return learned;
}

function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

function written(learned: Float64Array): TaskWeightsFile {
  const largest = learned.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = largest / 127;
  const bytes = Int8Array.from(learned, (weight) => Math.round(weight / scale));
  return {
    trained: TRAINED,
    source: 'sentences of scripts/train-router, English and Chinese, written for this purpose; no public data set',
    labels,
    buckets: BUCKETS,
    scale,
    biases: labels.map(() => 0),
    weights: Buffer.from(bytes.buffer).toString('base64'),
  };
}
