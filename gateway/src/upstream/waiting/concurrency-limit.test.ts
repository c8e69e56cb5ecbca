import { expect, test } from 'vitest';
import { createEngine, createRandom, drawExponential } from '../../../../bench/sim/engine.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';

/**
 * A host that works on so many calls at once and lets the others queue, always asked by more clients than it serves. What stands in the queue when the time
 * is over, and the limit.
 */
function runHost(takes: number, seconds: number) {
  const engine = createEngine();
  const random = createRandom(9);
  const limit = createConcurrencyLimit({ kind: 'adaptive' });
  const queue: number[] = [];
  let working = 0;
  let underWay = 0;
  const begin = (arrivedAt: number) => {
    working += 1;
    const firstTokenMs = engine.clock.now() - arrivedAt + 200 + 100 * random();
    engine.after(firstTokenMs - (engine.clock.now() - arrivedAt), () =>
      limit.noteFirstToken(firstTokenMs, underWay, engine.clock.now()),
    );
    engine.after(drawExponential(random, 3_000) + 400, () => {
      working -= 1;
      underWay -= 1;
      const next = queue.shift();
      if (next !== undefined) begin(next);
      fill();
    });
  };
  const fill = () => {
    while (underWay < limit.value) {
      underWay += 1;
      if (working < takes) begin(engine.clock.now());
      else queue.push(engine.clock.now());
    }
  };
  fill();
  for (let second = 1; second <= seconds; second++) {
    engine.runUntil(second * 1_000);
    fill();
  }
  return { limit: limit.value, queued: queue.length };
}

test.each([8, 40, 120])(
  'finds about what a host takes at once, and keeps to it though it is always full: %i',
  (takes) => {
    const { limit, queued } = runHost(takes, 900);
    expect(limit).toBeGreaterThanOrEqual(takes * 0.8);
    expect(limit).toBeLessThanOrEqual(takes * 1.6 + 8);
    expect(queued).toBeLessThanOrEqual(takes * 0.6 + 8);
  },
);

test('begins at 20, is lowered at most once a second by overload, and never below 4', () => {
  const limit = createConcurrencyLimit({ kind: 'adaptive' });
  expect(limit.value).toBe(20);
  for (let error = 0; error < 50; error++) limit.noteOverload(0);
  expect(limit.value).toBe(18);
  for (let second = 1; second < 100; second++) limit.noteOverload(second * 1_000);
  expect(limit.value).toBe(4);
});

test('does not rise while it is not reached', () => {
  const limit = createConcurrencyLimit({ kind: 'adaptive' });
  for (let call = 0; call < 1_000; call++) limit.noteFirstToken(200, 3, call * 100);
  expect(limit.value).toBe(20);
});

test('a fixed limit is fixed', () => {
  const limit = createConcurrencyLimit({ kind: 'fixed', most: 7 });
  for (let call = 0; call < 100; call++) limit.noteFirstToken(call * 100, 7, call * 1_000);
  limit.noteOverload(0);
  expect(limit.value).toBe(7);
});
