import { expect, test } from 'vitest';
import { createEngine, createRandom } from '../../../bench/sim/engine.ts';
import { createRetryBudget, createRetryBudgets, jitter } from './retry-budget.ts';

test('retries stay within 10 % of the calls of ten seconds and three a second besides, however many are wanted', () => {
  const engine = createEngine();
  const budget = createRetryBudget({ clock: engine.clock });
  const taken: number[] = [];
  for (let tick = 1; tick <= 6_000; tick++) {
    engine.runUntil(tick * 10);
    budget.noteCall();
    if (budget.take()) taken.push(tick * 10);
  }
  // In any ten seconds: 1,000 calls, so 100 + 30; the slots round by a second.
  for (let from = 0; from < 50_000; from += 1_000)
    expect(taken.filter((at) => at > from && at <= from + 10_000).length).toBeLessThanOrEqual(1.1 * 130);
  expect(taken.length).toBeGreaterThan(0.9 * 6 * 130);
});

test('a quiet route may retry, and has its allowance back after ten seconds', () => {
  const engine = createEngine();
  const budgets = createRetryBudgets({ clock: engine.clock });
  const budget = budgets.of('quiet');
  for (let retry = 0; retry < 30; retry++) expect(budget.take()).toBe(true);
  expect(budget.take()).toBe(false);
  expect(budgets.of('another').take()).toBe(true);
  expect(budgets.of('quiet')).toBe(budget);
  engine.runUntil(11_000);
  expect(budget.left).toBe(30);
  engine.runUntil(1e9);
  expect(budget.take()).toBe(true);
});

test('waits are anything up to 100 ms, 200 ms, 400 ms …, and never over ten seconds', () => {
  const random = createRandom(3);
  for (const [attempt, most] of [100, 200, 400, 800].entries()) {
    const waits = Array.from({ length: 500 }, () => jitter(attempt, random));
    expect(Math.max(...waits)).toBeLessThanOrEqual(most);
    expect(Math.max(...waits)).toBeGreaterThan(0.9 * most);
    expect(Math.min(...waits)).toBeLessThan(0.1 * most);
  }
  expect(jitter(40, () => 1)).toBe(10_000);
});
