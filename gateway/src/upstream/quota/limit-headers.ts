/** What a limit is counted in, as far as it can be known before a call is sent. Tokens of the answer cannot. */
export type Measure = 'calls' | 'tokens' | 'output-tokens';

/** The three headers in which hosts tell of one limit. */
export interface LimitHeaders {
  measure: Measure;
  limit: string;
  remaining: string;
  /** When the limit will be whole again. */
  reset: string;
  /** The window, where the headers' name tells it. */
  windowMs: number;
}

const MINUTE_MS = 60_000;

const family = (prefix: string, noun: string, measure: Measure): LimitHeaders => ({
  measure,
  limit: `${prefix}-limit-${noun}`,
  remaining: `${prefix}-remaining-${noun}`,
  reset: `${prefix}-reset-${noun}`,
  windowMs: MINUTE_MS,
});

const nounFirst = (prefix: string, noun: string, measure: Measure): LimitHeaders => ({
  measure,
  limit: `${prefix}-${noun}-limit`,
  remaining: `${prefix}-${noun}-remaining`,
  reset: `${prefix}-${noun}-reset`,
  windowMs: MINUTE_MS,
});

const plain = (prefix: string): LimitHeaders => ({
  measure: 'calls',
  limit: `${prefix}-limit`,
  remaining: `${prefix}-remaining`,
  reset: `${prefix}-reset`,
  windowMs: MINUTE_MS,
});

/** Every way of telling a limit that is read. Each answer is asked for the `remaining` of each, and for the others where that is there. */
export const LIMIT_HEADERS: readonly LimitHeaders[] = [
  family('x-ratelimit', 'requests', 'calls'),
  family('x-ratelimit', 'tokens', 'tokens'),
  nounFirst('anthropic-ratelimit', 'requests', 'calls'),
  nounFirst('anthropic-ratelimit', 'tokens', 'tokens'),
  nounFirst('anthropic-ratelimit', 'input-tokens', 'tokens'),
  nounFirst('anthropic-ratelimit', 'output-tokens', 'output-tokens'),
  family('x-ratelimit', 'req-minute', 'calls'),
  family('x-ratelimit', 'tokens-minute', 'tokens'),
  plain('x-ratelimit'),
  plain('ratelimit'),
];

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
/** Larger numbers are points in time: seconds, or milliseconds, since 1970. */
const EARLIEST_SECONDS = 1e9;
const EARLIEST_MS = 1e12;

/**
 * Milliseconds from `sentMs` (wall clock) to a reset as hosts write it: a Go duration (`6m0s`, `12ms`), seconds, seconds or milliseconds since 1970, or a date (RFC 3339,
 * RFC 9110). Undefined: it cannot be read.
 */
export function readReset(written: string, sentMs: number): number | undefined {
  if (written === '') return undefined;
  const number = Number(written);
  if (number >= EARLIEST_MS) return Math.max(0, number - sentMs);
  if (number >= EARLIEST_SECONDS) return Math.max(0, number * 1_000 - sentMs);
  if (number >= 0) return number * 1_000;
  const parts = DURATION.exec(written);
  if (parts !== null) {
    const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts;
    return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000 + Number(milliseconds);
  }
  const date = Date.parse(written);
  return Number.isNaN(date) ? undefined : Math.max(0, date - sentMs);
}
