import { reply, startUpstream, status } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, providerAt } from './dialect-calls.ts';

const CHAT = DIALECT_CALLS[0]!;
const MESSAGES = DIALECT_CALLS[2]!;
const ADMIN_KEY = 'xd-admin-for-these-tests-alone-000000';
const USAGE = { input: 120, output: 45, cached: 20 };
/** 100 fresh tokens at $2, 20 cached ones at $0.50 and 45 at $10 a million: $0.00066 a call. */
const PRICED = [{ id: MODEL, prices: { input: 2, output: 10, cached_input: 0.5 } }];
const keyOf = (team: string) => `xd-${team}-key-00000000000000000000000000000000000000`;

function twoTeams(upstream: string, broken: string): ConfigInput {
  return {
    admin: { key: ADMIN_KEY },
    keys: ['backend', 'data'].map((team) => ({ name: `${team} app`, key: keyOf(team), team })),
    providers: {
      up: { ...providerAt(upstream, 'openai-chat'), models: PRICED },
      broken: providerAt(broken, 'openai-chat'),
      free: providerAt(upstream, 'openai-chat'),
    },
    models: {
      steady: { targets: [{ provider: 'broken', model: MODEL }], fallback: [`up/${MODEL}`] },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
async function admin(gateway: RunningGateway, place: string): Promise<any> {
  const response = await fetch(`${gateway.url}/admin/v1${place}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  return place.includes('format=csv') ? response.text() : response.json();
}

/** Calls are booked about a second after their end. */
async function booked(gateway: RunningGateway, count: number): Promise<void> {
  await expect
    .poll(async () => (await admin(gateway, '/calls')).data.length, { timeout: 20_000, interval: 100 })
    .toBe(count);
}

async function cli(gateway: RunningGateway, line: string): Promise<{ code: number; out: string }> {
  const out: string[] = [];
  const env = { XIDAO_URL: gateway.url, XIDAO_ADMIN_KEY: ADMIN_KEY };
  const terminal = { out: (text: string) => out.push(text), err: () => {}, isTerminal: false, env, folder: '/' };
  return { code: await runCli(line.split(' '), terminal), out: out.join('\n') };
}

test('three calls of two teams add up exactly in report, CSV, command and log', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'one two', usage: USAGE }) });
  await using broken = await startUpstream({ answer: status(500) });
  await using gateway = await aGateway(twoTeams(upstream.url, broken.url));
  const as = (team: string) => ({ authorization: `Bearer ${keyOf(team)}` });
  await (await ask(gateway, CHAT, { model: `up/${MODEL}`, headers: as('backend') })).text();
  await (
    await ask(gateway, MESSAGES, {
      model: 'steady',
      stream: true,
      headers: { ...as('backend'), 'x-api-key': keyOf('backend') },
    })
  ).text();
  await (await ask(gateway, CHAT, { model: `up/${MODEL}`, headers: as('data') })).text();
  const unpriced = await ask(gateway, CHAT, { model: `free/${MODEL}`, headers: as('data') });
  await unpriced.text();
  await booked(gateway, 4);

  const { rows, total } = await admin(gateway, '/costs?period=24h&by=team');
  expect(rows).toMatchObject([
    { team: 'backend', cost_usd: '0.00132', calls: 2, unpriced_attempts: 0, input_tokens: 240 },
    { team: 'data', cost_usd: '0.00066', calls: 2, unpriced_attempts: 1, input_tokens: 240 },
  ]);
  expect(total).toMatchObject({ cost_usd: '0.00198', calls: 4 });
  expect(await admin(gateway, '/costs?by=team&provider=up&format=csv')).toContain('backend,0.00132,0,2,0,0,240,90\r\n');
  expect((await admin(gateway, '/costs?by=provider&team=data')).rows).toMatchObject([
    { provider: 'up', cost_usd: '0.00066' },
    { provider: 'free', cost_usd: null },
  ]);

  const { code, out } = await cli(gateway, 'cost report --period 24h --group-by team');
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/backend +0\.00132 +66\.7%[\s\S]*total +0\.00198 \+ unpriced +100\.0%/),
  ]);

  const [failover] = (await admin(gateway, '/calls?team=backend&model_asked=steady')).data;
  expect(failover).toMatchObject({
    model: MODEL,
    provider: 'up',
    dialect: 'anthropic-messages',
    is_streamed: true,
    cost_usd: '0.00066',
  });
  const { attempts, ledger } = await admin(gateway, `/calls/${failover.id}`);
  expect(attempts.at(0)).toMatchObject({ provider: 'broken', status: 500 });
  expect(attempts.at(-1)).toMatchObject({ provider: 'up', verdict: 'answered' });
  expect(ledger.at(-1)).toMatchObject({ state: 'captured', cost_usd: '0.00066' });
  const lost = await admin(gateway, `/calls/${unpriced.headers.get('x-request-id')}`);
  expect(lost).toMatchObject({ cost_usd: null, usage: { inputTokens: 120 } });
});

test('the page of costs is there for everybody, and shows nothing without a key', async () => {
  await using gateway = await aGateway();
  const page = await fetch(`${gateway.url}/dashboard/costs?team=backend&period=month`);
  expect([page.status, page.headers.get('content-security-policy')]).toEqual([
    200,
    expect.stringContaining("default-src 'none'"),
  ]);
  expect((await fetch(new URL('costs.js', page.url))).status).toBe(200);
  expect((await fetch(new URL('../admin/v1/costs', page.url))).status).toBe(401);
});
