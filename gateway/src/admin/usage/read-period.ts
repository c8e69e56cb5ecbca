import { readDuration } from '../../config/schema/values.ts';
import { GatewayError } from '../../core/errors.ts';

/** From this moment on, and up to that one, which is not in it; milliseconds since 1970. */
export interface Period {
  fromMs: number;
  toMs: number;
}

export interface AskedPeriod {
  from?: string | undefined;
  to?: string | undefined;
  period?: string | undefined;
}

const DAY_MS = 86_400_000;
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/** What a period looks like, for people. */
export const PERIOD_WORDS =
  '`24h`, `7d` and the like until `to`; `day`, `week` (from Monday), `month` or `year`: the one that is running, in UTC';
export const MOMENT_WORDS = 'a time such as 2027-01-31T00:00:00Z, a day such as 2027-01-31 (UTC), or -24h';

/** The time that is meant; without any word of it the last 24 hours. Throws `invalid_request` that names what cannot be read. */
export function readPeriod({ from, to, period }: AskedPeriod, nowMs: number): Period {
  if (from !== undefined && period !== undefined) {
    throw invalid('period', 'Say either `from` or `period`, not both.');
  }
  const toMs = to === undefined ? nowMs : readMoment('to', to, nowMs);
  const fromMs = from === undefined ? startOf(period ?? '24h', toMs) : readMoment('from', from, nowMs);
  if (fromMs < toMs) return { fromMs, toMs };
  throw invalid(from === undefined ? 'to' : 'from', 'The time ends before it begins: `from` must be before `to`.');
}

/** A moment, or one before now. Throws `invalid_request`. */
export function readMoment(param: string, written: string, nowMs: number): number {
  const ago = written.startsWith('-') ? readDuration(written.slice(1)) : undefined;
  const moment = ago !== undefined ? nowMs - ago : MOMENT.test(written) ? Date.parse(written) : Number.NaN;
  if (Number.isFinite(moment)) return moment;
  throw invalid(param, `\`${param}\`: ${MOMENT_WORDS}, not ${JSON.stringify(written.slice(0, 100))}.`);
}

function startOf(period: string, toMs: number): number {
  // The moment before the end is in the period that is meant: a month up to the first of the next one is the month before.
  const last = new Date(toMs - 1);
  const [year, month, day] = [last.getUTCFullYear(), last.getUTCMonth(), last.getUTCDate()];
  switch (period.replace(/^this-/, '')) {
    case 'day':
    case 'today':
      return Date.UTC(year, month, day);
    case 'week':
      return Date.UTC(year, month, day) - ((last.getUTCDay() + 6) % 7) * DAY_MS;
    case 'month':
      return Date.UTC(year, month, 1);
    case 'year':
      return Date.UTC(year, 0, 1);
  }
  const length = readDuration(period);
  if (length !== undefined && length > 0 && length <= toMs) return toMs - length;
  throw invalid('period', `\`period\`: ${PERIOD_WORDS}, not ${JSON.stringify(period.slice(0, 100))}.`);
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
