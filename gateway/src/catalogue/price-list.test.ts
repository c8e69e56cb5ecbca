import { type DialectName, dialects, type JsonObject, type Usage } from '@xidao/dialects';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findProvider } from '../providers/index.ts';
import { knownModelsOf } from './known-models.ts';
import { costOf, type Price, perMillion, type ScheduledPrice } from './price.ts';
import { openPriceBook } from './price-book.ts';
import { createPriceList } from './price-list.ts';

const SEED = 20261120;
const book = openPriceBook();
const listedOf = (provider: string) => (model: string) =>
  knownModelsOf(findProvider(provider)!, book).find(model).prices;
const list: ScheduledPrice[] = [
  { price: { input: 3_000_000, output: 15_000_000, source: 'test', date: '2026-01-01' } },
];
const thousand: Usage = { inputTokens: 1_000, outputTokens: 0 };

describe('the same call', () => {
  /** 10,000 tokens read, 6,000 of them from the cache; 800 written, 300 of them thoughts. */
  const told: [name: string, dialect: DialectName, usage: JsonObject][] = [
    [
      'OpenAI Chat: the prompt includes the cached, the completion the thoughts',
      'openai-chat',
      {
        prompt_tokens: 10_000,
        completion_tokens: 800,
        total_tokens: 10_800,
        prompt_tokens_details: { cached_tokens: 6_000 },
        completion_tokens_details: { reasoning_tokens: 300 },
      },
    ],
    [
      'DeepSeek: hits and misses beside the prompt',
      'openai-chat',
      {
        prompt_tokens: 10_000,
        completion_tokens: 800,
        total_tokens: 10_800,
        prompt_cache_hit_tokens: 6_000,
        prompt_cache_miss_tokens: 4_000,
        completion_tokens_details: { reasoning_tokens: 300 },
      },
    ],
    [
      'OpenAI Responses: the input includes the cached',
      'openai-responses',
      {
        input_tokens: 10_000,
        output_tokens: 800,
        input_tokens_details: { cached_tokens: 6_000 },
        output_tokens_details: { reasoning_tokens: 300 },
      },
    ],
    [
      'Anthropic: the input excludes the cached',
      'anthropic-messages',
      {
        input_tokens: 4_000,
        cache_read_input_tokens: 6_000,
        cache_creation_input_tokens: 0,
        output_tokens: 800,
        output_tokens_details: { thinking_tokens: 300 },
      },
    ],
    [
      'Gemini: thoughts beside the candidates',
      'gemini',
      {
        promptTokenCount: 10_000,
        cachedContentTokenCount: 6_000,
        candidatesTokenCount: 500,
        thoughtsTokenCount: 300,
        totalTokenCount: 10_800,
      },
    ],
    [
      'Bedrock: the input excludes the cached',
      'bedrock',
      { inputTokens: 4_000, cacheReadInputTokens: 6_000, outputTokens: 800 },
    ],
  ];
  const price: Price = { ...list[0]!.price, cachedInput: 300_000, cacheWrite: 3_750_000 };

  test.each(told)('costs the same to the pico-dollar as told by %s', (_, dialect, usage) => {
    // 4,000 × 3 + 6,000 × 0.3 + 800 × 15 = 25,800 millionths of a dollar
    expect(costOf(dialects[dialect].readUsage(usage)!, price)).toBe(25_800_000_000);
  });

  test.each([
    [
      'anthropic-messages',
      {
        input_tokens: 1_000,
        cache_read_input_tokens: 5_000,
        cache_creation_input_tokens: 4_000,
        cache_creation: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 1_000 },
        output_tokens: 0,
      },
    ],
    [
      'bedrock',
      {
        inputTokens: 1_000,
        cacheReadInputTokens: 5_000,
        cacheWriteInputTokens: 4_000,
        cacheDetails: [
          { ttl: '5m', inputTokens: 3_000 },
          { ttl: '1h', inputTokens: 1_000 },
        ],
        outputTokens: 0,
      },
    ],
  ] as [DialectName, JsonObject][])('pays for five minutes and an hour of cache apart, in %s', (dialect, usage) => {
    const both: Price = { ...price, cacheWrite1h: 6_000_000 };
    // 1,000 × 3 + 5,000 × 0.3 + 3,000 × 3.75 + 1,000 × 6
    expect(costOf(dialects[dialect].readUsage(usage)!, both)).toBe(21_750_000_000);
  });
});

describe('money', () => {
  const count = fc.integer({ min: 0, max: 5_000_000 });
  const rate = fc.integer({ min: 0, max: 200_000_000 });
  const price = fc
    .record({ input: rate, output: rate, cachedInput: rate, cacheWrite: rate, cacheWrite1h: rate, reasoning: rate })
    .map((rates): Price => ({ ...rates, source: 'test', date: '2026-01-01' }));
  const usage = fc
    .tuple(count, count, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }))
    .map(([inputTokens, outputTokens, [cached, written, hour, thought]]): Usage => {
      const cachedInputTokens = Math.floor(inputTokens * cached!);
      const cacheWriteTokens = Math.floor((inputTokens - cachedInputTokens) * written!);
      return {
        inputTokens,
        outputTokens,
        cachedInputTokens,
        cacheWriteTokens,
        cacheWrite1hTokens: Math.floor(cacheWriteTokens * hour!),
        reasoningTokens: Math.floor(outputTokens * thought!),
      };
    });
  const both = (one: Usage, other: Usage) =>
    Object.fromEntries(
      Object.keys(one).map((key) => [key, Number(one[key as 'inputTokens']) + Number(other[key as 'inputTokens'])]),
    ) as unknown as Usage;

  test('is whole, never below zero, and adds up: two calls cost what both together cost', () => {
    fc.assert(
      fc.property(price, usage, usage, (at, one, other) => {
        const [first, second, together] = [costOf(one, at), costOf(other, at), costOf(both(one, other), at)];
        expect(Number.isInteger(first) && first >= 0).toBe(true);
        expect(BigInt(first) + BigInt(second)).toBe(BigInt(together));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('never falls when more is used', () => {
    fc.assert(
      fc.property(price, usage, count, count, (at, used, input, output) => {
        const more = { ...used, inputTokens: used.inputTokens + input, outputTokens: used.outputTokens + output };
        expect(costOf(more, at)).toBeGreaterThanOrEqual(costOf(used, at));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('is never given back, whatever counts a host tells', () => {
    const odd = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        price,
        odd,
        odd,
        odd,
        odd,
        odd,
        (at, inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens) => {
          const cost = costOf(
            {
              inputTokens,
              outputTokens,
              cachedInputTokens,
              cacheWriteTokens,
              reasoningTokens,
              serverToolRequests: inputTokens,
            },
            at,
          );
          expect(Number.isInteger(cost) && cost >= 0).toBe(true);
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('does not drift: a million calls sum to their exact price', () => {
    const cost = createPriceList({ nowMs: () => 0 }).pricing('openai', listedOf('openai'));
    let state = SEED;
    const next = (most: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % most;
    };
    let sum = 0n;
    let [input, cached, output] = [0n, 0n, 0n];
    for (let call = 0; call < 1_000_000; call++) {
      const usage = { inputTokens: next(4_000), outputTokens: next(900), cachedInputTokens: 0 };
      usage.cachedInputTokens = usage.inputTokens >> 2;
      sum += BigInt(cost('gpt-5', usage)!);
      input += BigInt(usage.inputTokens - usage.cachedInputTokens);
      cached += BigInt(usage.cachedInputTokens);
      output += BigInt(usage.outputTokens);
    }
    expect(sum).toBe(input * 1_250_000n + cached * 125_000n + output * 10_000_000n);
  });
});

describe('service tiers', () => {
  const usage = { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 100 };
  test.each([
    ['openai', 'gpt-5', { batch: 0.5, flex: 0.5, priority: 2, default: 1 }],
    ['openai', 'gpt-5-mini', { batch: 0.5, flex: 0.5, priority: 1.8 }],
    ['anthropic', 'claude-opus-4-7', { batch: 0.5, standard: 1, priority: 1 }],
    ['gemini', 'gemini-2.5-pro', { batch: 0.5, flex: 0.5, priority: 1.8 }],
    ['deepseek', 'deepseek-v4-flash', { batch: 1, unheard_of: 1 }],
  ])('of %s %s cost their multiple', (provider, model, tiers) => {
    const cost = createPriceList({ nowMs: () => Date.parse('2026-11-20T12:00:00Z') }).pricing(
      provider,
      listedOf(provider),
    );
    const usual = cost(model, usage)!;
    for (const [serviceTier, multiple] of Object.entries(tiers))
      expect(cost(model, { ...usage, serviceTier }), serviceTier).toBe(usual * multiple);
  });
});

describe('what is written', () => {
  test('stands before the catalogue: the file, then the entries of a provider, then the overrides', () => {
    const row = (input: number) => ({ provider: 'lab', model: 'm*', input });
    const file = { rows: [], digest: 'x', date: '' };
    const at = (deps: object) =>
      createPriceList({ nowMs: () => 0, file: () => file, ...deps }).pricing('lab', () => list)('m', thousand);
    expect(at({})).toBe(3e9);
    expect(at({ written: [row(2)] })).toBe(2e9);
    expect(at({ written: [row(2)], overrides: [row(1)] })).toBe(1e9);
    expect(at({ overrides: [{ ...row(1), provider: 'another' }] })).toBe(3e9);
  });

  test('can be planned: a price that begins on a day or at an hour leaves the others in force until then', () => {
    let now = Date.parse('2026-11-30T23:59:59Z');
    let looked = 0;
    const cost = createPriceList({
      nowMs: () => now,
      overrides: [
        { model: 'm', input: 2, from: '2026-12-01' },
        { model: 'm', input: 1, from: '2026-12-02', daily: { from: '22:00', to: '06:00' } },
      ],
    }).pricing('lab', () => {
      looked += 1;
      return list;
    });
    const inputAt = (time: string) => {
      now = Date.parse(time);
      return cost('m', { inputTokens: 1, outputTokens: 0 });
    };
    expect(inputAt('2026-11-30T23:59:59Z')).toBe(3_000_000);
    expect(inputAt('2026-12-01T00:00:00Z')).toBe(2_000_000);
    expect(inputAt('2026-12-02T12:00:00Z')).toBe(2_000_000);
    expect(inputAt('2026-12-02T22:00:00Z')).toBe(1_000_000);
    expect(inputAt('2026-12-03T05:59:59Z')).toBe(1_000_000);
    expect(inputAt('2026-12-03T06:00:00Z')).toBe(2_000_000);
    const before = looked;
    for (let call = 0; call < 100; call++) inputAt('2026-12-03T07:00:00Z');
    expect(looked).toBe(before);
  });

  test('has tiers for long requests and a price for each request', () => {
    const cost = createPriceList({
      nowMs: () => 0,
      overrides: [
        { model: 'm', input: 1, output: 2, per_request: 0.005, tiers: [{ above_input_tokens: 100, input: 4 }] },
      ],
    }).pricing('lab', () => []);
    expect(cost('m', { inputTokens: 100, outputTokens: 1 })).toBe(100_000_000 + 2_000_000 + 5_000_000_000);
    expect(cost('m', { inputTokens: 101, outputTokens: 1 })).toBe(404_000_000 + 2_000_000 + 5_000_000_000);
  });

  test('a discount changes what a provider costs, and the first rule that fits counts', () => {
    const discounts = [
      { provider: 'lab', model: 'big-*', percent: 20 },
      { provider: 'lab', multiplier: 1.1 },
    ];
    const cost = createPriceList({ nowMs: () => 0, discounts }).pricing('lab', () => list);
    expect(cost('big-1', thousand)).toBe(2.4e9);
    expect(cost('small', thousand)).toBe(3.3e9);
  });

  test('what a team is charged is no part of the cost', () => {
    const discounts = [
      { team: 'research', percent: -15 },
      { team: 'ops*', provider: 'lab', multiplier: 0.5 },
    ];
    const prices = createPriceList({ nowMs: () => 0, discounts });
    const place = { provider: 'lab', model: 'm' };
    expect(prices.pricing('lab', () => list)('m', thousand)).toBe(3e9);
    expect(prices.charge!(3e9, 'research', place)).toBe(3.45e9);
    expect(prices.charge!(3e9, 'ops-eu', place)).toBe(1.5e9);
    expect(prices.charge!(3e9, 'ops-eu', { provider: 'other', model: 'm' })).toBeUndefined();
    expect(prices.charge!(3e9, undefined, place)).toBeUndefined();
    expect(prices.charge!(7_000_000_000_000_001, 'research', place)).toBe(8_050_000_000_000_001);
    expect(createPriceList({ nowMs: () => 0 }).charge).toBeUndefined();
  });

  test('gives every change a version of its own, and the same prices the same one', () => {
    const version = (deps: object) => createPriceList({ nowMs: () => 0, ...deps }).version();
    const versions = [
      {},
      { overrides: [{ model: 'm', input: 1 }] },
      { discounts: [{ percent: 1 }] },
      { file: () => ({ rows: [], digest: 'a', date: '2027-01-02' }) },
    ].map(version);
    expect(new Set(versions).size).toBe(4);
    expect(version({})).toBe(versions[0]);
    expect(versions[0]).toMatch(/^\d{4}-\d{2}-\d{2}\.[\da-f]{8}$/);
    expect(versions[3]).toMatch(/^2027-01-02\./);
  });

  test('nobody knows a price: the cost is unknown, and not zero', () => {
    expect(createPriceList({ nowMs: () => 0 }).pricing('lab', () => [])('m', thousand)).toBeUndefined();
    expect(perMillion(0)).toBe(0);
  });
});
