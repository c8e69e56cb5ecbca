/** What was spent in the UTC hour that begins then, in pico-dollars. Hours without spending may be absent. */
export interface HourlySpend {
  readonly startsAtMs: number;
  readonly costPico: number;
}

export interface Forecast {
  /** Of the last day, in pico-dollars. */
  readonly perHourPico: number;
  readonly perDayPico: number;
  /** What will be spent when the window ends, in pico-dollars. Undefined: the window has no end. */
  readonly atEndPico: number | undefined;
  /** When the amount will be spent, in milliseconds since 1970. Undefined: not in this window. */
  readonly exhaustedAtMs: number | undefined;
  /** `weekday` knows that hours of the week differ, which takes two weeks; `linear` goes on as the last day went. */
  readonly method: 'linear' | 'weekday';
}

export interface ForecastQuestion {
  /** Of the last four weeks, in any order; none before `knownSinceMs`. */
  readonly hours: readonly HourlySpend[];
  readonly nowMs: number;
  /** Since when anything is known. */
  readonly knownSinceMs: number;
  readonly spentPico: number;
  readonly amountPico: number;
  readonly windowStartsAtMs: number;
  readonly windowEndsAtMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_HOURS = 168;
const WEEK_MS = WEEK_HOURS * HOUR_MS;
/** Further than this nothing is foretold. */
const FURTHEST_MS = 366 * DAY_MS;

/** Looks ahead from what was spent hour by hour. */
export function forecast(question: ForecastQuestion): Forecast {
  const { nowMs, knownSinceMs, spentPico, amountPico, windowEndsAtMs } = question;
  const perHourPico = burnPerHour(question);
  const weeks = Math.floor((nowMs - knownSinceMs) / WEEK_MS);
  const profile = weeks >= 2 ? weekProfile(question, weeks) : undefined;
  const perHourAt = profile === undefined ? () => perHourPico : (atMs: number) => profile[hourOfWeek(atMs)]!;
  const endsAtMs = Math.min(windowEndsAtMs, nowMs + FURTHEST_MS);
  const { totalPico, reachedAtMs } = goAhead(nowMs, endsAtMs, perHourAt, amountPico - spentPico);
  return {
    perHourPico,
    perDayPico: perHourPico * 24,
    atEndPico: windowEndsAtMs > endsAtMs ? undefined : Math.round(spentPico + totalPico),
    exhaustedAtMs: reachedAtMs,
    method: profile === undefined ? 'linear' : 'weekday',
  };
}

/** Of the last 24 hours, or of the time since anything is known if that is shorter. */
function burnPerHour({ hours, nowMs, knownSinceMs }: ForecastQuestion): number {
  const since = Math.max(nowMs - DAY_MS, knownSinceMs);
  let spent = 0;
  for (const { startsAtMs, costPico } of hours) {
    // Of the hour in which the time begins, its part.
    const part = Math.min(1, Math.max(0, (startsAtMs + HOUR_MS - since) / HOUR_MS));
    if (startsAtMs <= nowMs) spent += costPico * part;
  }
  return spent / Math.max(1, (nowMs - since) / HOUR_MS);
}

/** What an hour of the week has cost on average over whole weeks, brought to the level of the last one. */
function weekProfile({ hours, nowMs }: ForecastQuestion, weeks: number): Float64Array {
  const profile = new Float64Array(WEEK_HOURS);
  const end = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const from = end - weeks * WEEK_MS;
  let all = 0;
  let last = 0;
  for (const { startsAtMs, costPico } of hours) {
    if (startsAtMs < from || startsAtMs >= end) continue;
    profile[hourOfWeek(startsAtMs)]! += costPico / weeks;
    all += costPico / weeks;
    if (startsAtMs >= end - WEEK_MS) last += costPico;
  }
  const level = all === 0 ? 1 : last / all;
  return profile.map((cost) => cost * level);
}

function hourOfWeek(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) % WEEK_HOURS;
}

/** Hour by hour from one moment to another: what is spent, and when so much of it is. */
function goAhead(
  fromMs: number,
  toMs: number,
  perHourAt: (atMs: number) => number,
  leftPico: number,
): { totalPico: number; reachedAtMs: number | undefined } {
  let totalPico = 0;
  let reachedAtMs = leftPico <= 0 ? fromMs : undefined;
  for (let atMs = fromMs; atMs < toMs; ) {
    const nextMs = Math.min(toMs, (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS);
    const perHour = perHourAt(atMs);
    const spent = (perHour * (nextMs - atMs)) / HOUR_MS;
    if (reachedAtMs === undefined && totalPico + spent >= leftPico)
      reachedAtMs = Math.round(atMs + ((leftPico - totalPico) / perHour) * HOUR_MS);
    totalPico += spent;
    atMs = nextMs;
  }
  return { totalPico, reachedAtMs };
}
