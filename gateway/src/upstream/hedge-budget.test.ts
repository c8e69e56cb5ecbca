import { expect, test } from 'vitest';
import { createEngine, createRandom } from '../../../bench/sim/engine.ts';
import { createHedgeBudget } from './hedge-budget.ts';

test('second requests stay within 5 % of the input tokens, even if every call would like one', () => {
  const engine = createEngine();
  const random = createRandom(5);
  const budget = createHedgeBudget({ clock: engine.clock });
  let spent = 0;
  let hedged = 0;
  for (let call = 1; call <= 5_000; call++) {
    engine.runUntil(call * 100);
    const tokens = Math.ceil(random() * 4_000);
    budget.noteSpend(tokens);
    spent += tokens;
    if (budget.take(tokens)) hedged += tokens;
  }
  expect(hedged).toBeLessThanOrEqual(0.05 * spent);
  expect(hedged).toBeGreaterThan(0.045 * spent);
});

test('nothing is paid for where nothing was spent, or not lately', () => {
  const engine = createEngine();
  const budget = createHedgeBudget({ clock: engine.clock });
  expect(budget.take(1)).toBe(false);
  budget.noteSpend(1_000);
  expect(budget.left).toBe(50);
  engine.runUntil(700_000);
  expect(budget.take(1)).toBe(false);
  budget.noteSpend(1_000);
  expect(budget.take(50)).toBe(true);
  expect(budget.take(1)).toBe(false);
});
