import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestNames } from './nearest.ts';

const models = [
  'gpt-5',
  'gpt-5-mini',
  'gpt-4o',
  'claude-opus-4-7',
  'claude-sonnet-4-6',
  'openai/gpt-5',
  'gemini-2.5-pro',
];

test('a typing slip finds the name that was meant', () => {
  expect(nearestNames('gtp-5-mini', models)[0]).toBe('gpt-5-mini');
  expect(nearestNames('claude-opus-47', models)[0]).toBe('claude-opus-4-7');
  expect(nearestNames('GEMINI_2.5_PRO', models)[0]).toBe('gemini-2.5-pro');
});

test('the beginning of a name is enough', () => {
  expect(nearestNames('claude', models)).toEqual(['claude-opus-4-7', 'claude-sonnet-4-6']);
});

test('a name behind a prefix is found too, after the bare one', () => {
  expect(nearestNames('gpt5', models).slice(0, 2)).toEqual(['gpt-5', 'openai/gpt-5']);
});

test('nothing near gives nothing', () => {
  expect(nearestNames('stable-diffusion', models)).toEqual([]);
  expect(nearestNames('', models)).toEqual([]);
  expect(nearestNames('---', models)).toEqual([]);
});

test('at most as many as asked for, without repeats', () => {
  expect(nearestNames('gpt-5', ['gpt-5', 'gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-5.3'], 2)).toEqual(['gpt-5', 'gpt-5.1']);
});

test('neighbours swapped count as one slip', () => {
  expect(editDistance('gtp', 'gpt')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
});

test('the distance is symmetric, and zero only for equal texts', () => {
  const word = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
    { seed: 20261120, numRuns: 200 },
  );
});
