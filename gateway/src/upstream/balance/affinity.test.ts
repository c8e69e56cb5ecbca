import { describe, expect, test } from 'vitest';
import type { Affinity, Member, TargetGroup } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';
import { createAffinities, type Tie } from './affinity.ts';
import { type Ask, createBalancer } from './balancer.ts';

const SESSION: Affinity = { key: 'team/model/session', isHard: false };
const STORED: Affinity = { key: 'resp_1', isHard: true };
const MINUTE = 60_000;

/** What a target takes for a thousand tokens that it reads again, of what it takes for the first reading. */
function aMember(name: string, readAgain: number | undefined = 0.1): Member {
  const cost: Target['cost'] = ({ inputTokens, cachedInputTokens = 0 }) =>
    inputTokens - cachedInputTokens + cachedInputTokens * (readAgain ?? 1);
  const target: Pick<Target, 'name' | 'cost'> = { name, cost };
  return { target: target as Target, weight: 1, priority: 0 };
}

function aHouse(readAgain?: number) {
  const world = { now: 0 };
  let seed = 3;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const balancer = createBalancer({ clock: { now: () => world.now }, random });
  const members = ['a', 'b', 'c', 'd'].map((name) => aMember(name, readAgain));
  const group: TargetGroup = { name: 'g', strategy: 'latency', members };
  const asks = (affinity: Affinity): Ask => ({ inputTokens: 1_000, wantsStream: true, affinity });
  return {
    world,
    balancer,
    group,
    targetOf: (name: string) => members.find(({ target }) => target.name === name)!.target,
    rank: (affinity: Affinity) => balancer.rank(group, asks(affinity)).map(({ target }) => target.name),
    open: (name: string, affinity: Affinity) =>
      balancer.open(members.find(({ target }) => target.name === name)!.target, asks(affinity)),
    /** The targets that come first in so many picks. */
    firsts: (affinity: Affinity) =>
      new Set(Array.from({ length: 60 }, () => balancer.rank(group, asks(affinity))[0]!.target.name)),
  };
}

describe('a session', () => {
  test('returns to the target that answered it', () => {
    const { open, firsts } = aHouse();
    open('c', SESSION).ended('ok');
    expect(firsts(SESSION)).toEqual(new Set(['c']));
  });

  test('goes to one target from its first call on, also where several come at once', () => {
    const { open, firsts } = aHouse();
    open('b', SESSION);
    expect(firsts(SESSION)).toEqual(new Set(['b']));
  });

  test('moves to the target that answered last', () => {
    const { open, firsts } = aHouse();
    open('b', SESSION).ended('ok');
    open('d', SESSION).ended('ok');
    expect(firsts(SESSION)).toEqual(new Set(['d']));
  });

  test('is free again after an error, and after ten minutes without a success', () => {
    const { open, firsts, world } = aHouse();
    open('b', SESSION).ended('ok');
    open('b', SESSION).ended('failed');
    world.now += 5 * MINUTE;
    expect(firsts(SESSION).size).toBe(4);
    open('c', SESSION).ended('ok');
    world.now += 9 * MINUTE;
    open('c', SESSION).ended('ok');
    world.now += 9 * MINUTE;
    expect(firsts(SESSION).size).toBe(1);
    world.now += 2 * MINUTE;
    expect(firsts(SESSION).size).toBe(4);
  });

  test('stays although another target that was tried for it has failed', () => {
    const { open, firsts } = aHouse();
    open('b', SESSION).ended('ok');
    open('c', SESSION).ended('failed');
    expect(firsts(SESSION)).toEqual(new Set(['b']));
  });

  test('does not wait where it is crowded', () => {
    const { open, firsts } = aHouse();
    open('b', SESSION).ended('ok');
    for (const name of ['a', 'c', 'd']) open(name, { key: 'others', isHard: false }).firstToken();
    open('b', SESSION).firstToken();
    expect(firsts(SESSION)).toEqual(new Set(['b']));
    for (let time = 0; time < 4; time++) open('b', SESSION).firstToken();
    expect(firsts(SESSION)).not.toContain('b');
  });

  test('does not return to a target that has become three times as dear', () => {
    const { open, firsts, world } = aHouse();
    for (const name of ['a', 'b', 'c', 'd']) {
      const flight = open(name, { key: name, isHard: false });
      world.now += name === 'b' ? 5_000 : 1_000;
      flight.firstToken();
      flight.ended('ok');
    }
    expect(firsts({ key: 'a', isHard: false })).toEqual(new Set(['a']));
    expect(firsts({ key: 'b', isHard: false })).not.toContain('b');
  });

  test('gains nothing from returning where reading again costs the same', () => {
    const { open, firsts } = aHouse(1);
    open('c', SESSION).ended('ok');
    expect(firsts(SESSION).size).toBe(4);
  });

  test('does not return to a target that is barred', () => {
    const { open, balancer, group } = aHouse();
    open('c', SESSION).ended('ok');
    const order = balancer.rank(
      group,
      { inputTokens: 1, wantsStream: true, affinity: SESSION },
      ({ target }) => target.name === 'c',
    );
    expect(order[0]!.target.name).not.toBe('c');
  });

  test('is told from others by all of its key, however long', () => {
    const { open, firsts } = aHouse();
    const beginning = 'x'.repeat(4_000);
    open('c', { key: `${beginning}1`, isHard: false }).ended('ok');
    expect(firsts({ key: `${beginning}1`, isHard: false })).toEqual(new Set(['c']));
    expect(firsts({ key: `${beginning}2`, isHard: false }).size).toBe(4);
  });

  test('is forgotten on demand', () => {
    const { open, firsts, balancer } = aHouse();
    open('c', SESSION).ended('ok');
    balancer.forgetAffinity(SESSION.key);
    expect(firsts(SESSION).size).toBe(4);
  });
});

describe('what is stored with one target', () => {
  test('is asked of that target alone, even after an error and after days', () => {
    const { open, rank, world } = aHouse();
    expect(rank(STORED)).toHaveLength(4);
    open('d', STORED).ended('ok');
    expect(rank(STORED)).toEqual(['d']);
    open('d', STORED).ended('failed');
    world.now += 3 * 24 * 60 * MINUTE;
    expect(rank(STORED)).toEqual(['d']);
  });

  test('is asked of nobody where its target is gone', () => {
    const { balancer, rank } = aHouse();
    balancer.bind(STORED, 'gone');
    expect(rank(STORED)).toEqual([]);
  });

  test('can be known from elsewhere', () => {
    const { balancer, rank } = aHouse();
    balancer.bind(STORED, 'b');
    expect(rank(STORED)).toEqual(['b']);
  });
});

test('the latest 50,000 ties are kept, and a success counts as late', () => {
  const affinities = createAffinities(() => 0);
  const tie = (index: number): Affinity => ({ key: `s${index}`, isHard: false });
  for (let index = 0; index < 50_000; index++) affinities.bind(tie(index), 'a');
  affinities.bind(tie(0), 'a');
  affinities.bind(tie(50_000), 'a');
  expect(affinities.find(tie(0))).toBe('a');
  expect(affinities.find(tie(1))).toBeUndefined();
  expect(affinities.find(tie(2))).toBe('a');
});

test('a tie that is new is told once, and one that was heard is not told on', () => {
  const told: Tie[] = [];
  const affinities = createAffinities(
    () => 0,
    (tie) => told.push(tie),
  );
  const session = { key: 'session', isHard: false };
  affinities.bind(session, 'one');
  affinities.bind(session, 'one');
  affinities.bind(session, 'two');
  affinities.hear({ ...session, key: 'elsewhere', name: 'three' });
  affinities.bind({ key: 'x'.repeat(500), isHard: true }, 'four');
  expect(told.map(({ name }) => name)).toEqual(['one', 'two', 'four']);
  expect(told[2]!.key.length).toBeLessThan(40);
  expect(affinities.find({ key: 'elsewhere', isHard: false })).toBe('three');
});
