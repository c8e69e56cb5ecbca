import { expect, test } from 'vitest';
import type { CallRecord } from '../core/record.ts';
import { createExperiments } from './experiments.ts';

function record(variant: string, durationMs: number, outcome: CallRecord['outcome'] = 'complete'): CallRecord {
  return { variant, durationMs, outcome, firstByteMs: durationMs / 2, costPicoUsd: 2e9 } as CallRecord;
}

/** Even numbers around a mean, the same ones every time. */
function spread(mean: number, n: number): number {
  return mean * (0.8 + 0.4 * ((n * 0.618) % 1));
}

test('a variant that is truly slower is told apart from chance', () => {
  const experiments = createExperiments();
  for (let n = 0; n < 200; n++) {
    experiments.take(record('q2/one', spread(1000, n)));
    experiments.take(record('q2/two', spread(1200, n)));
  }
  const [one, two] = experiments.report('q2');
  expect(one!.latencyMs.mean).toBeCloseTo(1000, -1);
  expect(one!.significance).toBeUndefined();
  expect(two!.significance!.latency).toBeLessThan(0.001);
  expect(two!.significance!.cost).toBe(1);
});

test('the same twice is no difference', () => {
  const experiments = createExperiments();
  for (let n = 0; n < 100; n++)
    for (const model of ['one', 'two']) experiments.take(record(`q2/${model}`, spread(1000, n)));
  expect(experiments.report('q2')[1]!.significance!.latency).toBeCloseTo(1, 5);
});

test('errors are compared as shares, and their times count for nothing', () => {
  const experiments = createExperiments();
  for (let n = 0; n < 400; n++) {
    experiments.take(record('q2/one', 1000, n % 50 === 0 ? 'failed' : 'complete'));
    experiments.take(record('q2/two', 1000, n % 5 === 0 ? 'failed' : 'complete'));
  }
  const [one, two] = experiments.report('q2');
  expect(one!.errorRate).toBeCloseTo(0.02);
  expect(two!.errorRate).toBeCloseTo(0.2);
  expect(two!.significance!.errors).toBeLessThan(1e-6);
  expect(two!.latencyMs.p95).toBe(1000);
});

test('a handful of calls proves nothing', () => {
  const experiments = createExperiments();
  for (let n = 0; n < 10; n++) for (const model of ['one', 'two']) experiments.take(record(`q2/${model}`, n));
  expect(experiments.report('q2')[1]!.significance).toBeUndefined();
});
