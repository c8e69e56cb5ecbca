import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { type AWebhook, aWebhook } from '../alerts/a-webhook.ts';

let hook: AWebhook;
let gateway: RunningGateway;
let secret: string;

beforeAll(async () => {
  hook = await aWebhook();
  gateway = await aGateway({
    budgets: [{ name: 'written', amount_usd: 5 }],
    alerts: {
      allow_private: true,
      channels: {
        ops: { type: 'slack', webhook_url: hook.url },
        broken: { type: 'webhook', webhook_url: 'http://127.0.0.1:1' },
      },
    },
  });
  secret = (await readFile(`${gateway.dataFolder}/cli.token`, 'utf8')).trim();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await hook[Symbol.asyncDispose]();
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const told = { out: [] as string[], err: [] as string[] };
  const code = await runCli(args, {
    out: (text) => told.out.push(text),
    err: (text) => told.err.push(text),
    isTerminal: false,
    env: { XIDAO_URL: gateway.url, XIDAO_ADMIN_KEY: secret },
    folder: '/',
  });
  return { code, out: told.out.join('\n'), err: told.err.join('\n') };
}

const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);

test('cost alert set, as it is printed, makes a budget for each limit, and changes it the next time', async () => {
  const printed = ['cost', 'alert', 'set', '--team=engineering', '--daily-limit=200', '--hourly-limit=30'];
  const told = await run(...printed, '--webhook=https://hooks.slack.com/xxx');
  expect(told).toMatchObject({
    code: 0,
    err: expect.stringContaining('team engineering, daily: at 50, 80 and 100 % of $200.00'),
  });
  const { data } = await json('budgets', 'list');
  const ofTeam = data.filter(({ scope }: { scope: object }) => JSON.stringify(scope).includes('engineering'));
  expect(ofTeam).toMatchObject([
    { name: 'team engineering, hourly', amount_usd: 30, period: 'hourly', webhook: 'https://hooks.slack.com' },
    {
      name: 'team engineering, daily',
      amount_usd: 200,
      thresholds: [{ at: 0.5 }, { at: 0.8 }, { at: 1, action: 'alert' }],
    },
  ]);
  await run('cost', 'alert', 'set', '--team=engineering', '--daily-limit=300', '--enforce');
  expect(await json('budgets', 'show', 'team engineering, daily')).toMatchObject({
    amount_usd: 300,
    thresholds: [{}, {}, { at: 1, action: 'refuse' }],
    webhook: 'https://hooks.slack.com',
  });
  expect((await run('cost', 'alert', 'set', '--team=x')).code).toBe(2);
});

test('budgets are set, shown, listed and removed', async () => {
  const made = await json(
    ...[
      'budgets',
      'set',
      'mine',
      '--amount',
      '100',
      '--period',
      'weekly',
      '--timezone',
      'Asia/Tokyo',
      '--tag',
      'env=prod',
    ],
    ...['--at', '$10', '80%=degrade', '1=refuse', '--degrade-tier', 'low', '--channel', 'ops'],
  );
  expect(made).toMatchObject({
    ...{ scope: { kind: 'tag', id: 'env=prod' }, amount_usd: 100, period: 'weekly', timezone: 'Asia/Tokyo' },
    thresholds: [
      { at: 0.1, action: 'alert' },
      { at: 0.8, action: 'degrade' },
      { at: 1, action: 'refuse' },
    ],
    ...{ degrade: { tier: 'low', max_tokens: null }, channels: ['ops'] },
  });
  expect(await json('budgets', 'set', 'mine', '--amount', '50', '--clear', 'degrade')).toMatchObject({
    ...{ id: made.id, amount_usd: 50, degrade: null, period: 'weekly' },
  });
  expect((await run('budgets', 'show', 'mine')).out).toMatch(/amount +\$50\.00 weekly\n.*\nheld/);
  expect((await run('budgets', 'list')).out).toMatch(/^mine +tag env=prod +\$50\.00 weekly/m);
  expect((await run('budgets', 'set', 'mine', '--period', 'daily')).code).toBe(2);
  expect((await run('budgets', 'set', 'other', '--team', 'a', '--user', 'b', '--amount', '1')).code).toBe(2);
  expect((await run('budgets', 'set', 'other', '--amount', '1', '--channel', 'nobody')).err).toContain('ops, broken');
  expect((await run('budgets', 'remove', 'mine')).code).toBe(0);
  expect(await run('budgets', 'show', 'mine')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no budget "mine"'),
  });
  expect(await run('budgets', 'remove', 'written')).toMatchObject({
    code: 2,
    err: expect.stringContaining('configuration'),
  });
});

test('a trial says which channel works, and fails where one does not', async () => {
  expect(await run('alerts', 'test', 'ops')).toMatchObject({ code: 0, out: 'ops: sent' });
  expect(JSON.parse(hook.heard.at(-1)!.body)).toEqual({ text: expect.stringContaining('A trial') });
  expect(await run('alerts', 'test')).toMatchObject({ code: 1, err: 'Not told: broken.' });
  expect((await run('alerts', 'test', 'nobody')).code).toBe(2);
  expect((await run('alerts', 'list')).out).toContain('SEVERITY');
});
