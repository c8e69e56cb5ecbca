import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmission } from '../../src/admission/admit.ts';
import { createBudgetBook } from '../../src/admission/budgets/budget-book.ts';
import { createMemoryGates } from '../../src/admission/gates/memory-gates.ts';
import { budgetsSchema, readBudgets } from '../../src/config/schema/budgets.ts';
import { readRateLimit } from '../../src/config/schema/limits.ts';
import type { BudgetNews } from '../../src/core/budget.ts';
import type { Caller } from '../../src/core/caller.ts';
import { systemClock as clock } from '../../src/core/clock.ts';
import { createRedis, type Redis } from '../../src/store/redis/create-redis.ts';
import { createRedisGates, type RedisGates } from '../../src/store/redis/redis-gates.ts';
import { aCall, aPlan, aPrompt, aRecord, aTarget, DOLLAR } from '../budgets/a-book.ts';
import { type RedisServer, startRedis, whyNoRedis } from './redis.ts';

const log = { info() {}, error() {} };
const PLAN = aPlan(aTarget('openai/gpt-5'));
const ID = 'config:of team';

let server: RedisServer;
const opened: { redis: Redis; gates: RedisGates }[] = [];

/** A node with a budget of ten dollars for a team, whose ledger knows so much to be spent. */
async function aNode(name: string, { known = 0 } = {}) {
  const redis = await createRedis({ url: server.url, log, clock });
  const gates = createRedisGates({ redis, local: createMemoryGates({ clock }), clock, node: name });
  opened.push({ redis, gates });
  const news: BudgetNews[] = [];
  const book = createBudgetBook({
    ...{ clock, gates, onNews: (one) => void news.push(one), onUnpriced() {}, unpriced: () => 'allow' as const },
    spentSince: async () => known,
    onFailure(error) {
      throw error;
    },
  });
  const scope = { kind: 'team' as const, id: 'a' };
  book.replace('config', readBudgets(budgetsSchema.parse([{ name: 'of team', scope, amount_usd: 10 }])));
  const door = createAdmission({ clock, gates, budgets: book }).under(readRateLimit({}));
  const who: Caller = { keyId: 'key_1', keyName: 'app', team: 'a' };
  return {
    ...{ book, news },
    used: () => who.budgetUsed!(),
    async reserve() {
      const call = aCall({ maxTokens: 1e6 });
      const ticket = await door.admit(who, call);
      try {
        await ticket.reserve(PLAN, aPrompt(call, who));
        return ticket;
      } catch {
        ticket.settle(aRecord({}));
        return undefined;
      }
    },
  };
}

describe.skipIf(whyNoRedis() !== undefined)('budgets on Redis', () => {
  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(async () => {
    for (const { redis, gates } of opened) {
      await gates.close();
      await redis.close();
    }
    await server.stop();
  });

  test('two nodes share one: of 50 calls at once on money for 10, 10 pass, and each learns what the other spent', async () => {
    const [one, other] = [await aNode('one'), await aNode('other')];
    await expect.poll(async () => (await one.book.standingOf(ID))?.heldPico).toBe(0);
    const asked = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other).reserve());
    const tickets = (await Promise.all(asked)).filter((ticket) => ticket !== undefined);
    expect(tickets).toHaveLength(10);
    expect(await other.book.standingOf(ID)).toMatchObject({ spentPico: 0, heldPico: 10 * DOLLAR });
    expect([...one.news, ...other.news]).toEqual([]);
    for (const ticket of tickets) ticket.settle(aRecord({ 'openai/gpt-5': 0.9 * DOLLAR }));
    for (const { book } of [one, other])
      await expect.poll(() => book.standingOf(ID)).toMatchObject({ spentPico: 9 * DOLLAR, heldPico: 0 });
    const last = await one.reserve();
    expect(one.used()).toBeCloseTo(0.9, 9);
    expect([...one.news, ...other.news].at(-1)).toMatchObject({ threshold: { at: 0.8 } });
    last!.settle(aRecord({ 'openai/gpt-5': 0 }));
  });

  test('a Redis that has lost everything is told again what the ledger knows, and a later start adds nothing twice', async () => {
    await server.kill();
    await server.restart();
    const node = await aNode('third', { known: 8 * DOLLAR });
    await expect
      .poll(async () => {
        await node.book.seed();
        return node.book.standingOf(ID);
      })
      .toMatchObject({ spentPico: 8 * DOLLAR });
    const again = await aNode('fourth', { known: 8 * DOLLAR });
    await again.book.seed();
    const passed = [await node.reserve(), await again.reserve(), await node.reserve()];
    expect(passed.filter(Boolean)).toHaveLength(2);
  });
});
