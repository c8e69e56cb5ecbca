import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aBook, aCall, aPlan, aPrompt, aRecord, aTarget, DOLLAR } from '../../../test/budgets/a-book.ts';
import type { Call } from '../../core/call.ts';
import type { Caller } from '../../core/caller.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { degradePlan } from './degrade-plan.ts';

const caller = (some: Partial<Caller> = {}): Caller => ({
  keyId: 'key_1',
  keyName: 'app',
  team: 'engineering',
  ...some,
});
const OF_TEAM = { name: 'of team', scope: { kind: 'team', id: 'engineering' }, period: 'daily' };
/** A million tokens are a dollar. */
const TARGET = aTarget('openai/gpt-5');
const DOLLARS = (amount: number) => amount * 1e6;

function reserve(
  room: ReturnType<typeof aBook>,
  {
    who = caller(),
    call = aCall({ maxTokens: DOLLARS(1) }),
    plan = aPlan(TARGET),
  }: { who?: Caller; call?: Call; plan?: Plan } = {},
) {
  const ticket = room.enter(who, call);
  try {
    void ticket.reserve(plan, aPrompt(call, who));
  } catch (error) {
    ticket.settle(aRecord({}, { status: 402, outcome: 'refused' }));
    throw error;
  }
  return ticket;
}

function refusalOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('of 50 calls at once on money for 10, 10 pass, and what they leave over is there again', async () => {
  const room = aBook([OF_TEAM]);
  const tickets = Array.from({ length: 50 }, () => {
    try {
      return reserve(room);
    } catch {
      return undefined;
    }
  }).filter((ticket) => ticket !== undefined);
  expect(tickets).toHaveLength(10);
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 0, heldPico: 10 * DOLLAR });
  for (const ticket of tickets) ticket.settle(aRecord({ 'openai/gpt-5': 0.5 * DOLLAR }));
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 5 * DOLLAR, heldPico: 0 });
  for (let call = 0; call < 5; call++) reserve(room);
  expect(refusalOf(() => reserve(room))).toMatchObject({ code: 'budget_exceeded' });
});

test('a refusal names budget, amount, what is used and when it starts anew, and asks nobody to try again', () => {
  const room = aBook([{ ...OF_TEAM, timezone: 'Europe/Berlin' }]);
  for (let call = 0; call < 10; call++) reserve(room);
  const refused = refusalOf(() => reserve(room));
  expect(refused).toMatchObject({ status: 402, kind: 'quota', headers: { 'x-should-retry': 'false' } });
  expect(refused.retryAfterSeconds).toBeUndefined();
  expect(refused.message).toBe(
    'The budget "of team" of team "engineering" is used up: $10.00 of $10.00 a day are spent or held for calls under way, and this call can cost $1.00. It starts anew at 2026-11-21 00:00:00 (Europe/Berlin).',
  );
  const large = refusalOf(() => reserve(room, { call: aCall({ maxTokens: DOLLARS(11) }) }));
  expect(large.message).toContain('this call alone can cost $11.00: ask for fewer output tokens');
});

test.each([
  ['gateway', '', {}],
  ['organisation', 'acme', { organisation: 'acme' }],
  ['team', 'a', { team: 'a' }],
  ['project', 'p', { project: 'p' }],
  ['user', 'ann', { user: 'ann' }],
  ['key', 'app', {}],
  ['key', 'key_1', {}],
  ['tag', 'env=prod', { tags: { env: 'prod', other: 'x' } }],
] as const)('holds for %s %s, and for nobody else', (kind, id, who) => {
  const room = aBook([{ name: 'b', scope: { kind, id }, amount_usd: 1 }]);
  const other: Partial<Caller> = { keyId: 'key_2', keyName: 'other', team: 'b', tags: { env: 'test' } };
  reserve(room, { who: caller(who) });
  expect(refusalOf(() => reserve(room, { who: caller(who) })).code).toBe('budget_exceeded');
  if (kind !== 'gateway') for (let call = 0; call < 3; call++) reserve(room, { who: caller(other) });
});

test("a model's budget holds for the model, and what a call spent elsewhere does not count", async () => {
  const room = aBook([
    { name: 'plain', scope: { kind: 'model', id: 'gpt-5' }, amount_usd: 1 },
    { name: 'exact', scope: { kind: 'model', id: 'anthropic/claude' }, amount_usd: 1 },
  ]);
  const [gpt, claude, third] = [aTarget('azure/gpt-5'), aTarget('anthropic/claude'), aTarget('x/claude')];
  const ticket = reserve(room, { plan: aPlan(gpt, claude) });
  expect(refusalOf(() => reserve(room, { plan: aPlan(gpt) })).message).toContain('model "gpt-5"');
  ticket.settle(aRecord({ 'azure/gpt-5': 0.1 * DOLLAR, 'anthropic/claude': 0.7 * DOLLAR }));
  expect(await room.book.standingOf('config:plain')).toMatchObject({ spentPico: 0.1 * DOLLAR, heldPico: 0 });
  expect(await room.book.standingOf('config:exact')).toMatchObject({ spentPico: 0.7 * DOLLAR, heldPico: 0 });
  expect(refusalOf(() => reserve(room, { plan: aPlan(claude) })).code).toBe('budget_exceeded');
  reserve(room, { plan: aPlan(third) });
});

test('the worst case is the dearest target, every answer asked for, and a race twice', () => {
  const room = aBook([OF_TEAM]);
  const cheapAndDear = aPlan(TARGET, aTarget('x/dear', 4));
  const cost = (plan: Plan, call = aCall({ maxTokens: DOLLARS(1) })) =>
    room.book.claimsOf(caller(), call, plan, aPrompt(call, caller()))[0]!.cost / DOLLAR;
  expect(cost(aPlan(TARGET))).toBe(1);
  expect(cost(cheapAndDear)).toBe(4);
  expect(cost(aPlan(TARGET), aCall({ maxTokens: DOLLARS(1), body: { n: 3 } }))).toBe(3);
  expect(cost({ ...aPlan(TARGET), isHedged: true })).toBe(2);
  expect(cost({ ...aPlan(TARGET), defaults: { maxTokensCap: DOLLARS(0.5) } })).toBe(0.5);
  expect(cost(aPlan(TARGET), aCall({ body: { tools: [{ max_tokens: 5 }], max_tokens: 7e6 } }))).toBe(7);
});

test('a call that leaves its length open is held for what the model can, and passes a fresh budget all the same', () => {
  const room = aBook([OF_TEAM]);
  const open = { call: aCall(), plan: aPlan(aTarget('x/long', 1, { maxOutputTokens: DOLLARS(20) })) };
  const ticket = reserve(room, open);
  expect(refusalOf(() => reserve(room, open)).code).toBe('budget_exceeded');
  ticket.settle(aRecord({ 'x/long': 1 }));
  expect(refusalOf(() => reserve(room, open)).code).toBe('budget_exceeded');
});

test('a budget of nothing lets nothing through but what is free', () => {
  const room = aBook([{ ...OF_TEAM, amount_usd: 0 }]);
  expect(refusalOf(() => reserve(room, { call: aCall() })).code).toBe('budget_exceeded');
  reserve(room, { plan: aPlan(aTarget('mock/echo', 0)) });
});

test('an answer of which nobody knows the usage costs what was held', async () => {
  const room = aBook([OF_TEAM]);
  reserve(room).settle(aRecord({ 'openai/gpt-5': undefined }));
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: DOLLAR, heldPico: 0 });
});

test('each window starts anew, and a call that ends later is paid by the window in which it began', async () => {
  const room = aBook([OF_TEAM]);
  const late = reserve(room);
  for (let call = 0; call < 9; call++) reserve(room);
  room.clock.ms += 12 * 3_600_000;
  for (let call = 0; call < 10; call++) reserve(room);
  late.settle(aRecord({ 'openai/gpt-5': DOLLAR }));
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 0, heldPico: 10 * DOLLAR });
});

test('thresholds are told once each, of several at once the highest, and anew in the next window', () => {
  const room = aBook([
    { ...OF_TEAM, thresholds: [{ at_usd: 1 }, { at: 0.5 }, { at: 0.8 }, { at: 1, action: 'refuse' }] },
  ]);
  const spend = (dollars: number) =>
    reserve(room, { call: aCall({ maxTokens: DOLLARS(dollars) }) }).settle(
      aRecord({ 'openai/gpt-5': dollars * DOLLAR }),
    );
  const told = () =>
    room.news.splice(0).map(({ threshold, spentPico }) => [threshold.at, threshold.action, spentPico / DOLLAR]);
  spend(0.9);
  expect(told()).toEqual([]);
  spend(0.1);
  expect(told()).toEqual([[0.1, 'alert', 1]]);
  spend(7.5);
  expect(told()).toEqual([[0.8, 'alert', 8.5]]);
  spend(0.5);
  refusalOf(() => spend(2));
  refusalOf(() => spend(2));
  expect(told()).toEqual([[1, 'refuse', 9]]);
  room.clock.ms += 24 * 3_600_000;
  spend(6);
  expect(told()).toEqual([[0.5, 'alert', 6]]);
});

test('a refusal for what is only held, or for the size of one call, is no news', () => {
  const room = aBook([OF_TEAM]);
  const ticket = reserve(room, { call: aCall({ maxTokens: DOLLARS(9.5) }) });
  refusalOf(() => reserve(room));
  ticket.settle(aRecord({ 'openai/gpt-5': DOLLAR }));
  refusalOf(() => reserve(room, { call: aCall({ maxTokens: DOLLARS(9.5) }) }));
  expect(room.news).toEqual([]);
});

test('a budget without a threshold that refuses counts and lets everything through', async () => {
  const room = aBook([{ ...OF_TEAM, thresholds: [{ at: 1 }] }]);
  for (let call = 0; call < 30; call++) reserve(room).settle(aRecord({ 'openai/gpt-5': DOLLAR }));
  expect(room.news).toHaveLength(1);
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 30 * DOLLAR });
});

test('before it refuses, a budget makes calls cheaper, and tells routing how far it is used', () => {
  const thresholds = [
    { at: 0.5, action: 'degrade' },
    { at: 1, action: 'refuse' },
  ];
  const room = aBook([
    { ...OF_TEAM, thresholds, degrade: { tier: 'medium', max_tokens: 500 } },
    { name: 'of key', scope: { kind: 'key', id: 'app' }, thresholds, degrade: { tier: 'low', max_tokens: 900 } },
  ]);
  const who = caller();
  const ticket = reserve(room, { who, call: aCall({ maxTokens: DOLLARS(5) }) });
  expect([room.book.thriftOf(who), who.budgetUsed!()]).toEqual([undefined, 0]);
  ticket.settle(aRecord({ 'openai/gpt-5': 5 * DOLLAR }));
  expect(room.book.thriftOf(who)).toEqual({ tier: 'low', maxTokens: 500 });
  expect(who.budgetUsed!()).toBe(0.5);
  reserve(room, { who });
  expect(who.costTier).toBe('low');
  expect(degradePlan(aPlan(TARGET), room.book.thriftOf(who)).defaults).toEqual({ maxTokensCap: 500 });
  expect(room.book.thriftOf(caller({ keyName: 'other', team: 'b' }))).toBeUndefined();
  room.configure([]);
  room.enter(who, aCall());
  expect([who.budgetUsed, who.costTier]).toEqual([undefined, undefined]);
});

test('X-Budget-Limit refuses what can cost more, without any budget', () => {
  const room = aBook([]);
  const limited = (limit: string, maxTokens?: number) =>
    reserve(room, {
      call: aCall({ headers: { 'x-budget-limit': limit }, ...(maxTokens !== undefined && { maxTokens }) }),
    });
  limited('1.00', DOLLARS(1));
  expect(refusalOf(() => limited('0.5', DOLLARS(1))).message).toContain(
    'can cost $1.00, and its X-Budget-Limit is $0.50',
  );
  expect(refusalOf(() => limited('0.001')).code).toBe('budget_exceeded');
  for (const wrong of ['', 'much', '-1', '1e5', '0x1'])
    expect(refusalOf(() => limited(wrong)).code, wrong).toBe('invalid_request');
  const unknown = { call: aCall({ headers: { 'x-budget-limit': '5' } }), plan: aPlan(aTarget('x/y', null)) };
  expect(refusalOf(() => reserve(room, unknown)).code).toBe('price_unknown');
});

test('calls of unknown price pass and are told of once, or are refused, as configured', () => {
  const plan = aPlan(aTarget('lab/llama', null), TARGET);
  const room = aBook([OF_TEAM]);
  reserve(room, { plan });
  reserve(room, { plan });
  expect(room.unpriced).toEqual(['lab/llama']);
  const strict = aBook([OF_TEAM], { unpricedIs: 'refuse' });
  expect(refusalOf(() => reserve(strict, { plan }))).toMatchObject({ code: 'price_unknown', status: 403 });
  reserve(strict, { plan, who: caller({ team: 'other' }) });
  const telling = aBook([{ ...OF_TEAM, thresholds: [{ at: 1 }] }], { unpricedIs: 'refuse' });
  reserve(telling, { plan });
});

test('what the ledger knows to be spent is spent after a restart too, and never counted twice', async () => {
  const asked: unknown[] = [];
  const room = aBook([OF_TEAM], {
    spentSince: async (scope, fromMs) => {
      asked.push([scope, fromMs]);
      return 8 * DOLLAR;
    },
  });
  await room.book.seed();
  expect(asked).toEqual([[{ kind: 'team', id: 'engineering' }, Date.UTC(2026, 10, 20)]]);
  expect(room.news.map(({ threshold }) => threshold.at)).toEqual([0.8]);
  const tickets = [reserve(room), reserve(room)];
  expect(refusalOf(() => reserve(room)).message).toContain('$10.00 of $10.00');
  for (const ticket of tickets) ticket.settle(aRecord({ 'openai/gpt-5': DOLLAR }));
  await room.book.seed();
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 10 * DOLLAR });
});

test('is seeded again and again, and a ledger that fails stops neither that nor the others', async () => {
  const failures: unknown[] = [];
  let isBroken = true;
  const room = aBook([OF_TEAM, { name: 'of all' }], {
    spentSince: async ({ kind }) => {
      if (isBroken && kind === 'team') throw new Error('the database is gone');
      return DOLLAR;
    },
    onFailure: (error) => void failures.push(error),
  });
  const rounds = room.book.seedRegularly(1_000);
  room.timers.shift()!();
  await expect.poll(() => room.timers.length).toBe(1);
  expect(failures).toHaveLength(1);
  expect(await room.book.standingOf('config:of all')).toMatchObject({ spentPico: DOLLAR });
  isBroken = false;
  room.timers.shift()!();
  await expect.poll(() => room.timers.length).toBe(1);
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: DOLLAR });
  rounds.close();
});

test('a reload keeps what is spent, and a budget that is changed goes on from there', async () => {
  const room = aBook([OF_TEAM]);
  reserve(room).settle(aRecord({ 'openai/gpt-5': 6 * DOLLAR }));
  room.configure([{ ...OF_TEAM, amount_usd: 7 }]);
  reserve(room);
  expect(refusalOf(() => reserve(room)).message).toContain('of $7.00 a day');
  room.configure([{ ...OF_TEAM, amount_usd: 20 }]);
  reserve(room);
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 6 * DOLLAR, heldPico: 2 * DOLLAR });
});

test('copies of calls are paid as well, though no ticket holds anything for them', async () => {
  const room = aBook([OF_TEAM]);
  const record = aRecord({ 'openai/gpt-5': 2 * DOLLAR }, { team: 'engineering' });
  room.book.take(record);
  room.book.take({ ...record, shadowOf: 'call_0' });
  expect(await room.book.standingOf('config:of team')).toMatchObject({ spentPico: 2 * DOLLAR });
});

test('counting tokens costs nothing, and without budgets nothing is held', () => {
  const room = aBook([OF_TEAM]);
  const call = { ...aCall({ maxTokens: DOLLARS(50) }), operation: 'count-tokens' } as Call;
  reserve(room, { call });
  const bare = aBook([]);
  expect(bare.enter(caller(), aCall())).toBe(bare.enter(caller(), aCall()));
});

test('no order of calls, ends and waits ever spends more than there is', () => {
  const step = fc.record({
    what: fc.constantFrom('begin', 'end', 'pass' as const),
    dollars: fc.integer({ min: 1, max: 4 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    at: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = aBook([OF_TEAM]);
      const under: { ticket: ReturnType<typeof reserve>; pico: number; day: number }[] = [];
      const spent = new Map<number, number>();
      const held = (day: number) => under.filter((one) => one.day === day).reduce((sum, { pico }) => sum + pico, 0);
      const day = () => Math.floor(room.clock.ms / 86_400_000);
      for (const { what, dollars, used, at } of steps) {
        if (what === 'pass') room.clock.ms += at * 3_600_000;
        else if (what === 'end' && under.length > 0) {
          const [{ ticket, pico, day }] = under.splice(at % under.length, 1) as [(typeof under)[number]];
          const cost = Math.floor(pico * used);
          spent.set(day, (spent.get(day) ?? 0) + cost);
          ticket.settle(aRecord({ 'openai/gpt-5': cost }));
        } else if (what === 'begin') {
          const pico = dollars * DOLLAR;
          const fits = (spent.get(day()) ?? 0) + held(day()) + pico <= 10 * DOLLAR;
          const begin = () => reserve(room, { call: aCall({ maxTokens: DOLLARS(dollars) }) });
          if (fits) under.push({ ticket: begin(), pico, day: day() });
          else expect(refusalOf(begin).code).toBe('budget_exceeded');
        }
        expect((spent.get(day()) ?? 0) + held(day())).toBeLessThanOrEqual(10 * DOLLAR);
      }
    }),
    { seed: 56, numRuns: 150 },
  );
});
