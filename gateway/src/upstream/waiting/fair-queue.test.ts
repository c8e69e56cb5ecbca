import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Importance } from '../../core/caller.ts';
import { createFairQueue, type FairQueue } from './fair-queue.ts';
import type { Waiter } from './tenant-line.ts';

let turn = 0;

function aWaiter(tenant: string, weightTokens = 100, importance: Importance = 'default'): Waiter {
  return {
    tenant,
    importance,
    weightTokens,
    since: turn++,
    until: Number.POSITIVE_INFINITY,
    admit: () => {},
    refuse: () => {},
    stay: () => {},
    line: undefined,
    before: undefined,
    after: undefined,
  };
}

function add(queue: FairQueue, times: number, ...what: Parameters<typeof aWaiter>): Waiter[] {
  return Array.from({ length: times }, () => {
    const waiter = aWaiter(...what);
    queue.add(waiter);
    return waiter;
  });
}

function takeTenants(queue: FairQueue, times: number): string[] {
  return Array.from({ length: times }, () => queue.take()!.tenant);
}

const count = <One>(all: One[], one: One) => all.filter((other) => other === one).length;

describe('between tenants', () => {
  test('one who floods waits behind himself only', () => {
    const queue = createFairQueue();
    add(queue, 100, 'flooder');
    add(queue, 3, 'small');
    expect(count(takeTenants(queue, 6), 'small')).toBe(3);
  });

  test('it is tokens that are shared, not turns', () => {
    const queue = createFairQueue();
    add(queue, 100, 'heavy', 900);
    add(queue, 100, 'light', 100);
    const taken = takeTenants(queue, 50);
    expect(count(taken, 'heavy')).toBe(5);
    expect(count(taken, 'light')).toBe(45);
  });

  test('what a call wrote is charged when it is known, twice as high as what it read', () => {
    const queue = createFairQueue();
    add(queue, 20, 'writer');
    add(queue, 20, 'reader');
    takeTenants(queue, 2);
    queue.chargeOutput('writer', 250);
    expect(takeTenants(queue, 6)).toEqual(['reader', 'reader', 'reader', 'reader', 'reader', 'writer']);
  });

  test('one who comes back after a pause has no claim to the time it was away', () => {
    const queue = createFairQueue();
    add(queue, 200, 'steady');
    takeTenants(queue, 100);
    add(queue, 50, 'back');
    const taken = takeTenants(queue, 20);
    expect(count(taken, 'back')).toBeGreaterThanOrEqual(9);
    expect(count(taken, 'back')).toBeLessThanOrEqual(11);
  });

  test('no two tenants who both wait all the time are ever further apart than two of the largest calls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 60, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 60, maxLength: 60 }),
        (ones, others) => {
          const queue = createFairQueue();
          for (const tokens of ones) queue.add(aWaiter('one', tokens));
          for (const tokens of others) queue.add(aWaiter('other', tokens));
          const served = { one: 0, other: 0 };
          for (;;) {
            const waiter = queue.take()!;
            served[waiter.tenant as 'one' | 'other'] += waiter.weightTokens;
            if (queue.sizeOf('one') === 0 || queue.sizeOf('other') === 0) return true;
            if (Math.abs(served.one - served.other) > 2_000) return false;
          }
        },
      ),
      { seed: 3, numRuns: 50 },
    );
  });
});

describe('between classes', () => {
  test('the more important go first, and every tenth place is for the others', () => {
    const queue = createFairQueue();
    add(queue, 100, 'b', 100, 'batch');
    add(queue, 100, 'i', 100, 'interactive');
    const taken = takeTenants(queue, 100);
    expect(taken.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 'i'));
    expect(count(taken, 'b')).toBe(10);
  });

  test('both lower classes have their floor', () => {
    const queue = createFairQueue();
    for (const [tenant, importance] of [
      ['b', 'batch'],
      ['d', 'default'],
      ['i', 'interactive'],
    ] as const)
      add(queue, 100, tenant, 100, importance);
    const taken = takeTenants(queue, 100);
    expect(count(taken, 'b')).toBeGreaterThanOrEqual(8);
    expect(count(taken, 'd')).toBeGreaterThanOrEqual(8);
    expect(count(taken, 'i')).toBeGreaterThanOrEqual(78);
  });

  test('the one to shed is the youngest of the least important, of the tenant with most of them', () => {
    const queue = createFairQueue();
    add(queue, 1, 'few', 100, 'batch');
    const many = add(queue, 3, 'many', 100, 'batch');
    add(queue, 5, 'd', 100, 'default');
    expect(queue.findLess('interactive')).toBe(many[2]);
    expect(queue.findLess('default')).toBe(many[2]);
    expect(queue.findLess('batch')).toBeUndefined();
  });
});

test('whoever leaves, from wherever in the line, is out, and the others keep their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(19), { maxLength: 30 }), (leaving) => {
      const queue = createFairQueue();
      const waiters = add(queue, 20, 't');
      const left = new Set(leaving);
      for (const at of leaving) queue.remove(waiters[at]!);
      expect(queue.size).toBe(20 - left.size);
      expect([...queue.all()]).toEqual(waiters.filter((_, at) => !left.has(at)));
      const taken: Waiter[] = [];
      for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next);
      expect(taken).toEqual(waiters.filter((_, at) => !left.has(at)));
      expect(queue.oldest('default')).toBeUndefined();
    }),
    { seed: 5, numRuns: 50 },
  );
});
