import { expect, test } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { readRateLimit } from '../config/schema/limits.ts';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { CallRecord } from '../core/record.ts';
import type { Target } from '../core/target.ts';
import type { Ticket } from '../core/ticket.ts';
import { createAdmission } from './admit.ts';
import { createMemoryGates } from './gates/memory-gates.ts';

/** As memory gives it: nothing is waited for. */
interface TicketAtOnce extends Ticket {
  reserve(plan: Plan, prompt: Prompt): void;
}

/** A door with the limits of a configuration, and a clock that stands still until told otherwise. */
function aDoor(rateLimit: string) {
  let ms = 5_000;
  const clock = { now: () => ms, wallMs: () => Date.UTC(2026, 0, 1) + ms };
  const { config, problems } = parseConfig({ text: `rate_limit: ${rateLimit}`, env: {}, knownProviders: [] });
  expect(problems).toEqual([]);
  const admission = createAdmission({ clock, gates: createMemoryGates({ clock }) });
  const door = admission.under(readRateLimit(config!.rate_limit));
  return {
    admission,
    pass: (more: number) => void (ms += more),
    enter: (caller: Partial<Caller> = {}, call: Partial<Call> = {}) =>
      door.admit({ keyId: 'key_1', keyName: 'app', ...caller }, aCall(call)) as TicketAtOnce,
  };
}

const KEY: Caller = { keyId: 'key_1', keyName: 'app' };

function aCall(some: Partial<Call> = {}): Call {
  const body = Buffer.from('{}');
  return {
    ...{
      id: 'call_1',
      dialect: 'openai-chat',
      bodyDialect: 'openai-chat',
      operation: 'chat',
      model: 'fast',
      bytes: body,
    },
    ...{ body: { start: 0, isEmpty: false, values: {}, isPlain: true }, remoteAddress: '10.0.0.1' },
    ...some,
  } as Call;
}

function aPlan(name = 'openai/gpt-5'): Plan {
  const [provider, model] = name.split('/') as [string, string];
  const target = { name, provider, model } as Target;
  return { groups: [{ name, strategy: 'priority', members: [{ target, weight: 1, priority: 0 }] }], reason: 'exact' };
}

const aPrompt = (inputTokens: number, call = aCall()) =>
  ({ call, caller: KEY, inputTokens: () => inputTokens }) as Prompt;

function aRecord(some: Partial<CallRecord> = {}): CallRecord {
  const attempts = [{ provider: 'openai', model: 'gpt-5', startedMs: 0, verdict: 'answered' }];
  return { outcome: 'complete', status: 200, keyId: 'key_1', modelAsked: 'fast', attempts, ...some } as CallRecord;
}

const usage = (inputTokens: number, outputTokens: number) => ({ usage: { inputTokens, outputTokens } });

function refusalOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('without limits every call comes in by the same ticket, and is counted', () => {
  const { admission, enter } = aDoor('{}');
  const ticket = enter();
  expect(enter()).toBe(ticket);
  expect(ticket.headers).toBeUndefined();
  expect(admission.running).toBe(2);
  ticket.settle(aRecord());
  ticket.settle(aRecord());
  expect(admission.running).toBe(0);
});

test('draining waits for the last call and lets nobody in', async () => {
  const { admission, enter } = aDoor('{ default: { rpm: 10 } }');
  const ticket = enter();
  const drained = admission.drain();
  expect(refusalOf(() => enter()).code).toBe('shutting_down');
  ticket.settle(aRecord());
  await drained;
});

test("a key is held to its tier's limits, each key for itself, and told which limit it is, whose, and how long to wait", () => {
  const { admission, enter, pass } = aDoor('{ default: { rpm: 2 }, premium: { rpm: 3 } }');
  enter();
  enter();
  const refused = refusalOf(() => enter());
  expect(refused).toMatchObject({
    code: 'rate_limit_exceeded',
    status: 429,
    kind: 'rate-limit',
    retryAfterSeconds: 30,
  });
  expect(refused.message).toBe(
    'Rate limit reached for fast by key "app" on requests per min (RPM): Limit 2, Used 2, Requested 1. Please try again in 30s.',
  );
  expect(refused.headers).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0' });
  expect(admission.running).toBe(2);
  enter({ keyId: 'key_2' });
  for (let call = 0; call < 3; call++) enter({ keyId: 'key_3', tier: 'premium' });
  expect(refusalOf(() => enter({ keyId: 'key_3', tier: 'premium' })).code).toBe('rate_limit_exceeded');
  enter({ keyId: 'key_4', tier: 'of no name' });
  pass(30_000);
  enter();
});

test('calls at once: each end makes room, however it ends', () => {
  const { enter } = aDoor('{ default: { concurrency: 1 } }');
  const ticket = enter();
  expect(refusalOf(() => enter()).message).toContain('concurrent requests');
  ticket.settle(aRecord({ outcome: 'failed', status: 502 }));
  enter();
});

test('settling twice is a fault', () => {
  const { enter } = aDoor('{ default: { rpm: 1 } }');
  const ticket = enter();
  ticket.settle(aRecord());
  expect(() => ticket.settle(aRecord())).toThrow(/twice/);
});

test('tokens are reserved by the prompt and what is asked for, and settled by what was used', () => {
  const { enter } = aDoor('{ default: { tpm: 1000 } }');
  const asking = { bytes: Buffer.from('{"max_tokens":300}') };
  const first = enter({}, asking);
  first.reserve(aPlan(), aPrompt(500));
  const second = enter({}, asking);
  const refused = refusalOf(() => second.reserve(aPlan(), aPrompt(500)));
  expect(refused.message).toMatch(
    /tokens per min \(TPM\): Limit 1000, Used 800, Requested 800\. Please try again in 36s/,
  );
  second.settle(aRecord({ attempts: [], status: 429, outcome: 'refused' }));
  first.settle(aRecord(usage(100, 100)));
  enter({}, asking).reserve(aPlan(), aPrompt(500));
});

test('a limit of 100 tokens admits one small request that leaves its length open, and of five at once one', () => {
  const { enter } = aDoor('{ default: { tpm: 100 } }');
  const passed = [1, 2, 3, 4, 5]
    .map(() => enter())
    .filter((ticket) => {
      try {
        ticket.reserve(aPlan(), aPrompt(20));
        return true;
      } catch {
        return false;
      }
    });
  expect(passed).toHaveLength(1);
  passed[0]!.settle(aRecord(usage(20, 10)));
  enter({}, { bytes: Buffer.from('{"max_tokens":40}') }).reserve(aPlan(), aPrompt(20));
});

test('what answers were usually held to is learned, for each key and model', () => {
  const { enter, pass } = aDoor('{ default: { tpm: 10000 } }');
  for (let call = 0; call < 40; call++) {
    const ticket = enter();
    ticket.reserve(aPlan(), aPrompt(10));
    ticket.settle(aRecord(usage(10, 40)));
  }
  pass(60_000);
  const tickets = Array.from({ length: 200 }, () => enter());
  // 10 and 40 of 10,000.
  for (const ticket of tickets) ticket.reserve(aPlan(), aPrompt(10));
  expect(refusalOf(() => enter().reserve(aPlan(), aPrompt(10))).message).toContain('Used 10000, Requested 50.');
});

test('a call that its tokens keep out was no request either', () => {
  const { enter } = aDoor('{ default: { rpm: 2, tpm: 100 } }');
  enter().reserve(aPlan(), aPrompt(100));
  for (let call = 0; call < 5; call++) {
    const ticket = enter();
    refusalOf(() => ticket.reserve(aPlan(), aPrompt(100)));
    ticket.settle(aRecord({ attempts: [], status: 429, outcome: 'refused' }));
  }
  enter();
  expect(refusalOf(() => enter()).message).toContain('RPM');
});

test('a call that no provider answered used no tokens', () => {
  const { enter } = aDoor('{ default: { tpm: 100 } }');
  const ticket = enter();
  ticket.reserve(aPlan(), aPrompt(100));
  ticket.settle(aRecord({ status: 502, outcome: 'failed', attempts: [] }));
  enter().reserve(aPlan(), aPrompt(100));
});

test('counting tokens uses none', () => {
  const { enter } = aDoor('{ default: { tpm: 100 } }');
  for (let call = 0; call < 5; call++) enter({}, { operation: 'count-tokens' }).reserve(aPlan(), aPrompt(90));
});

test('input and output have limits of their own, and cached input counts only where it is to', () => {
  const { enter } = aDoor('{ default: { input_tpm: 100, output_tpm: 700 }, count_cached_input: false }');
  const ticket = enter();
  ticket.reserve(aPlan(), aPrompt(90));
  expect(refusalOf(() => enter().reserve(aPlan(), aPrompt(90))).message).toContain('input tokens per min (ITPM)');
  ticket.settle(aRecord({ usage: { inputTokens: 90, cachedInputTokens: 90, outputTokens: 500 } }));
  expect(refusalOf(() => enter().reserve(aPlan(), aPrompt(90))).message).toContain('output tokens per min (OTPM)');
});

test('limits of user, team, project, organisation and key hold beside the tier, for all their keys together', () => {
  const { enter } = aDoor('{ default: { rpm: 100 } }');
  for (const scope of ['user', 'team', 'project', 'organisation', 'key'] as const) {
    const limits = [{ scope, id: 'x', limits: { rpm: 2 } }];
    enter({ keyId: 'a', limits });
    enter({ keyId: 'b', limits });
    expect(refusalOf(() => enter({ keyId: 'c', limits })).message).toContain(`${scope} "x"`);
  }
});

test('limits of a model hold by the name that was asked and by the one that answers', () => {
  const { enter } = aDoor(
    '{ default: { per_model: { fast: { rpm: 1 } } }, per_model: { "openai/gpt-*": { rpm: 2 } } }',
  );
  enter().reserve(aPlan(), aPrompt(1));
  expect(refusalOf(() => enter().reserve(aPlan(), aPrompt(1))).message).toContain('key "app", model fast');
  enter({ keyId: 'key_2' }).reserve(aPlan(), aPrompt(1));
  expect(refusalOf(() => enter({ keyId: 'key_3' }).reserve(aPlan(), aPrompt(1))).message).toContain(
    'model openai/gpt-*',
  );
  enter({ keyId: 'key_4' }).reserve(aPlan('anthropic/claude'), aPrompt(1));
});

test('limits of a client address hold for all keys, and an IPv6 network is one client', () => {
  const { enter } = aDoor('{ per_ip: { rpm: 1 } }');
  enter({}, { remoteAddress: '::ffff:10.0.0.1' });
  expect(refusalOf(() => enter({ keyId: 'key_2' }, { remoteAddress: '10.0.0.1' })).message).toContain('10.0.0.1');
  enter({}, { remoteAddress: '2001:db8::1' });
  expect(refusalOf(() => enter({}, { remoteAddress: '2001:db8:0:0:1::2' })).message).toContain('2001:db8:0:0::/64');
});

test('a rule holds for what it matches, and counts each combination for itself', () => {
  const { enter } = aDoor(
    '{ rules: [{ name: big, match: { team: "ml-*", provider: openai }, per: [team, model], limits: { rpm: 1 } }, { name: night, match: { key: app }, limits: { rpm: 3 } }] }',
  );
  const inTeam = (team: string, target: string) => enter({ keyName: 'other', team }).reserve(aPlan(target), aPrompt(1));
  inTeam('ml-1', 'openai/gpt-5');
  expect(refusalOf(() => inTeam('ml-1', 'openai/gpt-5')).message).toContain(
    'rule "big", team ml-1, model openai/gpt-5',
  );
  inTeam('ml-1', 'openai/gpt-6');
  inTeam('ml-2', 'openai/gpt-5');
  inTeam('ml-1', 'anthropic/claude');
  inTeam('ml-1', 'anthropic/claude');
  inTeam('web', 'openai/gpt-5');
  inTeam('web', 'openai/gpt-5');
  for (let call = 0; call < 3; call++) enter({ keyName: 'app' });
  expect(refusalOf(() => enter({ keyName: 'app' })).message).toContain('rule "night"');
});

test("the answer's headers tell of the tightest limits, as each vendor's clients read them", () => {
  const { enter } = aDoor('{ default: { rpm: 60, rph: 10, tpm: 1000 } }');
  const ticket = enter({}, { bytes: Buffer.from('{"max_tokens":100}') });
  ticket.reserve(aPlan(), aPrompt(400));
  expect(ticket.headers).toEqual({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '9',
    'x-ratelimit-reset-requests': '6m0s',
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-tokens': '500',
    'x-ratelimit-reset-tokens': '30s',
  });
  const messages = enter({ keyId: 'key_2' }, { dialect: 'anthropic-messages', bodyDialect: 'anthropic-messages' });
  expect(messages.headers).toEqual({
    'anthropic-ratelimit-requests-limit': '10',
    'anthropic-ratelimit-requests-remaining': '9',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:06:05Z',
  });
});
