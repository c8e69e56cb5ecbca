import type { Usage } from '@xidao/dialects';
import { createAutoRouter } from '../../gateway/src/routing/auto/auto-router.ts';
import type { Candidate } from '../../gateway/src/routing/auto/candidate.ts';
import { fitExemplars } from '../../gateway/src/routing/auto/exemplars/exemplar-model.ts';
import { signalsOfText } from '../../gateway/src/routing/auto/signals.ts';
import { shippedTaskWeights } from '../../gateway/src/routing/auto/text/task-weights.ts';
import type { OutcomeSet } from './data-sets.ts';
import { priorsOf } from './measure-routing.ts';

const WARM_UP = 500;
const NAMES = [
  'gpt-5.5',
  'gpt-5-mini',
  'gpt-5-nano',
  'claude-opus-4-7',
  'claude-haiku-4-5',
  'gemini-3-flash',
  'deepseek-v4',
  'qwen3-max',
];

/** A table of the time that classifying and deciding takes, without and with judged prompts. */
export function measureSpeed(texts: readonly string[], set: OutcomeSet | undefined): string {
  const candidates = NAMES.map(candidate);
  const long = texts.join('\n').slice(0, 8_192);
  const exemplars =
    set &&
    fitExemplars(
      NAMES,
      set.outcomes.map(({ text, scores }) => {
        const values = Object.values(scores);
        return { text, ...priorsOf(text, NAMES), scores: { [NAMES[1]!]: values[0]!, [NAMES[0]!]: values.at(-1)! } };
      }),
    );
  const rows = [
    row('the prompts above', time(texts, candidates, undefined)),
    row(
      'a prompt of 8 K characters',
      time(
        Array.from({ length: 300 }, () => long),
        candidates,
        undefined,
      ),
    ),
    ...(exemplars === undefined
      ? []
      : [row(`the prompts above, ${exemplars.count} judged prompts in use`, time(texts, candidates, exemplars))]),
  ];
  return `| | p50 | p95 | p99 |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function time(
  texts: readonly string[],
  candidates: readonly Candidate[],
  exemplars: ReturnType<typeof fitExemplars> | undefined,
): number[] {
  const router = createAutoRouter({ now: () => 0, weights: shippedTaskWeights() });
  router.useExemplars(exemplars);
  const decide = (text: string, at: number) =>
    router.decide(router.classify(signalsOfText(text)), candidates, { session: `s${at % 100}`, key: 'k' });
  for (let at = 0; at < WARM_UP; at++) decide(texts[at % texts.length]!, at);
  return texts
    .map((text, at) => {
      const began = performance.now();
      decide(text, at);
      return performance.now() - began;
    })
    .sort((a, b) => a - b);
}

function row(name: string, times: readonly number[]): string {
  const at = (share: number) => `${times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(3)} ms`;
  return `| ${name} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} |`;
}

function candidate(name: string, at: number): Candidate {
  const price = 1 + at;
  return {
    name,
    provider: `p${at % 3}`,
    facts: { contextWindow: 200_000, tools: true },
    isHealthy: true,
    cost: ({ inputTokens, outputTokens }: Usage) => (inputTokens + 4 * outputTokens) * price * 100_000,
    expectedFirstTokenMs: 300 * (at + 1),
  };
}
