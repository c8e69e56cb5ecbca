import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../core/clock.ts';
import type { Target } from '../core/target.ts';
import type { HostHealth } from './check-host.ts';
import { createFleet } from './fleet.ts';
import { type CheckedHost, createHealthRounds } from './health-rounds.ts';

afterEach(() => void vi.useRealTimers());

function aHouse(health: () => HostHealth | Promise<HostHealth>) {
  vi.useFakeTimers();
  const fleet = createFleet({ clock: systemClock, random: () => 0.5, onNews: () => {}, onTie: () => {} });
  fleet.breakers.configure({ mode: 'fixed', failureThreshold: 2, recoveryTimeoutMs: 600_000, halfOpenMax: 1 });
  const rounds = createHealthRounds({ clock: systemClock, fleet });
  let checks = 0;
  const host: CheckedHost = {
    name: 'host',
    targets: ['host/a', 'host/b'],
    everyMs: 1_000,
    async check() {
      checks += 1;
      return await health();
    },
  };
  rounds.watch([host]);
  return {
    rounds,
    fleet,
    host,
    checks: () => checks,
    round: () => vi.advanceTimersByTimeAsync(1_000),
    call: (name: string) => fleet.balancer.open({ name } as Target, { inputTokens: 1, wantsStream: true }),
  };
}

test('a host that is not there counts as failing for each of its targets', async () => {
  const { fleet, round } = aHouse(() => 'down');
  for (let time = 0; time < 3; time++) await round();
  expect(['host/a', 'host/b'].map(fleet.breakers.state)).toEqual(['open', 'open']);
});

test('one that refuses its key opens at once, and one that is there opens and closes nothing', async () => {
  const refusing = aHouse(() => 'refuses-key');
  await refusing.round();
  await refusing.round();
  expect(refusing.fleet.breakers.view('host/a').isFatal).toBe(true);
  const there = aHouse(() => 'up');
  there.fleet.breakers.note('host/a', there.fleet.breakers.takePass('host/a'), 'fatal', 'no');
  for (let time = 0; time < 4; time++) await there.round();
  expect(['host/a', 'host/b'].map(there.fleet.breakers.state)).toEqual(['open', 'closed']);
});

test('a target with calls of its own is left to these', async () => {
  const { fleet, round, call, checks } = aHouse(() => 'down');
  for (let time = 0; time < 4; time++) {
    for (const name of ['host/a', 'host/b']) call(name).ended('ok');
    await round();
  }
  expect(checks()).toBe(0);
  const underWay = call('host/a');
  for (let time = 0; time < 4; time++) await round();
  expect(fleet.breakers.state('host/a')).toBe('closed');
  expect(fleet.breakers.state('host/b')).toBe('open');
  underWay.ended('ok');
});

test('a slow check is not asked twice, and calls that came meanwhile tell more', async () => {
  const answer = Promise.withResolvers<HostHealth>();
  const { fleet, round, checks, call } = aHouse(() => answer.promise);
  for (let time = 0; time < 4; time++) await round();
  expect(checks()).toBe(1);
  call('host/a').ended('ok');
  answer.resolve('refuses-key');
  await vi.advanceTimersByTimeAsync(0);
  expect(['host/a', 'host/b'].map(fleet.breakers.state)).toEqual(['closed', 'open']);
});

test('hosts of an earlier configuration are forgotten, and nothing goes on after the end', async () => {
  const { rounds, host, round, checks } = aHouse(() => 'up');
  await round();
  await round();
  const before = checks();
  rounds.watch([{ ...host, everyMs: 5_000 }]);
  await round();
  expect(checks()).toBe(before);
  rounds.stop();
  expect(vi.getTimerCount()).toBe(0);
});
