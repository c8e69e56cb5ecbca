import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A prompt that several models have answered. */
export interface Outcome {
  text: string;
  /** The part of the benchmark that it is from. */
  group: string;
  /** 0 to 1 by model. */
  scores: Record<string, number>;
}

export interface OutcomeSet {
  file: string;
  outcomes: Outcome[];
  /** From the weakest to the strongest on average. */
  models: string[];
  /** What an average prompt costs with a model, in any unit. */
  prices: Record<string, number>;
}

export interface Labelled {
  text: string;
  label: string;
}

/** Of the pair that RouteLLM compared; dollars per million tokens of input, as its answers are a letter or a few lines. */
const PAIR = { weak: 'mixtral-8x7b-instruct-v0.1', strong: 'gpt-4-1106-preview' } as const;
const PAIR_PRICES: Record<string, number> = { [PAIR.weak]: 0.6, [PAIR.strong]: 10 };

export function dataFolder(corpus: string): string | undefined {
  const folder = path.join(corpus, 'data');
  return existsSync(folder) ? folder : undefined;
}

/**
 * Every `route_*` file with outcomes by prompt. Two forms are read, as lines or as one list: `{text, bench, weak_correct, strong_correct}`,
 * and `{question | text, task?, scores: {model: 0..1}, prices?: {model: number}}`.
 */
export function readOutcomeSets(folder: string): OutcomeSet[] {
  return readdirSync(folder)
    .filter((file) => /^route_.*\.jsonl?$/.test(file))
    .sort()
    .flatMap((file) => {
      const set = outcomeSet(file, readRows(path.join(folder, file)));
      return set === undefined ? [] : [set];
    });
}

export function readLabelled(folder: string, file: string): Labelled[] {
  const whole = path.join(folder, file);
  return existsSync(whole)
    ? readRows(whole).map(({ text, label }) => ({ text: String(text), label: String(label) }))
    : [];
}

type Row = Record<string, unknown>;

function readRows(file: string): Row[] {
  const text = readFileSync(file, 'utf8').trim();
  if (text.startsWith('[')) return JSON.parse(text) as Row[];
  return text.split('\n').map((line) => JSON.parse(line) as Row);
}

function outcomeSet(file: string, rows: readonly Row[]): OutcomeSet | undefined {
  const prices: Record<string, number> = {};
  const outcomes = rows.flatMap((row): Outcome[] => {
    const text = row['text'] ?? row['question'] ?? row['query'];
    const scores = scoresOf(row);
    if (typeof text !== 'string' || scores === undefined) return [];
    Object.assign(prices, row['weak_correct'] === undefined ? row['prices'] : PAIR_PRICES);
    const group = row['bench'] ?? row['task'] ?? row['task_name'] ?? row['cluster_id'] ?? 'all';
    return [{ text, group: String(group), scores }];
  });
  if (outcomes.length === 0) return undefined;
  const means = new Map<string, number>();
  for (const model of Object.keys(outcomes[0]!.scores))
    means.set(model, mean(outcomes.map(({ scores }) => scores[model] ?? 0)));
  const models = [...means.keys()].sort((a, b) => means.get(a)! - means.get(b)!);
  return { file, outcomes, models, prices };
}

function scoresOf(row: Row): Record<string, number> | undefined {
  if (typeof row['weak_correct'] === 'boolean') {
    return { [PAIR.weak]: Number(row['weak_correct']), [PAIR.strong]: Number(row['strong_correct']) };
  }
  return typeof row['scores'] === 'object' && row['scores'] !== null
    ? (row['scores'] as Record<string, number>)
    : undefined;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
