import { createBoundedMap } from './bounded-map.ts';
import type { Candidate } from './candidate.ts';
import type { SignalSource } from './signals.ts';

/** How long answers are likely to be, from what was seen, or else from the task. */
export interface ExpectedOutput {
  tokens(task: string, candidate: Candidate, source: SignalSource): number;
  note(task: string, model: string, tokens: number): void;
}

/** Tokens of an answer where nothing was seen yet. */
const USUAL: Readonly<Record<string, number>> = {
  code_generation: 900,
  code_review: 700,
  creative_writing: 900,
  data_analysis: 700,
  translation: 300,
  math_reasoning: 700,
  general_qa: 350,
  summarization: 250,
  classification: 20,
  extraction: 200,
  chat: 120,
  agent: 250,
  long_document: 400,
  multimodal: 300,
};
const OTHERWISE = 400;
/** Thinking is billed as output. */
const OF_REASONING = 2.5;
const RECENT = 0.1;
const MOST_PAIRS = 5_000;

export function createExpectedOutput(): ExpectedOutput {
  const seen = createBoundedMap<number>(MOST_PAIRS);
  return {
    tokens(task, { name, facts }, { maxOutputTokens, reasoningEffort }) {
      const usual = Object.hasOwn(USUAL, task) ? USUAL[task]! : OTHERWISE;
      const thinks = facts.reasoning === true && reasoningEffort !== 'none' && reasoningEffort !== 'minimal';
      const expected = seen.get(`${task}\n${name}`) ?? (thinks ? usual * OF_REASONING : usual);
      return Math.round(Math.min(expected, maxOutputTokens ?? expected));
    },
    note(task, model, tokens) {
      if (!(tokens >= 0)) return;
      const key = `${task}\n${model}`;
      const before = seen.get(key);
      seen.set(key, before === undefined ? tokens : before + RECENT * (tokens - before));
    },
  };
}
