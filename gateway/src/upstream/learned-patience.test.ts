import { describe, expect, test } from 'vitest';
import { createEngine, createRandom, drawLogNormal, quantile } from '../../../bench/sim/engine.ts';
import { createLatencyHistogram } from './latency-histogram.ts';
import { createLearnedPatience, FIRST_BYTE_BY_TIER, waitWithin } from './learned-patience.ts';

const BOUNDS = { min: 3_000, max: 60_000 };

function aPatience() {
  const engine = createEngine();
  const patience = createLearnedPatience({ clock: engine.clock });
  return {
    patience,
    pass: (ms: number) => engine.runUntil(engine.clock.now() + ms),
    begin(model: string, tokens: number, ms: number, { times = 100, isReasoning = false } = {}) {
      for (let call = 0; call < times; call++) patience.noteFirstToken(model, tokens, ms, isReasoning);
    },
  };
}

/** What is read off the histogram may be a bucket too high. */
function expectAbout(value: number | undefined, expected: number) {
  expect(value).toBeGreaterThanOrEqual(expected);
  expect(value).toBeLessThanOrEqual(1.16 * expected);
}

describe('the wait for a first byte', () => {
  test('is the upper bound until twenty answers have begun', () => {
    const { patience, begin } = aPatience();
    begin('m', 100, 1_000, { times: 19 });
    expect(patience.firstByteMs('m', 100, BOUNDS)).toBe(60_000);
    begin('m', 100, 1_000, { times: 1 });
    expectAbout(patience.firstByteMs('m', 100, BOUNDS), 6_000);
    expectAbout(patience.p95('m', 100), 1_000);
    expect(patience.p95('another', 100)).toBeUndefined();
  });

  test('is six times the p95 of the model at that size of input', () => {
    const { patience, begin } = aPatience();
    begin('m', 500, 800);
    begin('m', 100_000, 6_000);
    expectAbout(patience.firstByteMs('m', 900, BOUNDS), 4_800);
    expectAbout(patience.firstByteMs('m', 70_000, BOUNDS), 36_000);
    // Of a size without evidence, the next larger one; of a larger one than any, nothing is known.
    expectAbout(patience.firstByteMs('m', 10_000, BOUNDS), 36_000);
    expect(patience.firstByteMs('m', 500_000, BOUNDS)).toBe(60_000);
  });

  test('stays within its bounds, whatever was learned, and 0 waits for ever', () => {
    const { patience, begin } = aPatience();
    begin('quick', 10, 20);
    begin('slow', 10, 50_000);
    expect(patience.firstByteMs('quick', 10, BOUNDS)).toBe(3_000);
    expect(patience.firstByteMs('slow', 10, { min: 3_000, max: FIRST_BYTE_BY_TIER.fast })).toBe(15_000);
    expect(patience.firstByteMs('slow', 10, { min: 3_000, max: FIRST_BYTE_BY_TIER.complex })).toBe(180_000);
    expect(patience.firstByteMs('quick', 10, { min: 3_000, max: 0 })).toBe(0);
  });

  test('is four times as long for a model that reasons', () => {
    const { patience, begin } = aPatience();
    begin('thinker', 10, 2_000, { isReasoning: true });
    expectAbout(patience.firstByteMs('thinker', 10, { min: 3_000, max: 180_000 }), 48_000);
  });

  test('grows when it turns out too short', () => {
    const { patience, begin } = aPatience();
    begin('m', 10, 1_000, { times: 300 });
    const before = patience.firstByteMs('m', 10, BOUNDS);
    let wait = before;
    // The model has become ten times slower than it ever was: all calls are given up at first.
    for (let call = 0; call < 200; call++) {
      wait = patience.firstByteMs('m', 10, BOUNDS);
      if (wait < 10_000) patience.noteGivenUp('m', 10, wait);
      else patience.noteFirstToken('m', 10, 10_000);
    }
    expect(before).toBeLessThan(10_000);
    expect(wait).toBeGreaterThan(10_000);
  });

  test('takes a call that was given up for one that would have taken twice as long', () => {
    const { patience } = aPatience();
    for (let call = 0; call < 20; call++) patience.noteGivenUp('m', 10, 1_000);
    expectAbout(patience.p50('m', 10), 2_000);
  });

  test.each([
    [6_000, 20_000, true, 6_000],
    [6_000, 8_000, true, 4_000],
    [6_000, 8_000, false, 6_000],
    [6_000, 5_000, false, 5_000],
    [0, 8_000, true, 4_000],
    [6_000, -5, false, 1],
  ])(
    'of %i ms, when the client waits %i ms more and another target is left: %s, is %i ms',
    (wait, remainingMs, hasAnother, expected) => {
      expect(waitWithin(wait, { remainingMs, hasAnother })).toBe(expected);
    },
  );

  test('forgets', () => {
    const { patience, begin, pass } = aPatience();
    begin('m', 10, 8_000, { times: 400 });
    begin('m', 10, 500, { times: 3_000 });
    expectAbout(patience.p95('m', 10), 500);
    pass(86_400_000);
    begin('m', 10, 500, { times: 1 });
    expect(patience.p95('m', 10)).toBeUndefined();
    begin('m', 10, 2_000, { times: 30 });
    expectAbout(patience.p95('m', 10), 2_000);
  });
});

test('the wait for the next piece is thirty times the p95 of the pauses, within bounds', () => {
  const { patience } = aPatience();
  const bounds = { min: 10_000, max: 60_000 };
  expect(patience.idleMs('m', bounds)).toBe(60_000);
  for (let answer = 0; answer < 50; answer++) patience.noteGap('m', 700);
  expectAbout(patience.idleMs('m', bounds), 21_000);
  for (let answer = 0; answer < 50; answer++) patience.noteStalled('m', 30_000);
  expect(patience.idleMs('m', bounds)).toBe(60_000);
});

test('quantiles are at most a bucket too high, and memory does not grow', () => {
  const random = createRandom(11);
  const histogram = createLatencyHistogram(0);
  const values = Array.from({ length: 400 }, () => drawLogNormal(random, 900, 0.8));
  for (const value of values) histogram.note(value, 0);
  for (const share of [0.5, 0.9, 0.95]) {
    const exact = quantile(values, share);
    expect(histogram.quantile(share)).toBeGreaterThanOrEqual(0.97 * exact);
    expect(histogram.quantile(share)).toBeLessThanOrEqual(1.2 * exact);
  }
  for (let call = 0; call < 10_000; call++) histogram.note(100, 0);
  expect(histogram.weight).toBeLessThanOrEqual(512);
  for (const odd of [0, -5, 1e12, 0.01]) histogram.note(odd, 0);
  expect(histogram.quantile(1)).toBeGreaterThan(3_600_000);
});
