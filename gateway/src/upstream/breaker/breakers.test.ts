import { describe, expect, test } from 'vitest';
import { createEngine, createRandom } from '../../../../bench/sim/engine.ts';
import { type BreakerNews, type BreakerSettings, createBreakers, NO_PASS, type Outcome } from './breakers.ts';

const ADAPTIVE: BreakerSettings = { mode: 'adaptive', failureThreshold: 5, recoveryTimeoutMs: 30_000, halfOpenMax: 3 };
const FIXED: BreakerSettings = { ...ADAPTIVE, mode: 'fixed' };

function someBreakers(settings: BreakerSettings = ADAPTIVE, seed = 1) {
  const engine = createEngine();
  const news: BreakerNews[] = [];
  const breakers = createBreakers({
    clock: engine.clock,
    random: createRandom(seed),
    settings,
    onNews: (one) => news.push(one),
  });
  /** Time passes. */
  const pass = (ms: number) => engine.runUntil(engine.clock.now() + ms);
  return {
    breakers,
    news,
    pass,
    /** Sends calls one after the other, as far as they are let, and tells how many were. */
    send(outcome: Outcome, { times = 1, everyMs = 20, name = 't' } = {}) {
      let sent = 0;
      for (let call = 0; call < times; call++) {
        pass(everyMs);
        const number = breakers.takePass(name);
        if (number === NO_PASS) continue;
        sent += 1;
        breakers.note(name, number, outcome, `${outcome} of ${name}`);
      }
      return sent;
    },
  };
}

describe('both kinds', () => {
  test('auth and not-found errors open at once, for minutes, and ask for a person', () => {
    const { breakers, news, send, pass } = someBreakers();
    send('ok', { times: 1_000 });
    send('fatal');
    expect(breakers.state('t')).toBe('open');
    expect(news).toMatchObject([{ name: 't', state: 'open', cause: 'fatal', reason: 'fatal of t', openings: 1 }]);
    expect(news[0]!.untilMs! - 20_020).toBeGreaterThanOrEqual(240_000);
    pass(200_000);
    expect(breakers.mayTry('t')).toBe(false);
  });

  test.each([ADAPTIVE, FIXED])('mistakes of the caller never count ($mode)', (settings) => {
    const { breakers, send } = someBreakers(settings);
    expect(send('void', { times: 5_000 })).toBe(5_000);
    expect(breakers.state('t')).toBe('closed');
    expect(breakers.view('t').ratePerSecond).toBe(0);
  });

  test('outcomes of calls that began before it opened neither open it again nor close it', () => {
    const { breakers, send, pass } = someBreakers();
    const early = Array.from({ length: 40 }, () => breakers.takePass('t'));
    send('failed', { times: 40 });
    const until = breakers.view('t').opensUntilMs!;
    for (const one of early.slice(0, 20)) breakers.note('t', one, 'ok');
    expect(breakers.state('t')).toBe('open');
    pass(3_000);
    send('ok', { times: 3 });
    expect(breakers.state('t')).toBe('closed');
    for (const one of early.slice(20)) breakers.note('t', one, 'failed');
    breakers.note('t', early[0]!, 'fatal');
    expect(breakers.state('t')).toBe('closed');
    expect(until).toBeLessThan(4_000);
  });

  test('a probe whose end tells nothing gives its place to the next', () => {
    const { breakers, send, pass } = someBreakers();
    send('failed', { times: 40 });
    pass(3_000);
    const probe = breakers.takePass('t');
    expect(probe).not.toBe(NO_PASS);
    expect(breakers.mayTry('t')).toBe(false);
    breakers.note('t', probe, 'void');
    expect(breakers.mayTry('t')).toBe(true);
  });

  test('answers that begin well and break off later open it too', () => {
    const { breakers, send } = someBreakers(FIXED);
    send('ok', { times: 10 });
    const passes = Array.from({ length: 5 }, () => breakers.takePass('t'));
    for (const one of passes) breakers.note('t', one, 'ok');
    for (const one of passes) breakers.note('t', one, 'failed', 'it broke off');
    expect(breakers.view('t')).toMatchObject({ state: 'open', reason: 'it broke off' });
  });

  test('a probe that is never heard of again does not shut the target for ever', () => {
    const { breakers, send, pass } = someBreakers();
    send('failed', { times: 40 });
    pass(3_000);
    breakers.takePass('t');
    pass(59_000);
    expect(breakers.takePass('t')).toBe(NO_PASS);
    pass(2_000);
    expect(breakers.takePass('t')).not.toBe(NO_PASS);
  });

  test('looking changes nothing', () => {
    const { breakers, send, pass } = someBreakers();
    send('failed', { times: 40 });
    pass(3_000);
    for (let look = 0; look < 10; look++) {
      expect(breakers.mayTry('t')).toBe(true);
      expect(breakers.state('t')).toBe('half-open');
    }
    expect(breakers.takePass('t')).not.toBe(NO_PASS);
  });

  test('the last target of a model is tried all the same: the one that is nearest to a probe, and one with bad credentials only at the very last', () => {
    const { breakers, send, pass } = someBreakers();
    send('fatal', { name: 'locked-out' });
    send('failed', { name: 'slow-to-mend', times: 40 });
    pass(3_000);
    send('failed', { name: 'slow-to-mend', times: 1 });
    send('failed', { name: 'soon-back', times: 40 });
    expect(breakers.leastBad(['locked-out', 'slow-to-mend', 'soon-back'])).toBe('soon-back');
    expect(breakers.leastBad(['locked-out', 'slow-to-mend'])).toBe('slow-to-mend');
    expect(breakers.leastBad(['locked-out'])).toBe('locked-out');
    expect(breakers.leastBad(['locked-out', 'never-heard-of'])).toBe('never-heard-of');
    expect(breakers.leastBad([])).toBeUndefined();
    pass(400_000);
    send('failed', { name: 'soon-back' });
    expect(breakers.leastBad(['locked-out', 'soon-back'])).toBe('soon-back');
  });

  test('a probe that finds bad credentials opens it for minutes', () => {
    const { breakers, news, send, pass } = someBreakers();
    send('failed', { times: 40 });
    pass(3_000);
    send('fatal');
    expect(news.map(({ cause }) => cause)).toEqual(['failing', 'fatal']);
    pass(200_000);
    expect(breakers.mayTry('t')).toBe(false);
  });

  test('calls that were sent all the same tell when a credential has been mended', () => {
    const { breakers, news, send } = someBreakers();
    send('fatal');
    for (const outcome of ['ok', 'failed', 'ok', 'ok'] as const) breakers.note('t', NO_PASS, outcome);
    expect(breakers.state('t')).toBe('open');
    breakers.note('t', NO_PASS, 'ok');
    expect(breakers.state('t')).toBe('closed');
    expect(news.map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  test('where all calls are sent all the same, a target that fails now and then does not open and close with every few of them', () => {
    const { breakers, news, pass, send } = someBreakers();
    const random = createRandom(2);
    send('ok', { times: 1_000 });
    for (let call = 0; call < 6_000; call++) {
      pass(20);
      breakers.note('t', breakers.takePass('t'), random() < 0.3 ? 'failed' : 'ok');
    }
    expect(news.length).toBeGreaterThan(2);
    expect(news.length).toBeLessThan(16);
  });

  test('bad credentials that go on failing are told once, not with every call', () => {
    const { breakers, news, send } = someBreakers();
    send('fatal');
    for (let call = 0; call < 100; call++) breakers.note('t', NO_PASS, 'fatal');
    expect(news).toHaveLength(1);
  });

  test("another node's trip makes this one quicker to believe, and trips nothing by itself", () => {
    const alone = someBreakers();
    const told = someBreakers();
    for (const node of [alone, told]) node.send('ok', { times: 2_000 });
    told.breakers.hear({ name: 't', state: 'open', cause: 'fatal' });
    expect(told.breakers.state('t')).toBe('closed');
    expect(told.send('failed', { times: 20 })).toBeLessThan(alone.send('failed', { times: 20 }));
    expect(told.news).toHaveLength(1);
  });

  test("another node's recovery halves the wait for a probe", () => {
    const { breakers, send } = someBreakers(FIXED);
    send('failed', { times: 5 });
    const before = breakers.view('t').opensUntilMs!;
    breakers.hear({ name: 't', state: 'closed', cause: 'recovered' });
    expect(breakers.view('t').opensUntilMs! - 100).toBe((before - 100) / 2);
  });

  test('a reset forgets everything, and calls from before do not count afterwards', () => {
    const { breakers, news, send } = someBreakers();
    const early = breakers.takePass('t');
    send('fatal');
    breakers.reset('t');
    expect(news.at(-1)).toMatchObject({ state: 'closed', cause: 'reset' });
    breakers.takePass('t');
    breakers.note('t', early, 'fatal');
    expect(breakers.state('t')).toBe('closed');
    expect(breakers.ramp('t')).toBe(1);
  });

  test('names without end do not fill the memory', () => {
    const { breakers, send } = someBreakers();
    send('fatal', { name: 'kept' });
    for (let model = 0; model < 20_000; model++) {
      if (model % 1_000 === 0) expect(breakers.state('kept')).toBe('open');
      breakers.note(`p/made-up-${model}`, NO_PASS, 'fatal');
    }
    expect([...breakers.views()].length).toBeLessThanOrEqual(4_096);
  });
});

describe('adaptive', () => {
  test('opens within a few failures of a full outage, for about two seconds', () => {
    const { breakers, send } = someBreakers();
    send('ok', { times: 2_000 });
    expect(send('failed', { times: 30 })).toBeLessThanOrEqual(5);
    expect(breakers.state('t')).toBe('open');
    expect(breakers.view('t')).toMatchObject({
      reason: 'failed of t',
      isFatal: false,
      openings: 1,
      suspicion: 1,
      ramp: 0,
    });
  });

  test('closes after three probes in a row, one at a time, and gets its traffic back over ten seconds', () => {
    const { breakers, news, send, pass } = someBreakers();
    send('failed', { times: 40 });
    pass(3_000);
    expect(send('ok', { times: 2 })).toBe(2);
    expect(breakers.state('t')).toBe('half-open');
    expect(breakers.ramp('t')).toBe(0);
    send('ok');
    expect(breakers.state('t')).toBe('closed');
    expect(news.at(-1)).toMatchObject({ name: 't', state: 'closed', cause: 'recovered' });
    pass(5_000);
    expect(breakers.ramp('t')).toBeCloseTo(0.5, 5);
    pass(20_000);
    expect(breakers.ramp('t')).toBe(1);
  });

  test('each failed probe doubles the time up to half a minute; half a minute of health begins anew', () => {
    const { breakers, send, pass } = someBreakers();
    send('failed', { times: 40 });
    let now = 800;
    for (const base of [4_000, 8_000, 16_000, 30_000, 30_000, 30_000]) {
      pass(40_000);
      send('failed');
      now += 40_020;
      const openForMs = breakers.view('t').opensUntilMs! - now;
      expect(openForMs).toBeGreaterThanOrEqual(0.8 * base);
      expect(openForMs).toBeLessThanOrEqual(1.2 * base);
    }
    pass(40_000);
    send('ok', { times: 3 });
    pass(31_000);
    send('failed', { times: 40 });
    expect(breakers.view('t').openings).toBe(1);
  });

  test('learns what is usual for a target, and leaves one alone that always fails a little', () => {
    const { breakers, send } = someBreakers();
    for (let round = 0; round < 1_000; round++) {
      send('ok', { times: 6 });
      expect(send('failed')).toBe(1);
    }
    expect(breakers.view('t').baseline).toBeCloseTo(1 / 7, 1);
    expect(breakers.view('t').suspicion).toBeLessThan(0.5);
  });
});

describe('fixed', () => {
  test('opens after failure_threshold failures in a row and not before', () => {
    const { breakers, send } = someBreakers(FIXED);
    for (let round = 0; round < 100; round++) {
      send('failed', { times: 4 });
      send('ok');
    }
    expect(breakers.state('t')).toBe('closed');
    expect(send('failed', { times: 50 })).toBe(5);
  });

  test('lets half_open_max probes through after recovery_timeout, and the first success closes it', () => {
    const { breakers, send, pass } = someBreakers(FIXED);
    send('failed', { times: 5 });
    pass(29_900);
    expect(breakers.mayTry('t')).toBe(false);
    pass(100);
    const probes = [1, 2, 3, 4].map(() => breakers.takePass('t'));
    expect(probes.map((one) => one !== NO_PASS)).toEqual([true, true, true, false]);
    breakers.note('t', probes[0]!, 'ok');
    expect(breakers.state('t')).toBe('closed');
    expect(breakers.ramp('t')).toBe(1);
    breakers.note('t', probes[1]!, 'failed');
    expect(breakers.state('t')).toBe('closed');
  });

  test('takes new settings at once', () => {
    const { breakers, send } = someBreakers(ADAPTIVE);
    send('failed', { times: 2 });
    expect(breakers.state('t')).toBe('closed');
    breakers.configure({ ...FIXED, failureThreshold: 3 });
    send('failed');
    expect(breakers.state('t')).toBe('open');
  });
});
