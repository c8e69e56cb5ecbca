import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ForecastQuestion, forecast, type HourlySpend } from './forecast.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.parse('2026-11-16T00:00:00Z');

function ask(question: Partial<ForecastQuestion>) {
  return forecast({
    ...{ hours: [], nowMs: MONDAY, knownSinceMs: 0, spentPico: 0, amountPico: 100 },
    ...{ windowStartsAtMs: MONDAY, windowEndsAtMs: MONDAY + DAY },
    ...question,
  });
}

const evenly = (fromMs: number, toMs: number, costPico: number): HourlySpend[] =>
  Array.from({ length: (toMs - fromMs) / HOUR }, (_, index) => ({ startsAtMs: fromMs + index * HOUR, costPico }));

test('with less than two weeks it goes on as the last day went', () => {
  const nowMs = MONDAY + 6 * HOUR;
  const told = ask({ hours: evenly(nowMs - DAY, nowMs, 5), nowMs, knownSinceMs: nowMs - DAY, spentPico: 30 });
  expect(told).toEqual({
    ...{ perHourPico: 5, perDayPico: 120, atEndPico: 30 + 18 * 5, method: 'linear' },
    exhaustedAtMs: nowMs + 14 * HOUR,
  });
});

test('a first hour is not taken for a whole day', () => {
  const nowMs = MONDAY + HOUR;
  expect(ask({ hours: evenly(MONDAY, nowMs, 8), nowMs, knownSinceMs: MONDAY, spentPico: 8 }).perHourPico).toBe(8);
});

test('two weeks teach that weekends are quiet, at the level of the last week', () => {
  const isWeekend = (ms: number) => [0, 6].includes(new Date(ms).getUTCDay());
  const at = (ms: number, week: number): HourlySpend => ({ startsAtMs: ms, costPico: isWeekend(ms) ? 0 : week });
  const hours = [
    ...evenly(MONDAY - 14 * DAY, MONDAY - 7 * DAY, 0).map(({ startsAtMs }) => at(startsAtMs, 10)),
    ...evenly(MONDAY - 7 * DAY, MONDAY, 0).map(({ startsAtMs }) => at(startsAtMs, 20)),
  ];
  const knownSinceMs = MONDAY - 14 * DAY;
  const told = ask({ hours, knownSinceMs, amountPico: 10_000, windowEndsAtMs: MONDAY + 7 * DAY });
  expect(told).toMatchObject({ method: 'weekday', atEndPico: 5 * 24 * 20, exhaustedAtMs: undefined, perHourPico: 0 });
  expect(ask({ hours, knownSinceMs, amountPico: 5 * 24 * 20 - 20, windowEndsAtMs: MONDAY + 7 * DAY })).toMatchObject({
    exhaustedAtMs: MONDAY + 5 * DAY - HOUR,
  });
});

test('what is spent already is spent now, and without spending nothing is ever exhausted', () => {
  expect(ask({ spentPico: 100 }).exhaustedAtMs).toBe(MONDAY);
  expect(ask({}).exhaustedAtMs).toBeUndefined();
  expect(ask({ windowEndsAtMs: 253_402_300_799_000 }).atEndPico).toBeUndefined();
});

test('never foretells less than is spent, and exhaustion only inside of the window', () => {
  const someHours = fc.array(fc.record({ back: fc.integer({ min: 0, max: 672 }), costPico: fc.nat(1e9) }));
  fc.assert(
    fc.property(someHours, fc.nat(1e10), fc.integer({ min: 1, max: 40 }), (some, spentPico, days) => {
      const hours = some.map(({ back, costPico }) => ({ startsAtMs: MONDAY - back * HOUR, costPico }));
      const windowEndsAtMs = MONDAY + days * DAY;
      const question = { hours, spentPico, amountPico: 1e10, knownSinceMs: MONDAY - 28 * DAY, windowEndsAtMs };
      const { atEndPico, exhaustedAtMs } = ask(question);
      expect(atEndPico).toBeGreaterThanOrEqual(spentPico);
      if (exhaustedAtMs === undefined) expect(atEndPico).toBeLessThanOrEqual(1e10);
      else expect(exhaustedAtMs >= MONDAY && exhaustedAtMs <= windowEndsAtMs).toBe(true);
    }),
    { seed: 62, numRuns: 100 },
  );
});
