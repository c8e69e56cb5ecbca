import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Usage } from '@xidao/dialects';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { routingSchema } from '../../config/schema/routing.ts';
import type { ModelFacts } from '../../core/target.ts';
import { createAutoRouter } from './auto-router.ts';
import type { Candidate } from './candidate.ts';
import { fitExemplars } from './exemplars/exemplar-model.ts';
import type { AutoSettings } from './settings.ts';
import { MOST_CHARACTERS, type SignalSource, signalsOfText } from './signals.ts';
import { TASKS, TIERS, UNKNOWN } from './tasks.ts';
import { shippedTaskWeights } from './text/task-weights.ts';

const weights = shippedTaskWeights();
const example = path.join(import.meta.dirname, '../../config/examples/routing.yaml');
/** The articles' tables as printed. */
const articles = routingSchema.parse((parse(readFileSync(example, 'utf8')) as { routing: unknown }).routing);

/** Dollars per million tokens of input and of output. */
function model(
  name: string,
  input: number,
  output: number,
  more: Partial<Candidate> & { facts?: ModelFacts } = {},
): Candidate {
  return {
    name,
    provider: name.includes('/') ? name.slice(0, name.indexOf('/')) : 'any',
    facts: {},
    isHealthy: true,
    cost: ({ inputTokens, outputTokens, cachedInputTokens = 0 }: Usage) =>
      Math.round(((inputTokens - 0.9 * cachedInputTokens) * input + outputTokens * output) * 1e6),
    ...more,
  };
}

const great = model('claude-opus-4', 15, 75, { provider: 'anthropic' });
const middling = model('gpt-5', 2, 10, { provider: 'openai' });
const cheap = model('gpt-5-nano', 0.05, 0.4, { provider: 'openai' });
const all = [great, middling, cheap];

function router(settings: Partial<AutoSettings> = {}, now: () => number = () => 0) {
  const made = createAutoRouter({ settings, now, weights });
  return {
    ...made,
    ask: (text: string, { among = all, source = {}, task, ...ask }: AskFor = {}) =>
      made.decide(made.classify(signalsOfText(text, source), { task }), among, ask),
  };
}

interface AskFor {
  among?: readonly Candidate[];
  source?: Partial<SignalSource>;
  task?: string;
  tier?: (typeof TIERS)[number];
  session?: string;
  key?: string;
}

describe('by score', () => {
  test('the cheapest tier takes a cheap model and the dearest the best one', () => {
    const { ask } = router();
    expect(ask('Is this spam or ham? You won a cruise', { tier: 'low' }).names[0]).toBe('gpt-5-nano');
    expect(ask('Write a Python function that merges two sorted lists', { tier: 'max' }).names[0]).not.toBe(
      'gpt-5-nano',
    );
  });

  test('every candidate is told with its score, its price, or why it is not asked', () => {
    const blind = model('blind', 1, 1, { facts: { inputModalities: ['text'] } });
    const { decision } = router().ask('What is this?', { among: [great, blind], source: { media: ['image'] } });
    expect(decision.candidates).toMatchObject([
      { name: 'claude-opus-4', score: expect.any(Number), expectedCostPico: expect.any(Number) },
      { name: 'blind', excluded: 'takes no image' },
    ]);
    expect(decision.task).toBe('multimodal');
  });

  test.each([
    ['context', { contextWindow: 8_000 }, { inputTokens: 7_500 }, /holds 8000 tokens/],
    ['tools', { tools: false }, { tools: 2 }, /takes no tools/],
    ['output', { maxOutputTokens: 1_000 }, { maxOutputTokens: 4_000 }, /at most 1000 tokens/],
    ['reasoning', { reasoning: false }, { reasoningEffort: 'high' as const }, /does not reason/],
  ])('a model that lacks %s is left out', (_, facts, source, why) => {
    const lacking = model('lacking', 0, 0, { facts });
    const { names, decision } = router().ask('Hello there', { among: [lacking, great], source });
    expect(names).toEqual(['claude-opus-4']);
    expect(decision.candidates.find(({ name }) => name === 'lacking')?.excluded).toMatch(why);
  });

  test('a failing model is asked only when no other is left', () => {
    const failing = { ...cheap, isHealthy: false };
    expect(router().ask('hi', { among: [failing, great] }).names).toEqual(['claude-opus-4']);
    expect(router().ask('hi', { among: [failing] }).names).toEqual(['gpt-5-nano']);
  });

  test('ceilings leave out what is too slow or too dear', () => {
    const slow = { ...cheap, expectedFirstTokenMs: 5_000 };
    expect(router({ ceilings: { firstTokenMs: 2_000 } }).ask('hi', { among: [slow, great] }).names).toEqual([
      'claude-opus-4',
    ]);
    expect(router({ ceilings: { costPico: 1e9 } }).ask('Write a poem', { among: all }).names).not.toContain(
      'claude-opus-4',
    );
  });

  test('nobody can answer: no names, and reasons for all', () => {
    const { names, reason, decision } = router().ask('hi', {
      among: [model('small', 0, 0, { facts: { contextWindow: 10 } })],
    });
    expect(names).toEqual([]);
    expect(reason).toMatch(/no candidate can answer/);
    expect(decision.candidates).toHaveLength(1);
  });
});

describe("by the operator's tables", () => {
  const named = [
    'claude-opus-4',
    'gpt-5',
    'claude-sonnet-4',
    'gemini-2.5-pro',
    'gpt-5-mini',
    'deepseek-v4',
    'qwen3-235b',
    'claude-4.7',
  ];
  const among = named.map((name) => model(name, 1, 5));

  test.each([
    ['Write a Python function that parses a CSV file', 'code_generation', ['claude-opus-4', 'gpt-5']],
    ['用 Python 写一个快速排序函数', 'code_generation', ['claude-opus-4', 'gpt-5']],
    ['Translate into French: the meeting is over.', 'translation', ['deepseek-v4', 'qwen3-235b']],
    ['把这句话翻译成英文：今天天气很好。', 'translation', ['deepseek-v4', 'qwen3-235b']],
    ['解方程：3x + 7 = 22', 'math_reasoning', ['gpt-5', 'deepseek-v4']],
    ['Write a poem about autumn rain', 'creative_writing', ['gpt-5', 'claude-opus-4']],
  ])('%s goes where the articles send it', (text, task, names) => {
    const decided = router(articles).ask(text, { among });
    expect(decided.decision.task).toBe(task);
    expect(decided.names).toEqual(names);
  });

  test("a task's limits and temperature come along for clients who set none", () => {
    expect(router(articles).ask('solve for x: 2x = 8', { among }).defaults).toEqual({
      maxTokens: 4096,
      temperature: 0,
    });
  });

  test("a keyword of the operator's decides over the words of the prompt", () => {
    const { decision, names } = router(articles).ask('Give me an overview of Python', { among });
    expect(decision.task).toBe('summarization');
    expect(names).toEqual(['claude-4.7']);
  });

  test.each(['coding', 'code-generation', 'Code Generation', '编程', 'programming'])(
    'the client may call the task %s',
    (task) => {
      const { names, decision } = router(articles).ask('hello', { among, task });
      expect(decision).toMatchObject({ task: 'code_generation', confidence: 1 });
      expect(names[0]).toBe('claude-opus-4');
    },
  );

  test.each([
    ['low', ['gpt-5-mini', 'deepseek-v4', 'qwen3-235b']],
    ['medium', ['claude-sonnet-4', 'gemini-2.5-pro']],
    ['high', ['gpt-5', 'claude-opus-4']],
    ['max', ['gpt-5', 'claude-opus-4']],
  ] as const)('auto:%s asks the models of the tier', (tier, names) => {
    expect(router(articles).ask('Design a distributed transaction system', { among, tier }).names).toEqual(names);
  });

  test('providers go in the order of the task', () => {
    const settings = { provider_priority: articles.provider_priority };
    const [deepseek, anthropic, google] = ['deepseek', 'anthropic', 'google'].map((provider) =>
      model(`${provider}/m`, 1, 5, { provider }),
    );
    const among = [google!, anthropic!, deepseek!];
    expect(router(settings).ask('Fix this bug in my Go function', { among }).names).toEqual([
      'deepseek/m',
      'anthropic/m',
      'google/m',
    ]);
    expect(router(settings).ask('写一首诗', { among }).names[0]).toBe('anthropic/m');
  });

  test('models named by how hard a request is are chosen by difficulty', () => {
    const tasks = routingSchema.parse({
      tasks: { simple: 'gpt-5-nano', medium: 'gpt-5-mini', complex: 'gpt-5', critical: 'gpt-5' },
    }).tasks;
    const pool = ['gpt-5-nano', 'gpt-5-mini', 'gpt-5'].map((name) => model(name, 1, 5));
    expect(router({ tasks }).ask('What is the capital of France?', { among: pool }).names).toEqual(['gpt-5-nano']);
    const hard =
      'Prove that if the matrix is invertible then every eigenvalue is nonzero; derive the integral, calculate the probability, and determine without error, given that at least 3 theorems must hold, the polynomial equation for each of 12 permutations.';
    expect(router({ tasks }).ask(hard, { among: pool }).names).toEqual(['gpt-5']);
  });

  test('a listed model that cannot answer is passed over', () => {
    const deaf = among.map((one) => (one.name === 'claude-opus-4' ? { ...one, isHealthy: false } : one));
    expect(router(articles).ask('Write a Python function', { among: deaf }).names).toEqual(['gpt-5']);
  });
});

describe('a request like nothing known', () => {
  test.each(['xkq zzpl mrrf qwv', '9f86d081884c7d659a2feaa0c55ad015', '}}{{>><<||~~ ^^', ''])(
    '%j goes to the default model',
    (text) => {
      const decided = router({ defaultModel: 'gpt-5' }).ask(text);
      expect(decided.isAbstaining).toBe(true);
      expect(decided.decision.task).toBe(UNKNOWN);
      expect(decided.names[0]).toBe('gpt-5');
    },
  );

  test('goes where the default task goes, if there is one', () => {
    expect(
      router({ ...articles, default_task: 'general_qa' }).ask('xkq zzpl mrrf', {
        among: [model('gpt-5-mini', 1, 1), great],
      }).names,
    ).toEqual(['gpt-5-mini']);
  });

  test('stays with its conversation in the middle of one', () => {
    const { ask } = router({ defaultModel: 'claude-opus-4' });
    const first = ask('Translate to French: good evening to all of you', { tier: 'low', session: 's' });
    expect(ask('xkq zzpl mrrf qwv', { session: 's' }).names[0]).toBe(first.names[0]);
  });
});

describe('a conversation', () => {
  const alike = [model('gpt-5', 2, 10), model('gpt-5.4', 2, 10)];

  test('keeps its model while another is only a little better', () => {
    const { ask, note } = router();
    const first = ask('Write a Python function that reverses a list', { among: [alike[0]!], session: 's' });
    note({ session: 's', task: 'code_generation', model: 'gpt-5', what: 'answered', cachedTokens: 30_000 });
    const second = ask('Now explain how vaccines work in the body', {
      among: alike,
      session: 's',
      source: { inputTokens: 31_000 },
    });
    expect(first.names).toEqual(['gpt-5']);
    expect(second).toMatchObject({ names: ['gpt-5', 'gpt-5.4'], isKept: true });
    expect(ask('Now explain how vaccines work in the body', { among: alike }).names[0]).toBe('gpt-5.4');
  });

  test('moves when another is much better', () => {
    const { ask } = router();
    ask('hi', { among: [cheap], session: 's' });
    expect(ask('Implement a B-tree in Rust with tests', { among: all, session: 's', tier: 'max' }).isKept).toBe(false);
  });

  test('never moves inside a tool loop', () => {
    const { ask } = router();
    ask('Check the weather and book a table', { among: [cheap], session: 's', source: { tools: 3 } });
    const next = ask('Check the weather and book a table', {
      session: 's',
      tier: 'max',
      source: { tools: 3, isInToolLoop: true },
    });
    expect(next).toMatchObject({ isKept: true, decision: { tier: 'max' } });
    expect(next.names[0]).toBe('gpt-5-nano');
  });

  test.each([
    ['How do vaccines work in the human body?', 'How do vaccines work in the human body??'],
    ['请解释一下疫苗是如何起作用的', '请解释一下疫苗到底是如何起作用的'],
  ])('that asks %j again is answered a tier higher', (text, again) => {
    const { ask } = router();
    expect(ask(text, { session: 's', tier: 'low' }).decision.tier).toBe('low');
    expect(ask(again, { session: 's', tier: 'low' }).decision.tier).toBe('medium');
    expect(ask('What else should I know about Portugal?', { session: 's', tier: 'low' }).decision.tier).toBe('medium');
  });

  test.each(['bad_tool_call', 'refused', 'empty'] as const)('is raised a tier after an answer that was %s', (what) => {
    const { ask, note } = router();
    const { names } = ask('Look up the order', { session: 's', tier: 'medium' });
    note({ session: 's', task: 'agent', model: names[0]!, what });
    expect(ask('And the invoice?', { session: 's', tier: 'medium' }).decision.tier).toBe('high');
  });

  test('is forgotten after an hour of silence', () => {
    let now = 0;
    const { ask } = router({}, () => now);
    ask('Tell me about whales', { among: [cheap], session: 's' });
    now = 3_600_001;
    expect(ask('Tell me about whales', { session: 's', tier: 'low' }).decision.tier).toBe('low');
  });

  test('is not moved by a dry run', () => {
    const { classify, explain, ask } = router();
    const signals = classify(signalsOfText('Tell me about whales'));
    explain(signals, all, { session: 's', tier: 'low' });
    expect(ask('Tell me about whales', { session: 's', tier: 'low' }).decision.tier).toBe('low');
  });
});

describe('the dearest tier', () => {
  test('is held to its share of a key', () => {
    const { ask } = router({ maxTierShare: 0.25 });
    const tiers = Array.from({ length: 200 }, () => ask('hi', { tier: 'max', key: 'k' }).decision.tier);
    const share = tiers.filter((tier) => tier === 'max').length / tiers.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThanOrEqual(0.26);
  });

  test('is not reached more than a fifth of the time by asking again and again', () => {
    const { ask } = router();
    const tiers = Array.from(
      { length: 200 },
      () => ask('How do vaccines work?', { tier: 'high', key: 'k', session: 's' }).decision.tier,
    );
    expect(tiers.filter((tier) => tier === 'max').length).toBeLessThanOrEqual(41);
  });

  test('is as often as asked for where nothing is set', () => {
    const { ask } = router();
    const tiers = new Set(Array.from({ length: 50 }, () => ask('hi', { tier: 'max', key: 'k' }).decision.tier));
    expect([...tiers]).toEqual(['max']);
  });
});

test('judged prompts move the choice for what is like them', () => {
  const models = ['weak', 'strong'];
  const exemplars = Array.from({ length: 240 }, (_, at) => {
    const isLaw = at % 2 === 0;
    const text = isLaw
      ? `Is the tenant number ${at} liable for the broken window under the lease clause?`
      : `Convert recipe ${at} from cups of flour and sugar to grams`;
    return {
      text,
      task: 'general_qa',
      scores: isLaw ? { weak: 0.1, strong: 0.95 } : { weak: 0.95, strong: 0.4 },
      priors: [0.55, 0.55],
    };
  });
  const { ask, useExemplars } = router();
  const among = models.map((name) => model(name, 1, 1));
  useExemplars(fitExemplars(models, exemplars));
  expect(ask('Is the tenant liable for the broken door under the lease clause?', { among, tier: 'max' }).names[0]).toBe(
    'strong',
  );
  expect(ask('Convert this recipe from cups of sugar to grams', { among, tier: 'max' }).names[0]).toBe('weak');
});

describe('whatever comes', () => {
  const anyCandidate = fc.record({
    name: fc.string({ maxLength: 20 }),
    provider: fc.constantFrom('a', 'b', 'openai'),
    facts: fc.record(
      {
        contextWindow: fc.integer({ min: 0, max: 1_000_000 }),
        tools: fc.boolean(),
        reasoning: fc.boolean(),
        inputModalities: fc.constant(['text']),
      },
      { requiredKeys: [] },
    ),
    isHealthy: fc.boolean(),
    price: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  });
  const anySource = fc.record(
    {
      userTurns: fc.nat(50),
      tools: fc.nat(130),
      isInToolLoop: fc.boolean(),
      media: fc.subarray(['image', 'audio', 'video', 'pdf']),
      previousText: fc.string(),
      inputTokens: fc.nat(2_000_000),
    },
    { requiredKeys: [] },
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('constructor', '__proto__', 'a'.repeat(30_000), '证'.repeat(20_000)),
  );

  test('it never throws, names nobody that is excluded, is deterministic, and looks at no more than 8 K characters', () => {
    fc.assert(
      fc.property(
        anyText,
        anySource,
        fc.array(anyCandidate, { maxLength: 6 }),
        fc.constantFrom(...TIERS, undefined),
        anyText,
        (text, source, drawn, tier, hint) => {
          const candidates = drawn.map(
            ({ price, ...candidate }, at): Candidate => ({
              ...candidate,
              name: `${at}${candidate.name}`,
              facts: candidate.facts as ModelFacts,
              cost: ({ inputTokens, outputTokens }) =>
                price === undefined ? undefined : (inputTokens + outputTokens) * price,
            }),
          );
          const run = () => {
            const { classify, decide } = createAutoRouter({ settings: articles, now: () => 0, weights });
            const signals = classify(signalsOfText(text, source), { task: hint });
            return { signals, decided: decide(signals, candidates, { tier, session: text, key: 'k' }) };
          };
          const { signals, decided } = run();
          expect(run()).toEqual({ signals, decided });
          expect(signals.source.text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
          expect(signals.difficulty).toBeGreaterThanOrEqual(0);
          expect(signals.difficulty).toBeLessThanOrEqual(1);
          expect(signals.confidence).toBeGreaterThanOrEqual(0);
          expect(signals.confidence).toBeLessThanOrEqual(1);
          expect([...TASKS, UNKNOWN, 'simple']).toContain(signals.task);
          const excluded = new Set(
            decided.decision.candidates.flatMap(({ name, excluded: why }) => (why === undefined ? [] : [name])),
          );
          expect(decided.names.filter((name) => excluded.has(name))).toEqual([]);
          expect(new Set(decided.names).size).toBe(decided.names.length);
          expect(decided.decision.candidates.map(({ name }) => name).sort()).toEqual(
            candidates.map(({ name }) => name).sort(),
          );
        },
      ),
      { seed: 7, numRuns: 150 },
    );
  });
});
