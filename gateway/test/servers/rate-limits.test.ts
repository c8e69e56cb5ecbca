import { expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { startRedis, whyNoRedis } from './redis.ts';

const missing = whyNoRedis();

function ask({ url, key }: RunningGateway, more: object = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'mock/echo', messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });
}

async function drained(response: Response): Promise<Response> {
  await response.arrayBuffer();
  return response;
}

test('a key that has used up its requests gets a 429 that says so, and until when', async () => {
  await using gateway = await aGateway({ rate_limit: { default: { rpm: 2 } } });
  const first = await drained(await ask(gateway));
  expect(first.status).toBe(200);
  expect(first.headers.get('x-ratelimit-limit-requests')).toBe('2');
  expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
  expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(29|30)(\.\d+)?s$/);
  await drained(await ask(gateway, { stream: true }));
  const refused = await ask(gateway);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(28);
  expect(Number(refused.headers.get('retry-after-ms'))).toBeGreaterThan(28_000);
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  const { error } = (await refused.json()) as { error: { message: string } };
  expect(error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
  expect(error.message).toMatch(
    /^Rate limit reached for mock\/echo by key "app" on requests per min \(RPM\): Limit 2, Used 2, Requested 1\. Please try again in \d+(\.\d+)?s\.$/,
  );
  expect(await gateway.recordWhere(({ error }) => error === 'rate_limit_exceeded')).toBeDefined();
});

test("Anthropic's clients are told in Anthropic's words", async () => {
  await using gateway = await aGateway({ rate_limit: { default: { rpm: 1, tpm: 10_000 } } });
  const send = () =>
    fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': gateway.key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'mock/echo', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
    });
  const answered = await drained(await send());
  expect(answered.headers.get('anthropic-ratelimit-requests-limit')).toBe('1');
  expect(Number(answered.headers.get('anthropic-ratelimit-tokens-remaining'))).toBeGreaterThan(9_800);
  expect(answered.headers.get('anthropic-ratelimit-tokens-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const refused = await send();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
  expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
});

test('calls at once are counted from the door to the last byte', async () => {
  await using gateway = await aGateway({ rate_limit: { default: { concurrency: 1 } } });
  const slow = await ask(gateway, {
    model: 'mock/error-slow',
    messages: [{ role: 'user', content: 'Word '.repeat(100) }],
    stream: true,
  });
  expect((await drained(await ask(gateway))).status).toBe(429);
  await slow.body!.cancel();
  await gateway.recordWhere(({ outcome }) => outcome === 'client-left');
  expect((await drained(await ask(gateway))).status).toBe(200);
});

test('tokens that were reserved and not used are there for the next call', async () => {
  await using gateway = await aGateway({ rate_limit: { default: { tpm: 1000 } } });
  for (let call = 0; call < 5; call++) {
    const answered = await ask(gateway, { max_tokens: 900 });
    expect(answered.status).toBe(200);
    await gateway.record(answered.headers.get('x-request-id')!);
    await drained(answered);
  }
});

test.skipIf(missing !== undefined)('two gateways on one Redis hold one limit, and go on without it', async () => {
  const server = await startRedis();
  {
    const config = { redis: { url: server.url }, rate_limit: { default: { rpm: 6, concurrency: 5 } } };
    await using one = await aGateway(config);
    await using other = await aGateway(config);
    const statuses: number[] = [];
    for (let call = 0; call < 5; call++)
      for (const gateway of [one, other]) statuses.push((await drained(await ask(gateway))).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    await server.kill();
    expect([200, 429]).toContain((await drained(await ask(one))).status);
    expect((await fetch(`${one.url}/ready`)).status).toBe(200);
  }
  await server.stop();
});
