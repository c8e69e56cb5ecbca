import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAMILY_PRIORS } from './data/quality-priors.ts';
import { qualityAt } from './quality-at.ts';
import { createQualityTable } from './quality-table.ts';

const day = 24 * 3_600_000;

describe('what is expected of a model', () => {
  const table = createQualityTable({ now: () => 0 });
  const mean = (model: string, task = 'code_generation', price?: number) => table.estimate(task, model, price).mean;

  test.each([
    ['gpt-5.5', 'gpt-5'],
    ['gpt-5', 'gpt-5-mini'],
    ['gpt-5-mini', 'gpt-5-nano'],
    ['claude-opus-4-7', 'claude-opus-4'],
    ['claude-4.7', 'claude-sonnet-4'],
    ['anthropic/claude-sonnet-4-5-20250929', 'claude-3-5-haiku-20241022'],
    ['gemini-3.1-pro-preview', 'gemini-2.5-flash'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-lite'],
    ['deepseek-v4-pro', 'deepseek-chat'],
    ['qwen3-235b', 'qwen2.5-7b-instruct'],
    ['gpt-4-1106-preview', 'mixtral-8x7b-instruct-v0.1'],
  ])('%s writes better code than %s', (better, worse) => {
    expect(mean(better)).toBeGreaterThan(mean(worse));
  });

  test('of an unknown one the price tells a little', () => {
    expect(mean('nobody-knows', 'chat', 30)).toBeGreaterThan(mean('nobody-knows', 'chat', 0.1));
    expect(table.estimate('chat', 'nobody-knows', 30).weight).toBeLessThan(table.estimate('chat', 'gpt-5', 30).weight);
  });

  test('every prior is a chance, and no row hides behind an earlier one', () => {
    for (const { overall, differs = {} } of FAMILY_PRIORS)
      for (const value of [overall, ...Object.values(differs)]) expect(value > 0 && value < 1).toBe(true);
    expect(new Set(FAMILY_PRIORS.map(({ family }) => family)).size).toBe(FAMILY_PRIORS.length);
  });
});

test('what is seen moves it, more with more, and fades over weeks', () => {
  let now = 0;
  const table = createQualityTable({ now: () => now });
  const mean = () => table.estimate('chat', 'gpt-5', undefined).mean;
  const before = mean();
  const fail = () => table.observe({ task: 'chat', model: 'gpt-5', score: 0, weight: 1 });
  fail();
  const after = mean();
  for (let time = 0; time < 50; time++) fail();
  const later = mean();
  expect(before > after && after > later && later < 0.3).toBe(true);
  now = 70 * day;
  expect(mean()).toBeCloseTo(before, 1);
});

test("an operator's word goes before the priors, and nonsense changes nothing", () => {
  const table = createQualityTable({ now: () => 0, given: { 'gpt-5': 0.2 } });
  table.observe({ task: 'chat', model: 'gpt-5', score: Number.NaN, weight: 1 });
  table.observe({ task: 'chat', model: 'gpt-5', score: 7, weight: 1 });
  expect(table.estimate('chat', 'gpt-5', undefined).mean).toBe(0.2);
});

test('harder requests are answered less well, and keep the order of the models', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(chance, chance, chance, chance, (q1, q2, d1, d2) => {
      const [weak, strong] = [Math.min(q1, q2), Math.max(q1, q2)];
      const [easy, hard] = [Math.min(d1, d2), Math.max(d1, d2)];
      expect(qualityAt(weak, hard)).toBeLessThanOrEqual(qualityAt(weak, easy) + 1e-12);
      if (hard >= 0.25) expect(qualityAt(weak, hard)).toBeLessThanOrEqual(qualityAt(strong, hard) + 1e-12);
    }),
    { seed: 3, numRuns: 300 },
  );
});
