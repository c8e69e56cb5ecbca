import { expect, test } from 'vitest';
import type { Strategy, TargetGroup } from '../../../core/plan.ts';
import type { Target } from '../../../core/target.ts';
import { createBalancer } from '../balancer.ts';

const ASK = { inputTokens: 1_000, wantsStream: true };

interface Place {
  weight?: number;
  priority?: number;
  /** Pico-dollars of any call; undefined: not known. */
  price?: number | undefined;
}

function aGroup(strategy: Strategy, places: Record<string, Place>): TargetGroup {
  const members = Object.entries(places).map(([name, { weight = 1, priority = 0, price }]) => {
    const target: Pick<Target, 'name' | 'cost'> = { name, cost: () => price };
    return { target: target as Target, weight, priority };
  });
  return { name: 'g', strategy, members };
}

function aHouse() {
  let seed = 5;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const balancer = createBalancer({ clock: { now: () => 0 }, random });
  const pick = (group: TargetGroup) => balancer.rank(group, ASK)[0]!.target;
  return {
    balancer,
    sequence: (group: TargetGroup, length: number) => Array.from({ length }, () => pick(group).name).join(' '),
    shares(group: TargetGroup, times = 4_000) {
      const shares: Record<string, number> = {};
      for (let time = 0; time < times; time++) {
        const { name } = pick(group);
        shares[name] = (shares[name] ?? 0) + 1 / times;
      }
      return shares;
    },
    /** Calls that go to a member and stay under way. */
    open(group: TargetGroup, name: string) {
      // Looked at once, so that nobody is taken for a newcomer among peers at work.
      pick(group);
      return balancer.open(group.members.find(({ target }) => target.name === name)!.target, ASK);
    },
  };
}

test('`latency` takes the cheaper of two by chance, so that of three the dearest is never asked and the cheapest most', () => {
  const { shares, open } = aHouse();
  const group = aGroup('latency', { a: {}, b: {}, c: {} });
  open(group, 'b');
  for (let time = 0; time < 2; time++) open(group, 'c');
  const { a, b, c } = shares(group);
  expect(a).toBeCloseTo(2 / 3, 1);
  expect(b).toBeCloseTo(1 / 3, 1);
  expect(c).toBeUndefined();
});

test('`latency` spreads calls evenly among equals', () => {
  const { shares } = aHouse();
  for (const share of Object.values(shares(aGroup('latency', { a: {}, b: {}, c: {}, d: {} })))) {
    expect(share).toBeCloseTo(0.25, 1);
  }
});

test('`round_robin` asks each in turn, and goes on where it was after a reload', () => {
  const { sequence } = aHouse();
  expect(sequence(aGroup('round_robin', { a: {}, b: {}, c: {} }), 5)).toBe('a b c a b');
  expect(sequence(aGroup('round_robin', { a: {}, b: {}, c: {} }), 2)).toBe('c a');
});

test('`weighted` shares by weight and spreads each share', () => {
  const { sequence } = aHouse();
  expect(sequence(aGroup('weighted', { a: { weight: 5 }, b: {}, c: {} }), 14)).toBe('a a b a c a a a a b a c a a');
});

test('`least_outstanding` asks who has the fewest calls for its weight, and by chance among equals', () => {
  const { shares, open } = aHouse();
  const group = aGroup('least_outstanding', { a: {}, b: {}, c: {}, big: { weight: 4 } });
  open(group, 'a');
  expect(Object.keys(shares(group)).sort()).toEqual(['b', 'big', 'c']);
  open(group, 'b');
  open(group, 'c');
  for (let time = 0; time < 3; time++) open(group, 'big');
  expect(shares(group)).toEqual({ big: expect.closeTo(1, 5) });
});

test('`price` gives four times the calls at half the price, and asks a target without a price as often as its peers', () => {
  const { shares } = aHouse();
  const { cheap, dear, unknown } = shares(
    aGroup('price', { cheap: { price: 1_000 }, dear: { price: 2_000 }, unknown: {} }),
  );
  expect(cheap! / dear!).toBeGreaterThan(3.4);
  expect(cheap! / dear!).toBeLessThan(4.6);
  expect(unknown!).toBeGreaterThan(dear!);
  expect(unknown!).toBeLessThan(cheap!);
});

test('`price` takes what is free, and what fails for dearer than it is', () => {
  const { shares, open } = aHouse();
  expect(shares(aGroup('price', { free: { price: 0 }, dear: { price: 2_000 } }))).toEqual({
    free: expect.closeTo(1, 5),
  });
  const group = aGroup('price', { fails: { price: 1_000 }, dear: { price: 2_000 } });
  for (let time = 0; time < 15; time++) open(group, 'fails').ended('failed');
  expect(shares(group)['fails'] ?? 0).toBeLessThan(0.1);
});

test('`priority` asks the first as listed of the lowest number', () => {
  const { balancer } = aHouse();
  const group = aGroup('priority', { d: { priority: 2 }, b: { priority: 1 }, c: { priority: 1 }, a: { priority: 0 } });
  expect(balancer.rank(group, ASK).map(({ target }) => target.name)).toEqual(['a', 'b', 'c', 'd']);
});
