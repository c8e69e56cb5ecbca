import { expect, test } from 'vitest';
import { chapter } from '../bench/sim/balance.ts';

test('every promise of the simulation on balancing holds', () => {
  const { checks } = chapter.run({ quick: true });
  expect(checks.length).toBeGreaterThanOrEqual(8);
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
});
