import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Cue, reply, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { Gateway } from '../../src/gateway.ts';
import { KEY } from '../a-gateway.ts';
import { aWebhook } from '../alerts/a-webhook.ts';
import { DIALECT_CALLS, MODEL, providerAt } from './dialect-calls.ts';

/** Output costs a dollar for a hundred thousand tokens, input nothing. */
const PRICES = [{ id: MODEL, prices: { input: 0, output: 10 } }];
const DOLLAR_OF_TOKENS = 100_000;
const TEAM = 'xd-team-key-000000000000000000000000000000000000000';
const OF_TEAM = { name: 'of team', scope: { kind: 'team' as const, id: 'engineering' }, amount_usd: 10 };

/** A gateway on a folder that outlives it. */
async function start(dataFolder: string, config: ConfigInput) {
  const keys = [
    { name: 'app', key: KEY },
    { name: 'team', key: TEAM, team: 'engineering' },
  ];
  const gateway = await Gateway.create({ keys, ...config }, { dataFolder, log: { write() {} } });
  const { port } = await gateway.run({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const token = (await readFile(`${dataFolder}/cli.token`, 'utf8')).trim();
  return {
    gateway,
    say(maxTokens: number | undefined, { key = TEAM, headers = {}, model = MODEL } = {}) {
      return fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hi' }] }),
      });
    },
    async manage(method: string, place: string, body?: object) {
      const response = await fetch(`${url}/admin/v1${place}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
      return { status: response.status, body: (await response.json()) as any };
    },
    url,
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

async function aFolder() {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'xidao-budgets-'));
  return { dataFolder, [Symbol.asyncDispose]: () => rm(dataFolder, { recursive: true, force: true }) };
}

const saying = (outputTokens: number) => reply({ text: 'Hello', usage: { input: 1, output: outputTokens } });
const configFor = (url: string, more: ConfigInput = {}): ConfigInput => ({
  providers: { up: providerAt(url, 'openai-chat', { models: PRICES }), mock: true },
  ...more,
});

test('of 50 calls at once on money for 10, 10 pass, and a restart forgets nothing of it', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const answer: Cue = async (asked) => {
    await released;
    return saying(DOLLAR_OF_TOKENS * 0.7)(asked);
  };
  await using upstream = await startUpstream({ answer });
  await using folder = await aFolder();
  const config = configFor(upstream.url, { budgets: [OF_TEAM] });
  {
    await using first = await start(folder.dataFolder, config);
    let refused = 0;
    const answers = Array.from({ length: 50 }, async () => {
      const response = await first.say(DOLLAR_OF_TOKENS);
      // What passes is answered when all others are refused.
      if (response.status !== 200 && ++refused === 40) release();
      return { status: response.status, text: await response.text() };
    });
    const told = await Promise.all(answers);
    expect(told.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(upstream.calls).toHaveLength(10);
    expect(JSON.parse(told.find(({ status }) => status !== 200)!.text)).toMatchObject({
      error: { type: 'insufficient_quota', code: 'budget_exceeded', message: expect.stringContaining('"of team"') },
    });
    const { body } = await first.manage('GET', '/budgets/of%20team');
    expect(body).toMatchObject({ spent_usd: 7, held_usd: 0, remaining_usd: 3, source: 'config' });
    expect((await first.say(DOLLAR_OF_TOKENS, { key: KEY })).status).toBe(200);
  }
  await using second = await start(folder.dataFolder, config);
  const { body } = await second.manage('GET', '/budgets/of%20team');
  expect(body).toMatchObject({ spent_usd: 7, remaining_usd: 3, burn_per_hour_usd: 7, forecast_method: 'linear' });
  expect(body.exhausted_at).not.toBeNull();
  expect((await second.say(DOLLAR_OF_TOKENS * 3)).status).toBe(200);
  expect((await second.say(DOLLAR_OF_TOKENS * 3)).status).toBe(429);
});

test.each([
  ['openai-chat', 429, { error: { type: 'insufficient_quota', code: 'budget_exceeded' } }],
  ['openai-responses', 429, { error: { type: 'insufficient_quota', code: 'budget_exceeded' } }],
  ['anthropic-messages', 402, { type: 'error', error: { type: 'billing_error' } }],
  ['gemini', 429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }],
] as const)('in %s a refusal is %i, and nobody is asked to try again', async (dialect, status, expected) => {
  await using upstream = await startUpstream({ answer: saying(1) });
  await using folder = await aFolder();
  await using gateway = await start(folder.dataFolder, {
    providers: { up: providerAt(upstream.url, dialect, { models: PRICES }) },
    budgets: [{ ...OF_TEAM, amount_usd: 0 }],
  });
  const call = DIALECT_CALLS.find((one) => one.dialect === dialect)!;
  const response = await fetch(gateway.url + call.path(MODEL, false), {
    method: 'POST',
    headers: { ...call.headers, authorization: `Bearer ${TEAM}`, 'content-type': 'application/json' },
    body: JSON.stringify(call.body(MODEL, 'Hi', false)),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(response.headers.get('retry-after')).toBeNull();
  expect(await response.json()).toMatchObject(expected);
  expect(upstream.calls).toHaveLength(0);
});

test('X-Budget-Limit refuses what can cost more', async () => {
  await using upstream = await startUpstream({ answer: saying(10) });
  await using folder = await aFolder();
  await using gateway = await start(folder.dataFolder, configFor(upstream.url));
  const limited = async (limit: string) =>
    (await gateway.say(DOLLAR_OF_TOKENS, { key: KEY, headers: { 'X-Budget-Limit': limit } })).status;
  expect([await limited('1.00'), await limited('0.99'), await limited('a lot')]).toEqual([200, 429, 400]);
  expect(upstream.calls).toHaveLength(1);
});

test('a budget made while calls go on counts what is spent already, makes answers shorter, tells once, and goes', async () => {
  await using hook = await aWebhook();
  await using upstream = await startUpstream({ answer: saying(DOLLAR_OF_TOKENS) });
  await using folder = await aFolder();
  await using gateway = await start(
    folder.dataFolder,
    configFor(upstream.url, {
      alerts: { allow_private: true, channels: { ops: { type: 'webhook', webhook_url: `${hook.url}/ops` } } },
    }),
  );
  const { manage, say } = gateway;
  const wish = {
    ...{ name: 'new', scope: { kind: 'team', id: 'engineering' }, amount_usd: 10, period: 'daily' },
    thresholds: [
      { at: 0.2, action: 'degrade' },
      { at: 1, action: 'refuse' },
    ],
    degrade: { max_tokens: 50 },
    webhook: `${hook.url}/secret-path`,
  };
  expect(await manage('POST', '/budgets', { ...wish, channels: ['nobody'] })).toMatchObject({ status: 400 });
  const made = await manage('POST', '/budgets', wish);
  expect(made).toMatchObject({ status: 201, body: { spent_usd: 0, webhook: hook.url, source: 'store' } });
  expect(await manage('POST', '/budgets', wish)).toMatchObject({ status: 409 });
  for (const maxTokens of [DOLLAR_OF_TOKENS, DOLLAR_OF_TOKENS, DOLLAR_OF_TOKENS]) await (await say(maxTokens)).text();
  expect(upstream.calls.map(({ json }) => (json as { max_tokens?: number }).max_tokens)).toEqual([
    DOLLAR_OF_TOKENS,
    DOLLAR_OF_TOKENS,
    50,
  ]);
  await expect.poll(() => hook.heard.length).toBe(1);
  expect(hook.heard[0]!.path).toBe('/secret-path');
  expect(JSON.parse(hook.heard[0]!.body)).toMatchObject({ budget: 'new', action: 'degrade', spent_usd: 2 });
  await expect
    .poll(async () => (await manage('GET', '/alerts')).body.data[0]?.deliveries)
    .toMatchObject([{ channel: hook.url, state: 'sent', attempts: 1 }]);

  expect(await manage('PATCH', '/budgets/new', { amount_usd: 3, degrade: null })).toMatchObject({
    body: { amount_usd: 3, spent_usd: 3, degrade: null },
  });
  expect((await say(1)).status).toBe(429);
  expect(await manage('POST', '/alerts/test', { channel: 'ops' })).toMatchObject({
    body: { data: [{ state: 'sent' }] },
  });
  expect(await manage('DELETE', `/budgets/${made.body.id}`)).toMatchObject({ status: 200 });
  expect((await say(1)).status).toBe(200);
  expect(await manage('GET', '/budgets/new')).toMatchObject({ status: 404 });
  const { body: audit } = await manage('GET', '/audit');
  expect(audit.data.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['create', 'update', 'remove']),
  );
  expect(
    JSON.stringify([audit, (await manage('GET', '/config')).body, (await manage('GET', '/alerts')).body]),
  ).not.toContain('secret-path');
});

test('a reload of the configuration changes a budget and keeps what is spent', async () => {
  await using upstream = await startUpstream({ answer: saying(DOLLAR_OF_TOKENS) });
  await using folder = await aFolder();
  const config = configFor(upstream.url, { budgets: [OF_TEAM] });
  await using gateway = await start(folder.dataFolder, config);
  await (await gateway.say(DOLLAR_OF_TOKENS)).text();
  const { budgets, ...rest } = gateway.gateway.config;
  const list = budgets.list.map((budget) => ({ ...budget, amount_usd: 1.5 }));
  gateway.gateway.reload({ ...rest, budgets: { ...budgets, list } });
  expect((await gateway.say(DOLLAR_OF_TOKENS)).status).toBe(429);
  expect((await gateway.manage('GET', '/budgets/of%20team')).body).toMatchObject({ spent_usd: 1, amount_usd: 1.5 });
});
