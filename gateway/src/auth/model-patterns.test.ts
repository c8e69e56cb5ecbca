import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permits } from '../routing/permits.ts';
import { modelsOutside, narrowModels } from './model-patterns.ts';

test.each([
  [undefined, undefined, undefined],
  [['*'], undefined, undefined],
  [undefined, ['gpt-5*'], ['gpt-5*']],
  [['*'], ['gpt-5*'], ['gpt-5*']],
  [['gpt-5-nano', 'claude-4'], ['gpt-5*'], ['gpt-5-nano']],
  [['gpt-*'], ['gpt-5*', 'claude-*'], ['gpt-5*']],
  [['gpt-*'], ['*-mini'], []],
  [['claude-4'], ['gpt-5*'], []],
  [['gpt-5'], ['*'], ['gpt-5']],
])('of %j within %j there is %j', (own, outer, both) => {
  expect(narrowModels(own, outer)).toEqual(both);
});

test('names what lies outside', () => {
  expect(modelsOutside(['gpt-5-nano', 'claude-4', '*'], ['gpt-5*'])).toEqual(['claude-4']);
});

const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const patterns = fc.array(pattern, { minLength: 1, maxLength: 4 });
const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 6 }).map((letters) => letters.join(''));

test('never lets through what one of the two lists does not', () => {
  fc.assert(
    fc.property(patterns, patterns, name, (own, outer, model) => {
      const both = narrowModels(own, outer);
      const isIn = both === undefined || permits(both, model);
      if (isIn) expect([permits(own, model), permits(outer, model)]).toEqual([true, true]);
    }),
    { seed: 20261120, numRuns: 2_000 },
  );
});
