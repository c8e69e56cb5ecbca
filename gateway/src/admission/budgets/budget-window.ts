import type { Budget } from '../../core/budget.ts';

/** From one moment on and up to another, which is not in it: milliseconds since 1970. */
export interface BudgetWindow {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The last second of the year 9999: a `total` budget has no other end. */
const NEVER_MS = 253_402_300_799_000;
/** No zone has ever been further from UTC than this. */
const WIDEST_OFFSET_MS = 18 * HOUR_MS;

/**
 * The window of a budget that a moment is in. Windows follow one another without gap or overlap, through every change of clocks: a day begins with the first
 * instant that its zone's calendar gives to it or to a later one, so that a day of 23 or 25 hours is one window.
 */
export function windowAt(
  { period, timezone, startsAtMs }: Pick<Budget, 'period' | 'timezone' | 'startsAtMs'>,
  atMs: number,
): BudgetWindow {
  switch (period) {
    case 'total':
      return { startsAtMs: startsAtMs ?? 0, endsAtMs: NEVER_MS };
    case 'hourly': {
      const startsAt = Math.floor(atMs / HOUR_MS) * HOUR_MS;
      return { startsAtMs: startsAt, endsAtMs: startsAt + HOUR_MS };
    }
    default:
      return calendarWindow(STEPS[period], timezone, atMs);
  }
}

/** Days are counted as those of UTC would be: a date is its midnight there. */
interface Step {
  /** The date on which the period of a date begins. */
  begin(date: number): number;
  next(begin: number): number;
}

const STEPS: Record<'daily' | 'weekly' | 'monthly', Step> = {
  daily: { begin: (date) => date, next: (begin) => begin + DAY_MS },
  weekly: {
    // 1970 began on a Thursday.
    begin: (date) => date - ((((date / DAY_MS + 3) % 7) + 7) % 7) * DAY_MS,
    next: (begin) => begin + 7 * DAY_MS,
  },
  monthly: {
    begin: (date) => Date.UTC(new Date(date).getUTCFullYear(), new Date(date).getUTCMonth(), 1),
    next: (begin) => Date.UTC(new Date(begin).getUTCFullYear(), new Date(begin).getUTCMonth() + 1, 1),
  },
};

function calendarWindow(step: Step, timezone: string, atMs: number): BudgetWindow {
  const offsetAt = offsetsOf(timezone);
  const firstInstant = (date: number) => firstInstantOf(date, offsetAt);
  const local = atMs + offsetAt(atMs);
  let begin = step.begin(Math.floor(local / DAY_MS) * DAY_MS);
  // Where clocks went back over midnight, the date of a moment can be the day before once more.
  if (firstInstant(step.next(begin)) <= atMs) begin = step.next(begin);
  else if (firstInstant(begin) > atMs) begin = step.begin(begin - DAY_MS);
  return { startsAtMs: firstInstant(begin), endsAtMs: firstInstant(step.next(begin)) };
}

/** The first instant at which the zone's clocks show this date or a later one. */
function firstInstantOf(date: number, offsetAt: Offsets): number {
  const isThere = (at: number) => at + offsetAt(at) >= date;
  const guess = date - offsetAt(date - offsetAt(date));
  if (isThere(guess) && !isThere(guess - 1)) return guess;
  let before = date - WIDEST_OFFSET_MS;
  let there = date + WIDEST_OFFSET_MS;
  while (there - before > 1) {
    const middle = Math.floor((before + there) / 2);
    if (isThere(middle)) there = middle;
    else before = middle;
  }
  return there;
}

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
type Offsets = (atMs: number) => number;

function offsetsOf(timezone: string): Offsets {
  if (timezone === 'UTC') return () => 0;
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: timezone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  } as Intl.DateTimeFormatOptions);
  return (atMs) => {
    const seconds = Math.floor(atMs / 1000);
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of clock.formatToParts(seconds * 1000)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds * 1000;
  };
}
