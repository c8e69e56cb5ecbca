import { corpusIsThere, loadCorpus } from '@xidao/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../../../bench/sim/engine.ts';
import { createQuotas } from './quotas.ts';

const WALL = Date.parse('2026-03-01T12:00:00Z');

function someQuotas() {
  const engine = createEngine();
  const clock = { ...engine.clock, wallMs: () => WALL + engine.clock.now() };
  const quotas = createQuotas({ clock });
  return {
    quotas,
    pass: (ms: number) => engine.runUntil(clock.now() + ms),
    /** Milliseconds until a call may be sent. */
    wait: (name = 't', tokens = 100) => quotas.readyAtMs(name, tokens) - clock.now(),
  };
}

describe('a provider that tells its limits', () => {
  test('is not asked for more tokens than it said were left, and is asked again as they come back', () => {
    const { quotas, wait, pass } = someQuotas();
    // 60,000 tokens a minute, of which 59,000 are gone: they come back at 1,000 a second.
    const headers = {
      'x-ratelimit-limit-tokens': '60000',
      'x-ratelimit-remaining-tokens': '1000',
      'x-ratelimit-reset-tokens': '59s',
    };
    quotas.note('t', headers, 200);
    expect(wait('t', 1_000)).toBe(0);
    expect(wait('t', 4_000)).toBe(3_000);
    pass(1_000);
    expect(wait('t', 4_000)).toBe(2_000);
    expect(quotas.view('t')!.limits).toEqual([
      { measure: 'tokens', header: 'x-ratelimit-remaining-tokens', limit: 60_000, left: 2_000 },
    ]);
  });

  test('is not asked for more calls than were left, counting those on their way', () => {
    const { quotas, wait } = someQuotas();
    const headers = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '58s',
    };
    quotas.note('t', headers, 200);
    quotas.noteSent('t', 10);
    expect(wait()).toBe(0);
    quotas.noteSent('t', 10);
    expect(wait()).toBe(1_000);
    quotas.note('t', { ...headers, 'x-ratelimit-remaining-requests': '30', 'x-ratelimit-reset-requests': '30s' }, 200);
    expect(wait()).toBe(0);
  });

  test('may give the time of its reset as a date', () => {
    const { quotas, wait } = someQuotas();
    quotas.note(
      't',
      {
        'anthropic-ratelimit-input-tokens-limit': '10000',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-03-01T12:00:20Z',
        'anthropic-ratelimit-output-tokens-limit': '8000',
        'anthropic-ratelimit-output-tokens-remaining': '8000',
        'anthropic-ratelimit-output-tokens-reset': '2026-03-01T12:00:00Z',
      },
      200,
    );
    expect(wait('t', 5_000)).toBeCloseTo(10_000, 3);
    // More than the whole limit is never there; all of it is the best there is.
    expect(wait('t', 1_000_000)).toBeCloseTo(20_000, 3);
  });

  test('is left alone for a while where it names no time', () => {
    const { quotas, wait, pass } = someQuotas();
    quotas.note('t', { 'x-ratelimit-remaining-requests': '0' }, 200);
    expect(wait()).toBe(10_000);
    pass(10_000);
    expect(wait()).toBe(0);
  });

  test('may write nonsense', () => {
    const { quotas, wait } = someQuotas();
    quotas.note('t', { 'x-ratelimit-remaining-tokens': 'many', 'retry-after': 'soon', 'retry-after-ms': '' }, 503);
    quotas.note('t', { 'x-ratelimit-remaining-tokens': ['-1'], 'x-ratelimit-remaining-requests': '' }, 200);
    quotas.note(
      'u',
      { 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-limit-requests': 'x', 'x-ratelimit-reset-requests': 'x' },
      200,
    );
    expect(wait()).toBe(0);
    expect(wait('u')).toBe(0);
  });
});

describe('a provider that refuses', () => {
  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '0', 'retry-after': '1' }, 1_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': ['2', '9'] }, 2_000],
  ])('is left alone as long as it asks: %j', (headers, expected) => {
    const { quotas, wait, pass } = someQuotas();
    quotas.note('t', headers, 429);
    expect(wait()).toBe(expected);
    expect(wait('another')).toBe(0);
    pass(expected);
    expect(wait()).toBe(0);
  });

  test('may tell the time in its body, may be overloaded rather than limited, and is not believed for ever', () => {
    const { quotas, wait } = someQuotas();
    quotas.note('body', {}, 429, 7.5);
    expect(wait('body')).toBe(7_500);
    quotas.note('overloaded', { 'retry-after': '4' }, 529);
    expect(wait('overloaded')).toBe(4_000);
    quotas.note('far', { 'retry-after': '999999' }, 429);
    expect(wait('far')).toBe(3_600_000);
  });

  test('a later, shorter word does not shorten an earlier one', () => {
    const { quotas, wait } = someQuotas();
    quotas.note('t', { 'retry-after': '30' }, 429);
    quotas.note('t', { 'retry-after': '1' }, 429);
    expect(wait()).toBe(30_000);
  });

  test('without a word is asked at seven tenths of the rate, then at 5 % more each second', () => {
    const { quotas, wait, pass } = someQuotas();
    for (let call = 0; call < 100; call++) {
      quotas.note('t', {}, 200);
      pass(100);
    }
    quotas.note('t', {}, 429);
    const rate = quotas.view('t')!.pacePerSecond!;
    expect(rate).toBeGreaterThan(6);
    expect(rate).toBeLessThan(8);
    expect(wait()).toBeCloseTo(1_000 / rate, 6);
    let sent = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      if (wait() <= 0) {
        quotas.noteSent('t', 1);
        sent += 1;
      }
      pass(10);
    }
    // The sum of rate x 1.05^t over ten seconds.
    const expected = (rate * (1.05 ** 10 - 1)) / Math.log(1.05);
    expect(sent).toBeGreaterThan(0.9 * expected);
    expect(sent).toBeLessThanOrEqual(expected + 1);
    pass(60_000);
    expect(wait()).toBe(0);
    expect(quotas.view('t')!.pacePerSecond).toBeUndefined();
  });

  test('a burst of refusals slows the pace once', () => {
    const { quotas, pass } = someQuotas();
    for (let call = 0; call < 100; call++) {
      quotas.note('t', {}, 200);
      pass(100);
    }
    quotas.note('t', {}, 429);
    const rate = quotas.view('t')!.pacePerSecond!;
    for (let call = 0; call < 50; call++) quotas.note('t', {}, 429);
    expect(quotas.view('t')!.pacePerSecond).toBe(rate);
    pass(2_000);
    quotas.note('t', {}, 429);
    expect(quotas.view('t')!.pacePerSecond).toBeLessThan(rate);
  });

  test('is remembered, for those who would hedge', () => {
    const { quotas, pass } = someQuotas();
    expect(quotas.hadRateLimitWithin(60_000)).toBe(false);
    quotas.note('t', { 'retry-after': '1' }, 429);
    quotas.note('u', { 'retry-after': '1' }, 503);
    pass(59_000);
    expect(quotas.hadRateLimitWithin(60_000)).toBe(true);
    expect(quotas.hadRateLimitWithin(60_000, ['t', 'u'])).toBe(true);
    expect(quotas.hadRateLimitWithin(60_000, ['u'])).toBe(false);
    pass(2_000);
    expect(quotas.hadRateLimitWithin(60_000)).toBe(false);
    quotas.reset('t');
    expect(quotas.view('t')).toBeUndefined();
  });
});

test('against a token bucket that tells its state, no call is refused, and at least nine in ten of its tokens are used', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 50, max: 3_000 }), { minLength: 50, maxLength: 200 }), (sizes) => {
      const { quotas, wait, pass } = someQuotas();
      const limit = 6_000;
      let held = limit;
      let ms = 0;
      let used = 0;
      for (const size of sizes) {
        const waited = Math.max(0, wait('t', size));
        pass(waited);
        ms += waited;
        held = Math.min(limit, held + (limit / 60_000) * waited);
        expect(held).toBeGreaterThanOrEqual(size - 1);
        held -= size;
        used += size;
        quotas.noteSent('t', size);
        const reset = `${(60 * (limit - held)) / limit}s`;
        quotas.note(
          't',
          {
            'x-ratelimit-limit-tokens': String(limit),
            'x-ratelimit-remaining-tokens': String(Math.floor(held)),
            'x-ratelimit-reset-tokens': reset,
          },
          200,
        );
      }
      expect(used).toBeGreaterThan(0.9 * (limit + (limit / 60_000) * ms) - limit);
    }),
    { seed: 7, numRuns: 30 },
  );
});

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: no limits are read from it.');

test.skipIf(!corpusIsThere())(
  'reads the limits of recorded answers, and none that went well keeps its target waiting for more than a minute',
  () => {
    let told = 0;
    for (const { headers, status } of loadCorpus()) {
      const { quotas, wait } = someQuotas();
      quotas.note('t', headers, status);
      const limits = quotas.view('t')?.limits ?? [];
      if (limits.length === 0) continue;
      told += 1;
      for (const { left } of limits) expect(left).toBeGreaterThanOrEqual(0);
      if (status < 300) expect(wait('t', 1)).toBeLessThanOrEqual(60_000);
    }
    expect(told).toBeGreaterThan(100);
  },
);
