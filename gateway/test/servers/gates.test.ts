import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryGates } from '../../src/admission/gates/memory-gates.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import {
  createGate,
  type Dimension,
  type Gate,
  type Gates,
  type Outcome,
  type Refused,
  type SumGate,
  type Taken,
} from '../../src/core/limits.ts';
import { createRedis, type Redis } from '../../src/store/redis/create-redis.ts';
import { BOOK } from '../../src/store/redis/gate-scripts.ts';
import { createRedisGates, type RedisGates } from '../../src/store/redis/redis-gates.ts';
import { type RedisServer, startRedis, whyNoRedis } from './redis.ts';

const missing = whyNoRedis();
const log = { info() {}, error() {} };

let server: RedisServer;
const opened: { redis: Redis; gates: RedisGates }[] = [];
let names = 0;

/** Another process, as far as Redis can tell. */
async function aNode(some: { ttlMs?: number; renewEveryMs?: number } = {}, clock: Clock = systemClock) {
  const redis = await createRedis({ url: server.url, log, clock, timeoutMs: 250 });
  const gates = createRedisGates({ redis, local: createMemoryGates({ clock }), clock, node: `n${names++}`, ...some });
  opened.push({ redis, gates });
  return { redis, gates, vanish: () => redis.close() };
}

function gate(dimension: Exclude<Dimension, 'money'>, limit: number, more: Partial<Gate> = {}): Gate {
  return {
    ...createGate({ id: `g${names++}`, dimension, owner: 'key "app"', limit, onFailure: 'fail_local' }),
    ...more,
  } as Gate;
}

function budget(limit: number, endsAtMs = Date.now() + 86_400_000): SumGate {
  return {
    kind: 'sum',
    id: `b${names++}`,
    dimension: 'money',
    owner: 'team "a"',
    limit,
    endsAtMs,
    onFailure: 'fail_local',
  };
}

const one = (gate: Gate, cost = 1) => [{ gate, cost }];

function taken(outcome: Outcome): Taken {
  if (!outcome.isTaken) throw new Error(`refused by ${outcome.gate.id}`);
  return outcome;
}

async function passing(gates: Gates, gate: Gate, tries: number, cost = 1): Promise<number> {
  let passed = 0;
  for (let call = 0; call < tries; call++) if ((await gates.take(one(gate, cost))).isTaken) passed += 1;
  return passed;
}

/** Numbers from 0 to 1, the same each time (mulberry32). */
function fromSeed(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It never came to be.');
}

beforeAll(async () => {
  if (missing === undefined) server = await startRedis();
});

afterAll(async () => {
  for (const { gates, redis } of opened) {
    await gates.close();
    await redis.close();
  }
  await server?.stop();
});

const homes = [
  { home: 'memory', open: async (): Promise<Gates> => createMemoryGates({ clock: systemClock }) },
  { home: 'Redis', open: async (): Promise<Gates> => (await aNode()).gates },
];

describe.each(homes)('gates in $home', ({ home, open }) => {
  const whenThere = test.skipIf(home === 'Redis' && missing !== undefined);

  whenThere('a limit may be used at once, and no more', async () => {
    const gates = await open();
    const rpm = gate('rpm', 7);
    expect(await passing(gates, rpm, 10)).toBe(7);
    const refused = (await gates.take(one(rpm))) as Refused;
    expect(refused).toMatchObject({ isTaken: false, used: 7 });
    expect(refused.retryAfterMs).toBeGreaterThan(7_000);
    expect(refused.retryAfterMs).toBeLessThan(8_600);
  });

  whenThere('all or nothing over many gates, naming the one that refused', async () => {
    const gates = await open();
    const wide = [
      gate('rpm', 50),
      gate('rph', 50),
      gate('tpm', 900),
      gate('concurrency', 50),
      budget(1e12),
      gate('tpd', 900),
    ];
    const narrow = gate('rpd', 1);
    const claims = [...wide, narrow].map((each) => ({ gate: each, cost: 1 }));
    taken(await gates.take(claims));
    const refused = (await gates.take(claims)) as Refused;
    expect(refused.gate.id).toBe(narrow.id);
    for (const each of wide) expect((await gates.peek(each)).used).toBe(1);
  });

  whenThere('a limit of nothing lets nothing through', async () => {
    const gates = await open();
    for (const dimension of ['rpm', 'tpm', 'concurrency'] as const)
      expect(await passing(gates, gate(dimension, 0), 2)).toBe(0);
  });

  whenThere('tokens: a small limit admits a small request, and of five at once as many as fit', async () => {
    const gates = await open();
    const tpm = gate('tpm', 100);
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => gates.take(one(tpm, 40))));
    expect(outcomes.filter(({ isTaken }) => isTaken)).toHaveLength(2);
    expect((await gates.take(one(gate('tpm', 100), 5_000))).isTaken).toBe(true);
  });

  whenThere('tokens are settled by what was used, up or down', async () => {
    const gates = await open();
    const tpm = gate('tpm', 900);
    const large = taken(await gates.take(one(tpm, 800)));
    expect((await gates.take(one(tpm, 800))).isTaken).toBe(false);
    gates.settle(large, [50]);
    await until(async () => (await gates.peek(tpm)).used <= 50);
    const small = taken(await gates.take(one(tpm, 10)));
    gates.settle(small, [1_500]);
    await until(async () => (await gates.peek(tpm)).remaining === 0);
    const refused = (await gates.take(one(tpm, 10))) as Refused;
    expect(refused.isTaken).toBe(false);
    // Debt ends at one limit: a full bucket and a minute.
    expect(refused.retryAfterMs).toBeLessThan(61_000);
  });

  whenThere('slots come back with each end', async () => {
    const gates = await open();
    const slots = gate('concurrency', 2);
    const [first] = [taken(await gates.take(one(slots))), taken(await gates.take(one(slots)))];
    expect(await gates.take(one(slots))).toMatchObject({ isTaken: false, used: 2 });
    gates.settle(first, [1]);
    await until(async () => (await gates.peek(slots)).used === 1);
    taken(await gates.take(one(slots)));
  });

  whenThere('money is exact up to 2^53: fifty calls at once on a budget for ten', async () => {
    const gates = await open();
    const sum = budget(Number.MAX_SAFE_INTEGER);
    const each = Math.floor(Number.MAX_SAFE_INTEGER / 10);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => gates.take(one(sum, each))));
    const held = outcomes.filter(({ isTaken }) => isTaken) as Taken[];
    expect(held).toHaveLength(10);
    for (const [index, hold] of held.entries()) gates.settle(hold, [index === 0 ? each - 3 : each]);
    const left = Number.MAX_SAFE_INTEGER - 10 * each + 3;
    await until(async () => (await gates.peek(sum)).remaining === left);
    expect((await gates.take(one(sum, left + 1))).isTaken).toBe(false);
    expect((await gates.take(one(sum, left))).isTaken).toBe(true);
  });

  whenThere('what the ledger knows to be spent counts, and lowers nothing', async () => {
    const gates = await open();
    const sum = budget(100);
    gates.restore(sum, 90);
    gates.restore(sum, 40);
    await until(async () => (await gates.peek(sum)).used === 90);
    expect((await gates.take(one(sum, 11))).isTaken).toBe(false);
    expect((await gates.take(one(sum, 10))).isTaken).toBe(true);
  });
});

describe.skipIf(missing !== undefined)('gates on one Redis', () => {
  test('two nodes hold one limit together', async () => {
    const [one_, other] = [await aNode(), await aNode()];
    const rpm = gate('rpm', 20);
    const passed = await Promise.all([passing(one_.gates, rpm, 20), passing(other.gates, rpm, 20)]);
    expect(passed[0] + passed[1]).toBe(20);
    const slots = gate('concurrency', 3);
    const outcomes = await Promise.all([one_, other, one_, other].map(({ gates }) => gates.take(one(slots))));
    expect(outcomes.filter(({ isTaken }) => isTaken)).toHaveLength(3);
  });

  test('a large limit is taken by leases: few trips, and never more than the limit and its leases', async () => {
    const nodes = [await aNode(), await aNode()];
    let trips = 0;
    for (const { redis } of nodes) {
      const run = redis.run.bind(redis);
      redis.run = (...words) => {
        trips += 1;
        return run(...words);
      };
    }
    const rpm = gate('rpm', 60_000, { capacityUs: 2_000_000 } as Partial<Gate>);
    const from = Date.now();
    let passed = 0;
    for (let call = 0; call < 3_000; call++)
      for (const { gates } of nodes) if ((await gates.take(one(rpm))).isTaken) passed += 1;
    const seconds = (Date.now() - from) / 1000 + 0.01;
    // 1,000 a second and 2,000 at once.
    expect(passed).toBeLessThanOrEqual(2_000 + 1_000 * seconds);
    expect(passed).toBeGreaterThan(1_900);
    expect(trips).toBeLessThan(passed / 20);
  });

  test('never more than limit × window + burst + a lease for each node, over random schedules', async () => {
    const nodes = [await aNode(), await aNode(), await aNode()];
    // 100 a second, 50 at once, leases of 60.
    const rpm = gate('rpm', 6_000, { capacityUs: 500_000 } as Partial<Gate>);
    const random = fromSeed(20_261_120);
    const times: number[] = [];
    const from = performance.now();
    const flood = async ({ gates }: { gates: RedisGates }) => {
      while (performance.now() - from < 2_500) {
        const calls = Math.ceil(random() * 60);
        for (let call = 0; call < calls; call++)
          if ((await gates.take(one(rpm))).isTaken) times.push(performance.now());
        await new Promise((resolve) => setTimeout(resolve, random() ** 3 * 400));
      }
    };
    await Promise.all(nodes.map(flood));
    let lowest = Number.POSITIVE_INFINITY;
    let worst = 0;
    for (const [index, at] of times.sort((a, b) => a - b).entries()) {
      lowest = Math.min(lowest, index - at / 10);
      worst = Math.max(worst, index + 1 - at / 10 - lowest);
    }
    // Beyond what the window gives; a few for the time between Redis' clock and ours.
    expect(worst).toBeLessThanOrEqual(50 + 3 * 60 + 5);
    expect(times.length).toBeGreaterThan(150);
    expect(times.length).toBeLessThanOrEqual(50 + 2.6 * 100 + 10);
  });

  test('what is left of a lease goes back after a second', async () => {
    const { gates } = await aNode();
    const rpm = gate('rpm', 6_000);
    const from = Date.now();
    taken(await gates.take(one(rpm, 3_000)));
    taken(await gates.take(one(rpm)));
    // 100 flow off each second. Of the 60 that the second call took, 59 were ahead of need.
    const expected = () => 3_001 - ((Date.now() - from) * 100) / 1000;
    expect((await gates.peek(rpm)).used).toBeGreaterThan(expected() + 50);
    await until(async () => (await gates.peek(rpm)).used < expected() + 3);
    expect(Date.now() - from).toBeLessThan(5_000);
  });

  test('slots and holds of a node that vanished are free after their time, those of a living one stay', async () => {
    const living = await aNode({ ttlMs: 400, renewEveryMs: 100 });
    const gone = await aNode({ ttlMs: 400, renewEveryMs: 100 });
    const slots = gate('concurrency', 2);
    const sum = budget(100);
    taken(await living.gates.take([...one(slots), ...one(sum, 40)]));
    taken(await gone.gates.take([...one(slots), ...one(sum, 60)]));
    expect((await living.gates.take(one(slots))).isTaken).toBe(false);
    await gone.vanish();
    const from = Date.now();
    await until(async () => (await living.gates.peek(slots)).used === 1);
    await until(async () => (await living.gates.peek(sum)).used === 40);
    expect(Date.now() - from).toBeLessThan(1_500);
    // Renewed many times by now.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await living.gates.peek(slots)).used).toBe(1);
    expect((await living.gates.peek(sum)).used).toBe(40);
  });

  test('a booking that is sent twice is booked once', async () => {
    const { gates, redis } = await aNode();
    const run = redis.run.bind(redis);
    let isLost = true;
    redis.run = async (...words) => {
      const answer = await run(...words);
      if (words[0] === BOOK && isLost) {
        isLost = false;
        throw new Error('The answer was lost.');
      }
      return answer;
    };
    const sum = budget(1_000);
    const hold = taken(await gates.take(one(sum, 10)));
    gates.settle(hold, [7]);
    await until(() => !isLost);
    gates.settle(taken(await gates.take(one(sum, 10))), [5]);
    await until(async () => (await gates.peek(sum)).used === 12);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await gates.peek(sum)).used).toBe(12);
  });
});

describe.skipIf(missing !== undefined)('gates whose Redis goes away', () => {
  test('each node keeps to its share, by where the limits stood; then one limit holds again, and nothing is booked twice or lost', async () => {
    const own = await startRedis();
    const before = server;
    server = own;
    const [one_, other] = [await aNode({ renewEveryMs: 50 }), await aNode({ renewEveryMs: 50 })];
    server = before;
    await until(() => one_.gates.nodes === 2 && other.gates.nodes === 2);
    const rpd = gate('rpd', 40);
    const slots = gate('concurrency', 4);
    const sum = budget(1_000);
    expect(await passing(one_.gates, rpd, 10)).toBe(10);
    const spent = taken(await one_.gates.take(one(sum, 500)));
    one_.gates.settle(spent, [400]);
    await until(async () => (await one_.gates.peek(sum)).used === 400);
    const running = taken(await one_.gates.take([...one(slots), ...one(sum, 100)]));

    await own.kill();
    await until(() => !one_.redis.isUp && !other.redis.isUp);
    // A quarter of the bucket was gone: of its half, 15 of 20 are left.
    expect(await passing(one_.gates, rpd, 40)).toBe(15);
    expect(await passing(other.gates, rpd, 40)).toBe(20);
    // One of its two slots is in use already.
    expect(await passing(one_.gates, slots, 4)).toBe(1);
    // 500 of 1,000 are spent or held; half of the rest is this node's.
    const blind = taken(await one_.gates.take(one(sum, 250)));
    expect((await one_.gates.take(one(sum, 1))).isTaken).toBe(false);
    one_.gates.settle(blind, [200]);
    one_.gates.settle(running, [1, 100]);

    await own.restart();
    await until(() => one_.redis.isUp && other.redis.isUp);
    // Redis has lost everything: what was known to be spent is told again, and what came since.
    await until(async () => (await one_.gates.peek(sum)).used === 700);
    // What the nodes let through without it: 15 and 20.
    await until(async () => (await one_.gates.peek(rpd)).used >= 35);
    expect(await passing(other.gates, rpd, 40)).toBeLessThanOrEqual(5);
    // The slot that was taken without Redis is known there now.
    await until(async () => (await other.gates.peek(slots)).used === 1);
    await own.stop();
  });

  test('a limit may be told to hold open or closed instead', async () => {
    const own = await startRedis();
    const before = server;
    server = own;
    const { gates, redis } = await aNode();
    server = before;
    await own.kill();
    await until(() => !redis.isUp);
    expect(await passing(gates, gate('rpm', 1, { onFailure: 'fail_open' }), 5)).toBe(5);
    expect(await gates.take(one(gate('rpm', 5, { onFailure: 'fail_closed' })))).toMatchObject({
      isTaken: false,
      isBlind: true,
    });
    await own.stop();
  });

  test('a Redis that holds the line and says nothing is left alone until it answers', async () => {
    const own = await startRedis();
    const before = server;
    server = own;
    const { gates, redis } = await aNode();
    server = before;
    const rpm = gate('rpm', 5);
    expect(await passing(gates, rpm, 1)).toBe(1);
    own.freeze();
    const from = Date.now();
    expect((await gates.take(one(rpm))).isTaken).toBe(true);
    expect(await passing(gates, rpm, 100)).toBe(3);
    expect(Date.now() - from).toBeLessThan(1_000);
    expect(redis.isUp).toBe(false);
    own.thaw();
    await until(() => redis.isUp);
    expect(await passing(gates, rpm, 3)).toBe(0);
    await own.stop();
  });

  test('a Redis that refuses to write is as good as away, and found again when it takes what it is given', async () => {
    const own = await startRedis();
    const before = server;
    server = own;
    const { gates, redis } = await aNode();
    server = before;
    const operator = await createRedis({ url: own.url, log, clock: systemClock });
    await operator.command('CONFIG', 'SET', 'maxmemory', '1');
    const rpm = gate('rpm', 3);
    expect(await passing(gates, rpm, 5)).toBe(3);
    expect(redis.whyDown()).toMatch(/OOM/);
    await operator.command('CONFIG', 'SET', 'maxmemory', '0');
    await until(async () => redis.isUp && (await gates.peek(rpm)).used === 3);
    expect(await passing(gates, rpm, 2)).toBe(0);
    await operator.close();
    await own.stop();
  });

  test('a Redis that comes and goes does not open a limit anew each time', async () => {
    const own = await startRedis();
    const before = server;
    server = own;
    const { gates, redis } = await aNode();
    server = before;
    const rpd = gate('rpd', 10);
    const sum = budget(100);
    let passed = 0;
    let money = 0;
    for (let round = 0; round < 4; round++) {
      await own.kill();
      await until(() => !redis.isUp);
      passed += await passing(gates, rpd, 4);
      money += await passing(gates, sum, 3, 15);
      await own.restart();
      await until(() => redis.isUp);
    }
    expect(passed).toBe(10);
    expect(money).toBe(6);
    await own.stop();
  });

  test('a Redis that is away at the start is found when it comes', async () => {
    const own = await startRedis();
    await own.kill();
    const before = server;
    server = own;
    const { gates, redis } = await aNode();
    server = before;
    expect(redis.isUp).toBe(false);
    expect(redis.whyDown()).toMatch(/ECONNREFUSED/);
    expect(await passing(gates, gate('rpm', 2), 5)).toBe(2);
    await own.restart();
    await until(() => redis.isUp);
    expect(await passing(gates, gate('rpm', 2), 5)).toBe(2);
    await own.stop();
  });
});
