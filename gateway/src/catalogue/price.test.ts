import type { Usage } from '@xidao/dialects';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findProvider } from '../providers/index.ts';
import { knownModelsOf } from './known-models.ts';
import { costOf, type Price, perMillion, priceAt } from './price.ts';
import { openPriceBook } from './price-book.ts';

const book = openPriceBook();
const dollars = (amount: number) => Math.round(amount * 1e12);

function costAt(provider: string, model: string, usage: Usage, at = '2026-11-20T12:00:00Z'): number {
  const price = priceAt(knownModelsOf(findProvider(provider)!, book).find(model).prices, Date.parse(at));
  return costOf(usage, price!);
}

// Figures by hand from the published prices, in dollars per million tokens. The wire convention of each provider is noted: all
// become one `Usage`, in which cached tokens are part of the input.

test('OpenAI: prompt_tokens include the cached ones (GPT-5: 1.25, cached 0.125, output 10)', () => {
  const usage = { inputTokens: 10_000, cachedInputTokens: 8_000, outputTokens: 500, reasoningTokens: 300 };
  // 2,000 × 1.25 + 8,000 × 0.125 + 500 × 10 = 8,500 millionths
  expect(costAt('openai', 'gpt-5', usage)).toBe(dollars(0.0085));
});

test('Anthropic: input_tokens exclude cache reads and writes (Opus 4.7: 5, read 0.5, write 6.25 and 10, output 25)', () => {
  // On the wire: input 1,000, cache_read 8,000, cache_creation 1,000 of which 400 for one hour.
  const usage = {
    inputTokens: 10_000,
    cachedInputTokens: 8_000,
    cacheWriteTokens: 1_000,
    cacheWrite1hTokens: 400,
    outputTokens: 500,
  };
  // 1,000 × 5 + 8,000 × 0.5 + 600 × 6.25 + 400 × 10 + 500 × 25 = 29,250 millionths
  expect(costAt('anthropic', 'claude-opus-4-7', usage)).toBe(dollars(0.02925));
});

test('Gemini: promptTokenCount includes the cached ones, thoughts stand beside candidates (2.5 Pro: 1.25, cached 0.125, output 10)', () => {
  const usage = { inputTokens: 10_000, cachedInputTokens: 4_000, outputTokens: 700, reasoningTokens: 500 };
  // 6,000 × 1.25 + 4,000 × 0.125 + 700 × 10 = 15,000 millionths
  expect(costAt('gemini', 'gemini-2.5-pro', usage)).toBe(dollars(0.015));
});

test('Bedrock: inputTokens exclude the cache; a regional profile costs a tenth more (Sonnet 4.5: 3.3, read 0.33, write 4.125, output 16.5)', () => {
  const usage = { inputTokens: 10_000, cachedInputTokens: 8_000, cacheWriteTokens: 1_000, outputTokens: 500 };
  // 1,000 × 3.3 + 8,000 × 0.33 + 1,000 × 4.125 + 500 × 16.5 = 18,315 millionths
  expect(costAt('bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', usage)).toBe(dollars(0.018315));
  // 1,000 × 3 + 8,000 × 0.3 + 1,000 × 3.75 + 500 × 15 = 16,650 millionths
  expect(costAt('bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', usage)).toBe(dollars(0.01665));
});

test('DeepSeek: hits and misses add up to prompt_tokens; prices double in the hours of peak load (V4 Flash)', () => {
  const usage = { inputTokens: 10_000, cachedInputTokens: 8_000, outputTokens: 500 };
  // 2,000 × 0.22 + 8,000 × 0.007 + 500 × 0.66 = 826 millionths
  expect(costAt('deepseek', 'deepseek-v4-flash', usage, '2026-11-20T12:00:00Z')).toBe(dollars(0.000826));
  expect(costAt('deepseek', 'deepseek-v4-flash', usage, '2026-11-20T01:00:00Z')).toBe(dollars(0.001652));
  expect(costAt('deepseek', 'deepseek-v4-flash', usage, '2026-11-20T04:00:00Z')).toBe(dollars(0.000826));
  expect(costAt('deepseek', 'deepseek-chat', usage)).toBe(dollars(0.000826));
});

test('above a threshold the whole request costs the higher rate, the threshold itself does not', () => {
  const usage = (inputTokens: number) => ({ inputTokens, cachedInputTokens: 50_000, outputTokens: 1_000 });
  // 150,000 × 1.25 + 50,000 × 0.125 + 1,000 × 10 = 203,750 millionths
  expect(costAt('gemini', 'gemini-2.5-pro', usage(200_000))).toBe(dollars(0.20375));
  // 150,001 × 2.5 + 50,000 × 0.25 + 1,000 × 15 = 402,502.5 millionths
  expect(costAt('gemini', 'gemini-2.5-pro', usage(200_001))).toBe(dollars(0.4025025));
  // OpenAI's long rates begin at 272,000 tokens: 271,999 × 2.5 and 272,000 × 5
  expect(costAt('openai', 'gpt-5.4', { inputTokens: 271_999, outputTokens: 0 })).toBe(dollars(0.6799975));
  expect(costAt('openai', 'gpt-5.4', { inputTokens: 272_000, outputTokens: 0 })).toBe(dollars(1.36));
});

test('a price that changes on a day holds from that day on', () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  expect(costAt('openai', 'gpt-5.6-luna', { ...usage, inputTokens: 100_000 }, '2026-07-29T23:59:59Z')).toBe(
    dollars(0.1),
  );
  expect(costAt('openai', 'gpt-5.6-luna', { ...usage, inputTokens: 100_000 }, '2026-07-30T00:00:00Z')).toBe(
    dollars(0.02),
  );
});

test('audio has its own rate (Gemini 2.5 Flash: 0.3, audio 1, output 2.5)', () => {
  // 600 × 0.3 + 400 × 1 + 100 × 2.5 = 830 millionths
  expect(costAt('gemini', 'gemini-2.5-flash', { inputTokens: 1_000, audioInputTokens: 400, outputTokens: 100 })).toBe(
    dollars(0.00083),
  );
});

test('thinking has its own rate where the provider bills it so (Qwen3 235B: 0.7, output 2.8, thinking 8.4)', () => {
  // 1,000 × 0.7 + 100 × 2.8 + 200 × 8.4 = 2,660 millionths
  expect(costAt('qwen', 'qwen3-235b', { inputTokens: 1_000, outputTokens: 300, reasoningTokens: 200 })).toBe(
    dollars(0.00266),
  );
});

test('tools that the provider runs are billed by use (web search: 10 dollars a thousand)', () => {
  expect(costAt('anthropic', 'claude-opus-4-7', { inputTokens: 0, outputTokens: 0, serverToolRequests: 3 })).toBe(
    dollars(0.03),
  );
});

const plain: Price = { input: perMillion(3), output: perMillion(15), source: 'test', date: '2026-01-01' };

test('without rates for the cache its tokens cost what input costs', () => {
  const usage = {
    inputTokens: 1_000,
    cachedInputTokens: 600,
    cacheWriteTokens: 400,
    cacheWrite1hTokens: 400,
    outputTokens: 0,
  };
  expect(costOf(usage, plain)).toBe(1_000 * perMillion(3));
});

test('a daily price may span midnight', () => {
  const night: Price = { ...plain, input: 1 };
  const prices = [{ price: plain }, { price: night, daily: { from: 22 * 3600, to: 6 * 3600 } }];
  const inputAt = (time: string) => priceAt(prices, Date.parse(`2026-01-01T${time}Z`))?.input;
  expect(inputAt('22:00:00')).toBe(1);
  expect(inputAt('05:59:59')).toBe(1);
  expect(inputAt('06:00:00')).toBe(plain.input);
  expect(priceAt([], 0)).toBeUndefined();
});

test('no token is billed twice and none is free, whatever the provider counts', () => {
  const count = fc.integer({ min: 0, max: 1_000 });
  const price: Price = { ...plain, cachedInput: plain.input, cacheWrite: plain.input, audioInput: plain.input };
  fc.assert(
    fc.property(count, count, count, count, count, (inputTokens, cached, written, hour, audio) => {
      const usage = {
        inputTokens,
        outputTokens: 0,
        cachedInputTokens: cached,
        cacheWriteTokens: written,
        cacheWrite1hTokens: hour,
        audioInputTokens: audio,
      };
      expect(costOf(usage, price)).toBe(inputTokens * plain.input);
    }),
    { seed: 20261120, numRuns: 300 },
  );
});
