import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BUDGET_PERIODS } from '../../core/budget.ts';
import { windowAt } from './budget-window.ts';

const at = (text: string) => Date.parse(text);
const shown = (period: (typeof BUDGET_PERIODS)[number], timezone: string, moment: string) => {
  const { startsAtMs, endsAtMs } = windowAt({ period, timezone }, at(moment));
  return [startsAtMs, endsAtMs].map((ms) => new Date(ms).toISOString());
};
const hours = ([from, to]: string[]) => (at(to!) - at(from!)) / 3_600_000;

test.each([
  [
    'the day of the zone',
    'daily',
    'America/New_York',
    '2026-01-10T03:00:00Z',
    ['2026-01-09T05:00:00.000Z', '2026-01-10T05:00:00.000Z'],
  ],
  [
    'a zone of half hours',
    'daily',
    'Asia/Kolkata',
    '2026-06-01T18:30:00Z',
    ['2026-06-01T18:30:00.000Z', '2026-06-02T18:30:00.000Z'],
  ],
  [
    'the week from Monday',
    'weekly',
    'UTC',
    '2026-11-22T23:59:59Z',
    ['2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ],
  [
    'a month of 28 days',
    'monthly',
    'Europe/Berlin',
    '2026-02-28T22:59:59Z',
    ['2026-01-31T23:00:00.000Z', '2026-02-28T23:00:00.000Z'],
  ],
  ['a leap day', 'monthly', 'UTC', '2028-02-29T12:00:00Z', ['2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z']],
  [
    'the turn of the year',
    'monthly',
    'Asia/Tokyo',
    '2026-12-31T15:00:00Z',
    ['2026-12-31T15:00:00.000Z', '2027-01-31T15:00:00.000Z'],
  ],
  [
    'an hour',
    'hourly',
    'Europe/Berlin',
    '2026-03-29T01:30:00Z',
    ['2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z'],
  ],
] as const)('%s', (_what, period, timezone, moment, expected) => {
  expect(shown(period, timezone, moment)).toEqual(expected);
});

test('days on which clocks change have 23 or 25 hours, and the month in between its own length', () => {
  expect(hours(shown('daily', 'Europe/Berlin', '2026-03-29T12:00:00Z'))).toBe(23);
  expect(hours(shown('daily', 'Europe/Berlin', '2026-10-25T12:00:00Z'))).toBe(25);
  expect(hours(shown('monthly', 'America/New_York', '2026-03-15T12:00:00Z'))).toBe(31 * 24 - 1);
  expect(hours(shown('daily', 'Australia/Lord_Howe', '2026-04-05T12:00:00+11:00'))).toBe(24.5);
});

test('where midnight itself is left out, the day begins with its first hour that there is', () => {
  // Egypt puts its clocks forward from 0:00 to 1:00.
  const [from, to] = shown('daily', 'Africa/Cairo', '2026-04-24T12:00:00Z');
  expect(from).toBe('2026-04-23T22:00:00.000Z');
  expect(hours([from!, to!])).toBe(23);
  // In Samoa the 30th of December 2011 did not take place.
  expect(shown('daily', 'Pacific/Apia', '2011-12-30T12:00:00Z')).toEqual([
    '2011-12-30T10:00:00.000Z',
    '2011-12-31T10:00:00.000Z',
  ]);
});

test('a total begins when it was made, and does not end', () => {
  const startsAtMs = at('2026-05-01T10:00:00Z');
  expect(windowAt({ period: 'total', timezone: 'UTC', startsAtMs }, startsAtMs + 1e12)).toEqual({
    startsAtMs,
    endsAtMs: at('9999-12-31T23:59:59Z'),
  });
});

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'America/Havana', 'Africa/Cairo', 'Asia/Beirut'],
  ...[
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Pacific/Chatham',
    'Asia/Kathmandu',
    'America/Asuncion',
    'Africa/Casablanca',
  ],
];

test('windows follow one another without gap or overlap, wherever and whenever', () => {
  const moments = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') });
  fc.assert(
    fc.property(
      moments,
      fc.constantFrom(...ZONES),
      fc.constantFrom('hourly' as const, 'daily' as const, 'weekly' as const, 'monthly' as const),
      (moment, timezone, period) => {
        const window = windowAt({ period, timezone }, moment);
        expect(window.startsAtMs).toBeLessThanOrEqual(moment);
        expect(window.endsAtMs).toBeGreaterThan(moment);
        expect(windowAt({ period, timezone }, window.endsAtMs).startsAtMs).toBe(window.endsAtMs);
        expect(windowAt({ period, timezone }, window.startsAtMs)).toEqual(window);
        expect(windowAt({ period, timezone }, window.endsAtMs - 1)).toEqual(window);
      },
    ),
    { seed: 56, numRuns: 300 },
  );
});
