import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCalibration } from './calibration.ts';

const error = (estimated: number, actual: number) => Math.abs(estimated - actual) / actual;

test('nothing learned: the estimate stays as it is', () => {
  expect(createCalibration(1).correct('m', 0, 123)).toBe(123);
});

test('learns a tokenizer that counts more, and what a provider puts around every prompt', () => {
  const calibration = createCalibration(2);
  for (let at = 0; at < 30; at++) {
    const estimated = 50 + ((at * 37) % 400);
    calibration.learn('m', 1, estimated, Math.round(estimated * 1.3 + 350));
  }
  for (const estimated of [40, 200, 1_000])
    expect(error(calibration.correct('m', 1, estimated), estimated * 1.3 + 350)).toBeLessThan(0.02);
  expect(calibration.correct('m', 0, 200)).toBe(200);
  expect(calibration.correct('other', 1, 200)).toBe(200);
});

test('follows a model that changes', () => {
  const calibration = createCalibration(1);
  for (let at = 0; at < 100; at++) calibration.learn('m', 0, 100 + at, 2 * (100 + at));
  for (let at = 0; at < 150; at++) calibration.learn('m', 0, 100 + at, 100 + at);
  expect(error(calibration.correct('m', 0, 150), 150)).toBeLessThan(0.03);
});

test('one odd observation does not turn it over', () => {
  const calibration = createCalibration(1);
  for (let at = 0; at < 50; at++) calibration.learn('m', 0, 100 + 10 * at, 110 + 11 * at);
  calibration.learn('m', 0, 100, 5_000);
  expect(error(calibration.correct('m', 0, 400), 440)).toBeLessThan(0.1);
});

test('is always a whole number above zero, whatever is counted', () => {
  const count = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(count, count), { maxLength: 60 }), count, (observations, estimated) => {
      const calibration = createCalibration(1);
      for (const [guess, actual] of observations) calibration.learn('m', 0, guess, actual);
      const corrected = calibration.correct('m', 0, estimated);
      expect(Number.isSafeInteger(corrected)).toBe(true);
      expect(corrected).toBeGreaterThanOrEqual(observations.some(([guess, actual]) => guess > 0 && actual > 0) ? 1 : 0);
    }),
    { seed: 20261120, numRuns: 300 },
  );
});

test('remembers no more models than it may, and forgets the oldest', () => {
  const calibration = createCalibration(1);
  for (let at = 0; at < 2_001; at++) calibration.learn(`m${at}`, 0, 100, 200);
  expect(calibration.correct('m0', 0, 100)).toBe(100);
  expect(calibration.correct('m2000', 0, 100)).toBe(200);
});
