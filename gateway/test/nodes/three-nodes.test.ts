import { type Asked, choose, delay, reply, stallAfter, startUpstream, type Upstream } from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { MODEL, providerAt } from '../journey/dialect-calls.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type Cluster, mayHaveCluster, startCluster } from './cluster.ts';
import { type Answered, call, load, withStatus } from './load.ts';
import type { NodeProcess } from './node-process.ts';
import { bookedSessions } from './query-database.ts';

const ADMIN = 'xd-admin-of-these-tests-0000000000000000000000000';
const NODES = 3;
/** Gathering takes 5 ms; the rest is for a busy machine. */
const BOUND_MS = 250;
const SLOT_TTL_MS = 30_000;
const TOKENS = { input: 40, output: 60 };

const LIMITS = {
  free: {},
  money: {},
  requests: { rpm: 90 },
  tokens: { tpm: 6_000 },
  slots: { concurrency: 5 },
  outage: { rpm: 60 },
  partition: { rpm: 30 },
} as const;
const LEASED = { rpm: 1_200, burst: 0.1 };
/** US dollars a million tokens; a call costs 0.068 cents, and the budget is good for 20. */
const PRICES = { input: 2, output: 10 };
const CALL_USD = (TOKENS.input * PRICES.input + TOKENS.output * PRICES.output) / 1e6;
const BUDGET_USD = CALL_USD * 20;
type Name = keyof typeof LIMITS | 'leased';

const secretOf = (name: Name) => `xd-nodes-${name.padEnd(43, '0')}`;

function configFor(url: string): ConfigInput {
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  return {
    providers: { up: providerAt(url, 'openai-chat', { models: [{ id: MODEL, prices: PRICES }] }) },
    keys: [
      ...names.map((name) => ({ name, key: secretOf(name), limits: LIMITS[name] })),
      { name: 'leased', key: secretOf('leased'), tier: 'leased' },
    ],
    rate_limit: { leased: LEASED },
    budgets: [{ name: 'of money', scope: { kind: 'key', id: 'money' }, amount_usd: BUDGET_USD, period: 'total' }],
    admin: { key: ADMIN },
  };
}

/** `stall`: an answer that begins and does not end; `slow`: one of some 150 ms. */
function answerTo({ lastUserText }: Asked) {
  const answer = reply({ text: 'one two three four', usage: TOKENS });
  if (lastUserText.startsWith('stall')) return stallAfter('text 1', answer);
  return lastUserText.startsWith('slow') ? delay(25, answer) : answer;
}

async function manage(node: NodeProcess, method: string, place: string, body?: object) {
  const startedAt = performance.now();
  const response = await fetch(`${node.url}/admin/v1${place}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const told = (await response.json()) as { id: string; secret: string; error: { code: string; message: string } };
  return { ...told, status: response.status, ms: performance.now() - startedAt };
}

describe.skipIf(!mayHaveCluster())('three gateways on one PostgreSQL and one Redis', () => {
  let upstream: Upstream;
  let cluster: Cluster;
  let balancer: Balancer;
  const [one, two, three] = [0, 1, 2].map((place) => () => cluster.nodes[place]!) as [
    () => NodeProcess,
    () => NodeProcess,
    () => NodeProcess,
  ];
  const measured: Record<string, number> = {};

  beforeAll(async () => {
    upstream = await startUpstream({ answer: choose((asked) => () => answerTo(asked)(asked)) });
    cluster = await startCluster({ size: NODES, config: configFor(upstream.url) });
    balancer = await startBalancer(cluster.nodes.map(({ port }) => port));
  });

  afterAll(async () => {
    console.table(measured);
    await balancer?.close();
    await cluster?.[Symbol.asyncDispose]();
    await upstream?.close();
  });

  /** What reached the upstream while these calls were sent through the balancer, and for how long they were. */
  async function flood(name: Name, calls: number, atOnce: number, text = `of ${name}`) {
    const before = upstream.calls.length;
    const startedAt = performance.now();
    const answered = await load({ url: balancer.url, secret: secretOf(name), calls, atOnce, text });
    const seconds = (performance.now() - startedAt) / 1000;
    expect(answered.filter(({ status }) => status !== 200 && status !== 429)).toEqual([]);
    return { answered, seconds, passed: upstream.calls.length - before };
  }

  async function untilBooked(answered: readonly Answered[]): Promise<void> {
    await vi.waitFor(
      async () => {
        const booked = await bookedSessions(cluster.databaseUrl);
        const missing = answered.filter(({ session }) => booked.get(session) !== 1);
        expect(missing.slice(0, 3)).toEqual([]);
      },
      { timeout: 20_000, interval: 250 },
    );
  }

  async function untilMetric(node: NodeProcess, metric: string, value: number): Promise<number> {
    const startedAt = performance.now();
    await vi.waitFor(async () => expect(await node.metric(metric)).toBe(value), { timeout: 20_000, interval: 50 });
    return performance.now() - startedAt;
  }

  async function expectReady(node: NodeProcess): Promise<void> {
    expect((await fetch(`${node.url}/ready`)).status).toBe(200);
  }

  test('a limit on requests holds over all of them, and may be used in full', async () => {
    const { rpm } = LIMITS.requests;
    const { seconds, passed } = await flood('requests', 150, 12);
    measured['rpm 90: passed of 150'] = passed;
    expect(passed).toBeLessThanOrEqual(rpm + (rpm / 60) * seconds);
    expect(passed).toBeGreaterThanOrEqual(rpm);
    expect(balancer.taken.every((connections) => connections > 0)).toBe(true);
  });

  test('a limit that is leased holds within one lease a node', async () => {
    const { rpm, burst } = LEASED;
    const lease = rpm * 0.01;
    const { seconds, passed } = await flood('leased', 700, 12);
    measured['rpm 1200, burst 120: passed of 700'] = passed;
    measured['rpm 1200, burst 120: bound'] = Math.floor(rpm * burst + (rpm / 60) * seconds + NODES * lease);
    expect(passed).toBeLessThanOrEqual(rpm * burst + (rpm / 60) * seconds + NODES * lease);
    expect(passed).toBeGreaterThanOrEqual(rpm * burst - NODES * lease);
  });

  test('a limit on tokens holds, within what calls under way use beyond what they reserved', async () => {
    const { tpm } = LIMITS.tokens;
    const each = TOKENS.input + TOKENS.output;
    const atOnce = 12;
    const { seconds, passed } = await flood('tokens', 120, atOnce);
    measured['tpm 6000: tokens at the upstream'] = passed * each;
    expect(passed * each).toBeLessThanOrEqual(tpm + (tpm / 60) * seconds + atOnce * each);
    expect(passed * each).toBeGreaterThanOrEqual(tpm - each);
  });

  test('a budget is not overspent by more than the input that calls under way read beyond its estimate', async () => {
    const atOnce = 12;
    const { passed } = await flood('money', 60, atOnce);
    measured['budget for 20 calls: passed of 60'] = passed;
    expect(passed * CALL_USD).toBeLessThanOrEqual(BUDGET_USD + (atOnce * TOKENS.input * PRICES.input) / 1e6);
    expect(passed).toBeGreaterThanOrEqual(18);
  });

  test('never more calls at once than the limit, wherever they came in', async () => {
    const before = upstream.calls.length;
    const { passed } = await flood('slots', 80, 20, 'slow');
    const spans = upstream.calls
      .slice(before)
      .map(({ startedAt, closed }) => ({ from: startedAt, to: startedAt + closed!.afterMs }));
    const most = Math.max(
      ...spans.map(({ from }) => spans.filter((span) => span.from <= from && span.to > from).length),
    );
    expect(passed).toBeGreaterThanOrEqual(LIMITS.slots.concurrency);
    expect(most).toBe(LIMITS.slots.concurrency);
  });

  test('a key that is revoked at one is refused by the others within a second', async () => {
    const { id, secret } = await manage(one(), 'POST', '/keys', { name: 'short-lived' });
    for (const node of [two(), three()])
      await vi.waitFor(async () => expect(await call(node.url, secret)).toBe(200), { timeout: 5_000, interval: 20 });
    await manage(one(), 'DELETE', `/keys/${id}`);
    const revokedAt = performance.now();
    expect(await call(one().url, secret)).toBe(401);
    for (const node of [two(), three()])
      await vi.waitFor(async () => expect(await call(node.url, secret)).toBe(401), { timeout: 5_000, interval: 10 });
    measured['ms until a revoked key is refused everywhere'] = Math.round(performance.now() - revokedAt);
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
  });

  test('one that is killed under load loses no answered call beyond the bound, and no slot for more than 30 s', async () => {
    const stalled = load({
      url: two().url,
      secret: secretOf('slots'),
      calls: 5,
      atOnce: 5,
      text: 'stall',
      stream: true,
    });
    await upstream.waitForStall(LIMITS.slots.concurrency);
    expect(await call(one().url, secretOf('slots'))).toBe(429);

    let killedAt = 0;
    let killing: Promise<void> | undefined;
    const answered = await load({
      ...{ url: balancer.url, secret: secretOf('free'), calls: 600, atOnce: 12 },
      onEnd(_, soFar) {
        if (soFar !== 300) return;
        killedAt = performance.now();
        killing = two().kill();
      },
    });
    await killing;
    upstream.resume();
    await stalled;
    // Those that were under way there; new ones were taken by the others.
    const cut = withStatus(answered, 0);
    expect(cut.length).toBeLessThanOrEqual(12);
    expect(withStatus(answered, 200).length + cut.length).toBe(600);
    measured['killed: calls cut, of 12 under way'] = cut.length;

    await two().start();
    const old = withStatus(answered, 200).filter(
      ({ atMs }) => atMs < killedAt - BOUND_MS || atMs > killedAt + BOUND_MS,
    );
    await untilBooked(old);
    const booked = await bookedSessions(cluster.databaseUrl);
    expect([...booked.values()].filter((times) => times !== 1)).toEqual([]);
    const lost = withStatus(answered, 200).filter(({ session }) => !booked.has(session));
    measured['killed: answered calls not in the ledger'] = lost.length;
    measured['killed: the oldest of them, ms'] = Math.round(Math.max(0, ...lost.map(({ atMs }) => killedAt - atMs)));

    await vi.waitFor(async () => expect(await call(one().url, secretOf('slots'))).toBe(200), {
      timeout: SLOT_TTL_MS + 5_000,
      interval: 100,
    });
    measured['killed: seconds until its slots were free'] = Math.round((performance.now() - killedAt) / 1000);
    expect(performance.now() - killedAt).toBeLessThan(SLOT_TTL_MS + 1_500);
  });

  test('Redis is killed and comes back: calls go on, each keeps to its share, and nobody has to do anything', async () => {
    const { rpm } = LIMITS.outage;
    const startedAt = performance.now();
    for (const node of cluster.nodes) expect(await call(node.url, secretOf('outage'))).toBe(200);
    await cluster.redis.kill();
    const free = await flood('free', 60, 6);
    expect(withStatus(free.answered, 200)).toHaveLength(60);
    const blind = await flood('outage', 150, 12);
    expect(blind.passed).toBeGreaterThanOrEqual(rpm / 2);
    for (const node of cluster.nodes) {
      expect(await node.metric('xidao_redis_up')).toBe(0);
      await expectReady(node);
    }
    await cluster.redis.restart();
    const backMs = await Promise.all(cluster.nodes.map((node) => untilMetric(node, 'xidao_redis_up', 1)));
    measured['Redis back: ms until the last node uses it'] = Math.round(Math.max(...backMs));
    expect(Math.max(...backMs)).toBeLessThan(5_000);
    // What was used without Redis counts there, too.
    const after = await flood('outage', 100, 12);
    const seconds = (performance.now() - startedAt) / 1000;
    measured['Redis gone and back, rpm 60: passed'] = NODES + blind.passed + after.passed;
    // Each share is a bucket of its own, in which a part of a request may become a whole one.
    const bound = Math.floor(rpm + (rpm / 60) * seconds + NODES);
    measured['Redis gone and back, rpm 60: bound'] = bound;
    expect(NODES + blind.passed + after.passed).toBeLessThanOrEqual(bound);
  });

  test('PostgreSQL crashes and comes back: calls go on and are booked once, management says 503', async () => {
    await cluster.postgres.stop('crash');
    const { answered } = await flood('free', 60, 6);
    expect(withStatus(answered, 200)).toHaveLength(60);
    for (const node of cluster.nodes) {
      const refused = await manage(node, 'POST', '/keys', { name: 'in-vain' });
      expect([refused.status, refused.error.code]).toEqual([503, 'store_unavailable']);
      expect(refused.error.message).toMatch(/^The database test_1 at 127\.0\.0\.1:\d+ /);
      await expectReady(node);
    }
    await cluster.postgres.start();
    const backAt = performance.now();
    await untilBooked(answered);
    measured['PostgreSQL back: ms until all is booked'] = Math.round(performance.now() - backAt);
    for (const node of cluster.nodes) {
      const create = async () => (await manage(node, 'POST', '/keys', { name: `of-${node.name}` })).status;
      await vi.waitFor(async () => expect(await create()).toBe(201), { timeout: 10_000, interval: 50 });
    }
    measured['PostgreSQL back: ms until management works at all'] = Math.round(performance.now() - backAt);
    expect((await manage(three(), 'GET', '/audit/verify')).status).toBe(200);
  });

  test.each(['black-hole', 'reset'] as const)(
    'one that is cut off (%s) goes on within its share, and finds back',
    async (how) => {
      const { rpm } = LIMITS.partition;
      const { id, secret } = await manage(one(), 'POST', '/keys', { name: `known-${how}` });
      await vi.waitFor(async () => expect(await call(three().url, secret)).toBe(200), { timeout: 5_000, interval: 20 });
      // The limit is empty and known everywhere.
      const startedAt = performance.now();
      const before = upstream.calls.length;
      for (const node of cluster.nodes) await call(node.url, secretOf('partition'));
      const { redis, postgres } = cluster.wires[2]!;
      redis.cut(how);
      postgres.cut(how);
      onTestFinished(() => {
        redis.mend();
        postgres.mend();
      });

      const url = three().url;
      const free = await load({ url, secret: secretOf('free'), calls: 30, atOnce: 3 });
      expect(withStatus(free, 200)).toHaveLength(30);
      const limited = { secret: secretOf('partition'), calls: 60, atOnce: 4 };
      const [apart] = await Promise.all([load({ url, ...limited }), load({ url: one().url, ...limited })]);
      const seconds = (performance.now() - startedAt) / 1000;
      const bound = (rpm + (rpm / 60) * seconds) * (1 + 1 / NODES);
      const passed = upstream.calls.length - before - 30;
      if (how === 'black-hole') measured['cut off, rpm 30: passed on both sides'] = passed;
      if (how === 'black-hole') measured['cut off, rpm 30: bound'] = Math.floor(bound);
      expect(passed).toBeLessThanOrEqual(bound);
      expect(withStatus(apart, 0)).toEqual([]);

      expect(await three().metric('xidao_redis_up')).toBe(0);
      expect(await one().metric('xidao_redis_up')).toBe(1);
      await expectReady(three());
      const refused = await manage(three(), 'POST', '/keys', { name: `in-vain-${how}` });
      expect([refused.status, refused.error.code]).toEqual([503, 'store_unavailable']);
      measured[`cut off (${how}): ms until management says 503`] = Math.round(refused.ms);
      expect(refused.ms).toBeLessThan(8_000);
      // It cannot know yet.
      await manage(one(), 'DELETE', `/keys/${id}`);
      expect(await call(url, secret)).toBe(200);

      redis.mend();
      postgres.mend();
      const mendedAt = performance.now();
      await untilMetric(three(), 'xidao_redis_up', 1);
      measured[`healed (${how}): ms until Redis is used`] = Math.round(performance.now() - mendedAt);
      await vi.waitFor(async () => expect(await call(url, secret)).toBe(401), { timeout: 15_000, interval: 50 });
      measured[`healed (${how}): ms until a key revoked meanwhile is refused`] = Math.round(
        performance.now() - mendedAt,
      );
      await untilBooked(free);
      measured[`healed (${how}): ms until all is booked`] = Math.round(performance.now() - mendedAt);
    },
  );
});
