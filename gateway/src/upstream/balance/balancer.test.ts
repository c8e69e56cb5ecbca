import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Member, Strategy, TargetGroup } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';
import { type Ask, type BalancerDeps, createBalancer } from './balancer.ts';

const ASK: Ask = { inputTokens: 1_000, wantsStream: true };
const DOCUMENT: Ask = { inputTokens: 1_000, wantsStream: false };

function aMember(name: string, { weight = 1, priority = 0 } = {}): Member {
  const target: Pick<Target, 'name' | 'cost'> = { name, cost: () => undefined };
  return { target: target as Target, weight, priority };
}

function aGroup(names: string[], strategy: Strategy = 'latency'): TargetGroup {
  return { name: 'g', strategy, members: names.map((name) => aMember(name)) };
}

/** A balancer in a world whose time stands still until it is told to pass. */
function aHouse(deps: Partial<BalancerDeps> = {}) {
  const world = { now: 0 };
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const balancer = createBalancer({ clock: { now: () => world.now }, random, ...deps });
  const targetOf = (name: string) => aMember(name).target;
  return {
    world,
    balancer,
    pass: (ms: number) => {
      world.now += ms;
    },
    open: (name: string, ask = ASK) => balancer.open(targetOf(name), ask),
    /** A call that is answered after so many milliseconds. */
    answer(name: string, ms: number, ask = ASK) {
      const flight = balancer.open(targetOf(name), ask);
      world.now += ms;
      flight.firstToken();
      flight.ended('ok', 100);
    },
    fail(name: string) {
      balancer.open(targetOf(name), ASK).ended('failed');
    },
    picks(group: TargetGroup, times: number, ask = ASK) {
      const counts: Record<string, number> = {};
      for (let time = 0; time < times; time++) {
        const { name } = balancer.rank(group, ask)[0]!.target;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    cost: (group: TargetGroup, name: string, ask = ASK) =>
      balancer.cost(group.members.find(({ target }) => target.name === name)!, group, ask),
  };
}

const names = (members: readonly Member[]) => members.map(({ target }) => target.name);

describe('the order', () => {
  test('of a single member is the group itself', () => {
    const { balancer } = aHouse();
    const group = aGroup(['a']);
    expect(balancer.rank(group, ASK, () => true)).toBe(group.members);
  });

  test('holds every member once, begins with one that may be asked of the best priority, and ends with those that are barred', () => {
    const aPlace = fc.record({
      priority: fc.integer({ min: 0, max: 2 }),
      isBarred: fc.boolean(),
      ms: fc.integer({ min: 1, max: 9_000 }),
      fails: fc.integer({ min: 0, max: 3 }),
    });
    const strategy = fc.constantFrom<Strategy>(
      'latency',
      'round_robin',
      'weighted',
      'least_outstanding',
      'price',
      'priority',
    );
    fc.assert(
      fc.property(fc.array(aPlace, { minLength: 2, maxLength: 12 }), strategy, (places, strategy) => {
        const { balancer, answer, fail } = aHouse();
        const members = places.map(({ priority }, index) => aMember(`t${index}`, { priority }));
        places.forEach(({ ms, fails }, index) => {
          answer(`t${index}`, ms);
          for (let time = 0; time < fails; time++) fail(`t${index}`);
        });
        const isBarred = (member: Member) => places[members.indexOf(member)]!.isBarred;
        const order = balancer.rank({ name: 'g', strategy, members }, ASK, isBarred);
        expect(new Set(order)).toEqual(new Set(members));
        expect(order).toHaveLength(members.length);
        const ranks = order.map((member) => Number(isBarred(member)) * 10 + member.priority);
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test('leaves who has no weight until nobody else is left', () => {
    const { balancer } = aHouse();
    const members = [aMember('a', { weight: 0 }), aMember('b'), aMember('c')];
    for (let time = 0; time < 20; time++) {
      expect(balancer.rank({ name: 'g', strategy: 'latency', members }, ASK).at(-1)!.target.name).toBe('a');
    }
  });

  test('goes on with the cheapest of the others', () => {
    const { balancer, answer } = aHouse();
    const group = aGroup(['slow', 'middling', 'fast'], 'round_robin');
    answer('slow', 3_000);
    answer('middling', 1_000);
    answer('fast', 100);
    expect(names(balancer.rank(group, ASK))).toEqual(['slow', 'fast', 'middling']);
    expect(names(balancer.rank(group, ASK))).toEqual(['middling', 'fast', 'slow']);
  });
});

describe('the cost', () => {
  test('grows with the wait for the first token, with the calls under way and with failures', () => {
    const { cost, open, fail, answer } = aHouse();
    const group = aGroup(['slow', 'busy', 'failing', 'fine']);
    answer('slow', 2_000);
    for (const name of ['busy', 'failing', 'fine']) answer(name, 500);
    open('busy');
    fail('failing');
    for (const name of ['slow', 'busy', 'failing']) expect(cost(group, name)).toBeGreaterThan(cost(group, 'fine'));
    expect(cost(group, 'busy')).toBeCloseTo(2 * cost(group, 'fine'), 5);
  });

  test('of a stranger is that of the middle of its peers', () => {
    const { cost, answer } = aHouse();
    answer('a', 200);
    answer('b', 400);
    answer('c', 900);
    expect(cost(aGroup(['a', 'b', 'c', 'stranger']), 'stranger')).toBeCloseTo(400, 5);
  });

  test('counts the wait of a call that has no answer yet, before it fails', () => {
    const { cost, open, pass, answer } = aHouse();
    const group = aGroup(['hangs', 'b', 'c']);
    for (const name of ['hangs', 'b', 'c']) answer(name, 500);
    open('hangs');
    pass(900);
    expect(cost(group, 'hangs')).toBeLessThan(1_100);
    pass(9_100);
    expect(cost(group, 'hangs')).toBeCloseTo(2 * 10_000, 0);
  });

  test('remembers how long a call waited that gave up', () => {
    const { cost, open, pass, answer } = aHouse();
    const group = aGroup(['hangs', 'b', 'c']);
    for (const name of ['hangs', 'b', 'c']) answer(name, 500);
    const flight = open('hangs');
    pass(10_000);
    flight.ended('void');
    expect(cost(group, 'hangs')).toBeGreaterThan(4_000);
  });

  test('forgets what was long ago', () => {
    const { cost, pass, answer, fail, balancer } = aHouse();
    const group = aGroup(['was-bad', 'b', 'c']);
    answer('was-bad', 30_000);
    for (let time = 0; time < 10; time++) fail('was-bad');
    answer('b', 500);
    answer('c', 500);
    expect(cost(group, 'was-bad')).toBeGreaterThan(100_000);
    pass(300_000);
    expect(cost(group, 'was-bad')).toBeLessThan(600);
    expect(balancer.standing('was-bad')!.ok).toBeCloseTo(1, 3);
  });

  test('of a stream does not know of documents, whose first byte tells of their length', () => {
    const { cost, answer, open, pass } = aHouse();
    const group = aGroup(['a', 'b', 'c']);
    for (const name of ['a', 'b', 'c']) answer(name, 500);
    for (const name of ['a', 'b', 'c']) answer(name, 12_000, DOCUMENT);
    open('a', DOCUMENT);
    pass(20_000);
    expect(cost(group, 'a')).toBeCloseTo(2 * cost(group, 'b'), 0);
    expect(cost(group, 'b', DOCUMENT)).toBeCloseTo(12_000, 0);
  });

  test('of a target with long prompts is not held against it', () => {
    const { cost, answer } = aHouse();
    const group = aGroup(['reads-books', 'reads-notes']);
    for (let time = 0; time < 200; time++) {
      const books = 20_000 + (time % 10) * 2_000;
      const notes = 500 + (time % 10) * 200;
      answer('reads-books', 300 + 0.1 * books, { ...ASK, inputTokens: books });
      answer('reads-notes', 300 + 0.1 * notes, { ...ASK, inputTokens: notes });
    }
    const ratio = cost(group, 'reads-books') / cost(group, 'reads-notes');
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
    expect(cost(group, 'reads-books', { ...ASK, inputTokens: 40_000 })).toBeGreaterThan(3_000);
  });

  test('counts tokens where a target has room for tokens', () => {
    const { cost, open, answer } = aHouse({ countsTokens: () => true });
    const group = aGroup(['a', 'b']);
    for (const name of ['a', 'b']) answer(name, 500);
    for (let time = 0; time < 4; time++) open('a', { ...ASK, inputTokens: 100 });
    open('b', { ...ASK, inputTokens: 8_000 });
    expect(cost(group, 'b')).toBeGreaterThan(3 * cost(group, 'a'));
  });

  test('lets those who join peers at work have more of the load by and by', () => {
    const { cost, open, pass, answer } = aHouse();
    for (const name of ['a', 'b']) answer(name, 500);
    const group = aGroup(['a', 'b', 'new']);
    cost(group, 'new');
    const flights = ['a', 'b', 'new'].map((name) => open(name));
    pass(500);
    for (const flight of flights) flight.firstToken();
    expect(cost(group, 'new')).toBeGreaterThan(3 * cost(group, 'a'));
    pass(30_000);
    expect(cost(group, 'new')).toBeCloseTo(cost(group, 'a'), 5);
  });

  test('is that of a tenth of the weight where a breaker has just closed', () => {
    const { balancer, open, answer } = aHouse();
    const group = aGroup(['back', 'b', 'c']);
    for (const name of ['back', 'b', 'c']) answer(name, 500);
    for (const name of ['back', 'b', 'c']) open(name).firstToken();
    for (let time = 0; time < 20; time++) {
      const order = balancer.rank(group, ASK, undefined, (name) => (name === 'back' ? 0.1 : 1));
      expect(order.at(-1)!.target.name).toBe('back');
    }
  });
});

describe('a flight', () => {
  test('is over once, however often that is said', () => {
    const { balancer, open } = aHouse();
    const flight = open('a');
    flight.firstToken();
    flight.firstToken();
    flight.ended('ok', 20);
    flight.ended('failed');
    flight.firstToken();
    const { outstanding, outstandingTokens, failures, requests, ok } = balancer.standing('a')!;
    expect({ outstanding, outstandingTokens, failures, requests, ok }).toEqual({
      outstanding: 0,
      outstandingTokens: 0,
      failures: 0,
      requests: 1,
      ok: 1,
    });
  });

  test('that the caller spoilt is no evidence', () => {
    const { balancer, open } = aHouse();
    open('a').ended('void');
    expect(balancer.standing('a')).toMatchObject({ ok: 1, failures: 0, outstanding: 0 });
  });

  test('leaves those that wait longer in their order', () => {
    const { balancer, open, pass } = aHouse();
    const flights = [0, 1, 2, 3].map(() => {
      const flight = open('a');
      pass(100);
      return flight;
    });
    const oldest = () => balancer.standing('a')!.stream.oldestPendingMs;
    expect(oldest()).toBe(400);
    flights[1]!.firstToken();
    expect(oldest()).toBe(400);
    flights[0]!.ended('failed');
    expect(oldest()).toBe(200);
    flights[3]!.firstToken();
    flights[2]!.firstToken();
    expect(oldest()).toBeUndefined();
  });
});

test('a target that fails fast is not mistaken for a quick one, however busy the others are', () => {
  const { picks, open, answer, fail } = aHouse();
  const group = aGroup(['fails', 'b', 'c', 'd', 'e']);
  for (const name of ['fails', 'b', 'c', 'd', 'e']) answer(name, 500);
  for (const name of ['b', 'c', 'd', 'e']) for (let time = 0; time < 100; time++) open(name).firstToken();
  for (let time = 0; time < 8; time++) fail('fails');
  expect(picks(group, 500)['fails']).toBeUndefined();
});

test('what is known of a target outlives the configuration it was learned under', () => {
  const { cost, answer } = aHouse();
  answer('a', 700);
  expect(cost(aGroup(['a', 'b']), 'a')).toBeCloseTo(700, 5);
  expect(cost(aGroup(['c', 'a']), 'a')).toBeCloseTo(700, 5);
});

test('a look at the order takes nobody’s turn', () => {
  for (const strategy of ['round_robin', 'weighted'] as const) {
    const looked = aHouse();
    const plain = aHouse();
    const group = aGroup(['a', 'b', 'c'], strategy);
    for (let turn = 0; turn < 7; turn++) {
      const foreseen = looked.balancer.foresee(group, ASK);
      expect(names(looked.balancer.foresee(group, ASK))).toEqual(names(foreseen));
      expect(names(looked.balancer.rank(group, ASK))).toEqual(names(foreseen));
      expect(names(plain.balancer.rank(group, ASK))).toEqual(names(foreseen));
    }
  }
});
