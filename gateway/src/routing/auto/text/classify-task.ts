import type { SignalSource } from '../signals.ts';
import { type TaskName, UNKNOWN } from '../tasks.ts';
import { addRules } from './task-rules.ts';
import type { TaskWeights } from './task-weights.ts';

export interface TaskGuess {
  /** `unknown` where nothing fits. */
  task: TaskName | typeof UNKNOWN;
  /** 0 to 1: the chance given to it. */
  confidence: number;
}

/** From here on a document is long: what matters is that the model finds its way in it. */
const LONG_TOKENS = 12_000;
/** Least chance with which a task is believed. */
const LEAST_CONFIDENCE = 0.2;
/** Tasks for which a long document is only their material. */
const STAYS_ITSELF: ReadonlySet<string> = new Set([
  'code_generation',
  'code_review',
  'translation',
  'summarization',
  'data_analysis',
]);

const SURE = 0.8;
const SPECIFIC: ReadonlySet<string> = new Set([
  ...STAYS_ITSELF,
  'creative_writing',
  'math_reasoning',
  'classification',
]);

/** What kind of request it is: what is said outright, what the words suggest, and what the facts show. Asks no one. */
export function classifyTask(source: SignalSource, weights: TaskWeights): TaskGuess {
  if (source.tools > 0 && source.isInToolLoop) return { task: 'agent', confidence: 1 };
  if (source.media.some((kind) => kind !== 'pdf')) return { task: 'multimodal', confidence: 1 };
  if (source.text.trim() === '') return { task: UNKNOWN, confidence: 1 };
  const guess = guessFromText(source, weights);
  if (source.tools > 0 && !isSpecific(guess)) return { task: 'agent', confidence: 0.9 };
  const isLong = source.inputTokens >= LONG_TOKENS || source.media.includes('pdf');
  return isLong && !STAYS_ITSELF.has(guess.task) ? { task: 'long_document', confidence: 0.9 } : guess;
}

/** Many clients send tools along with everything; what is plainly something else stays that. */
function isSpecific({ task, confidence }: TaskGuess): boolean {
  return confidence >= SURE && SPECIFIC.has(task);
}

function guessFromText({ text, output }: SignalSource, weights: TaskWeights): TaskGuess {
  const logits = new Float64Array(weights.labels.length);
  weights.addLogits(text, logits);
  const add = (task: string, weight: number) => {
    const place = weights.labels.indexOf(task);
    if (place !== -1) logits[place]! += weight;
  };
  addRules(text, add);
  if (output === 'json-schema') add('extraction', 1);
  const { place, chance } = mostLikely(logits);
  const task = weights.labels[place] as TaskGuess['task'];
  return chance < LEAST_CONFIDENCE ? { task: UNKNOWN, confidence: 1 - chance } : { task, confidence: chance };
}

function mostLikely(logits: Float64Array): { place: number; chance: number } {
  let place = 0;
  for (let at = 1; at < logits.length; at++) if (logits[at]! > logits[place]!) place = at;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[place]!);
  return { place, chance: 1 / sum };
}
