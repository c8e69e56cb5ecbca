import type { Clock } from '../../core/clock.ts';
import { createKeptByName } from '../kept-by-name.ts';
import { LIMIT_HEADERS, type Measure, readReset } from './limit-headers.ts';
import { createPace, type Pace } from './pace.ts';
import { leftNow, refilledAt, type Shadow } from './shadow.ts';

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What providers say of their limits, by target. Furniture: it outlives a reload. A name stands for a credential and a model, as a target's does. */
export interface Quotas {
  /**
   * Takes the headers (lower case) and status of an answer. `retryAfterSeconds`: what the body said, where the headers say nothing. An answer without any such header costs
   * some lookups and nothing else.
   */
  note(name: string, headers: AnswerHeaders, status: number, retryAfterSeconds?: number): void;
  /** A call of about so many input tokens is on its way: it is taken off what the provider last said was left. */
  noteSent(name: string, tokens: number): void;
  /** The monotonic time from which a call of so many input tokens will not be refused, as far as is known; now, if that is now. */
  readyAtMs(name: string, needTokens: number): number;
  /** Whether a provider answered 429 within the last `ms`; with names, whether one of these did. */
  hadRateLimitWithin(ms: number, names?: readonly string[]): boolean;
  view(name: string): QuotaView | undefined;
  views(): Iterable<[name: string, view: QuotaView]>;
  /** Forgets a target: after a reload that changed its credential. */
  reset(name: string): void;
}

export interface QuotaView {
  /** Wall clock until which the provider asked to be left alone. */
  coolingUntilMs: number | undefined;
  /** Calls a second while the rate is being felt for, as the provider does not tell its limit. */
  pacePerSecond: number | undefined;
  limits: { measure: Measure; header: string; limit: number | undefined; left: number }[];
}

interface Quota {
  shadows: Shadow[];
  coolUntil: number;
  pace: Pace | undefined;
  rateLimitedAt: number;
  /** Answers in this half of the rate's window, and in the one before. */
  answers: number;
  answersBefore: number;
  halfSince: number;
}

const MOST_KEPT = 4_096;
/** No word of a provider keeps a target out for longer; then one call finds out. */
const LONGEST_COOLING_MS = 3_600_000;
const HALF_WINDOW_MS = 5_000;
const TOO_MANY_REQUESTS = 429;

export function createQuotas({ clock }: { clock: Clock }): Quotas {
  let lastRateLimitAt = Number.NEGATIVE_INFINITY;
  const quotas = createKeptByName<Quota>(MOST_KEPT, () => ({
    shadows: [],
    coolUntil: Number.NEGATIVE_INFINITY,
    pace: undefined,
    rateLimitedAt: Number.NEGATIVE_INFINITY,
    answers: 0,
    answersBefore: 0,
    halfSince: clock.now(),
  }));

  const noteLimits = (quota: Quota, headers: AnswerHeaders, now: number) => {
    for (const family of LIMIT_HEADERS) {
      const told = headers[family.remaining];
      if (told === undefined) continue;
      const remaining = readCount(told);
      if (remaining === undefined) continue;
      let shadow = quota.shadows.find((one) => one.headers === family);
      if (shadow === undefined) {
        shadow = {
          headers: family,
          remaining,
          limit: undefined,
          spent: 0,
          heardAt: 0,
          heardAtWallMs: 0,
          resetAsWritten: undefined,
        };
        quota.shadows.push(shadow);
      }
      shadow.remaining = remaining;
      shadow.limit = readCount(headers[family.limit]) || undefined;
      shadow.spent = 0;
      shadow.heardAt = now;
      shadow.heardAtWallMs = clock.wallMs();
      shadow.resetAsWritten = first(headers[family.reset]);
    }
  };

  const noteRateLimit = (quota: Quota, waitMs: number | undefined, now: number) => {
    lastRateLimitAt = now;
    quota.rateLimitedAt = now;
    if (waitMs !== undefined) return;
    if (quota.shadows.some((shadow) => refilledAt(shadow, 1) > now)) return;
    const admitted = answersPerSecond(quota, now);
    if (quota.pace === undefined) quota.pace = createPace(now, admitted);
    else quota.pace.cut(now, admitted);
  };

  const viewOf = (quota: Quota): QuotaView => {
    const now = clock.now();
    return {
      coolingUntilMs: quota.coolUntil > now ? clock.wallMs() + quota.coolUntil - now : undefined,
      pacePerSecond: quota.pace?.perSecond(now),
      limits: quota.shadows.map((shadow) => ({
        measure: shadow.headers.measure,
        header: shadow.headers.remaining,
        limit: shadow.limit,
        left: Math.max(0, leftNow(shadow, now)),
      })),
    };
  };

  return {
    note(name, headers, status, retryAfterSeconds) {
      const now = clock.now();
      const quota = quotas.of(name);
      countAnswer(quota, now);
      noteLimits(quota, headers, now);
      if (status < 400) return;
      const waitMs = readWait(headers, clock.wallMs()) ?? (retryAfterSeconds ? retryAfterSeconds * 1_000 : undefined);
      if (waitMs !== undefined) quota.coolUntil = Math.max(quota.coolUntil, now + Math.min(waitMs, LONGEST_COOLING_MS));
      if (status === TOO_MANY_REQUESTS) noteRateLimit(quota, waitMs, now);
    },

    noteSent(name, tokens) {
      const quota = quotas.find(name);
      if (quota === undefined) return;
      quota.pace?.sent(clock.now());
      for (const shadow of quota.shadows) shadow.spent += needOf(shadow.headers.measure, tokens);
    },

    readyAtMs(name, needTokens) {
      const now = clock.now();
      const quota = quotas.find(name);
      if (quota === undefined) return now;
      let readyAt = Math.max(now, quota.coolUntil);
      if (quota.pace !== undefined) {
        if (quota.pace.isOutgrown(now)) quota.pace = undefined;
        else readyAt = Math.max(readyAt, quota.pace.readyAt(now));
      }
      for (const shadow of quota.shadows)
        readyAt = Math.max(readyAt, refilledAt(shadow, needOf(shadow.headers.measure, needTokens)));
      return readyAt;
    },

    hadRateLimitWithin(ms, names) {
      const since = clock.now() - ms;
      if (names === undefined) return lastRateLimitAt >= since;
      return names.some((name) => (quotas.find(name)?.rateLimitedAt ?? Number.NEGATIVE_INFINITY) >= since);
    },

    view(name) {
      const quota = quotas.find(name);
      return quota === undefined ? undefined : viewOf(quota);
    },
    *views() {
      for (const [name, quota] of quotas.entries()) yield [name, viewOf(quota)];
    },
    reset: (name) => quotas.forget(name),
  };
}

/** What a call takes of a limit. How long its answer will be is not known, so that of a limit of those something must be left. */
function needOf(measure: Measure, inputTokens: number): number {
  switch (measure) {
    case 'calls':
      return 1;
    case 'tokens':
      return Math.max(1, inputTokens);
    case 'output-tokens':
      return 1;
  }
}

/** `retry-after-ms` and `retry-after` (seconds or a date); the longer, as one host sends 0 ms beside a full second. Undefined where neither asks for a wait. */
function readWait(headers: AnswerHeaders, wallMs: number): number | undefined {
  const seconds = first(headers['retry-after']);
  const fromMs = readCount(headers['retry-after-ms']) ?? 0;
  const fromSeconds = seconds === undefined ? 0 : (readReset(seconds, wallMs) ?? 0);
  const waitMs = Math.max(fromMs, fromSeconds);
  return waitMs > 0 ? waitMs : undefined;
}

/** A number that is not negative; undefined for whatever else is written there. */
function readCount(value: string | string[] | undefined): number | undefined {
  const written = first(value);
  if (written === undefined || written === '') return undefined;
  const count = Number(written);
  return count >= 0 ? count : undefined;
}

function countAnswer(quota: Quota, now: number): void {
  const since = now - quota.halfSince;
  if (since >= HALF_WINDOW_MS) {
    quota.answersBefore = since < 2 * HALF_WINDOW_MS ? quota.answers : 0;
    quota.answers = 0;
    quota.halfSince = now;
  }
  quota.answers += 1;
}

function answersPerSecond(quota: Quota, now: number): number {
  const windowMs = now - quota.halfSince + (quota.answersBefore > 0 ? HALF_WINDOW_MS : 0);
  return (1_000 * (quota.answers + quota.answersBefore)) / Math.max(1_000, windowMs);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
