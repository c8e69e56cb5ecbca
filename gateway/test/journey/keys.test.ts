import { readFile } from 'node:fs/promises';
import { startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, post, UPSTREAM_KEY } from './dialect-calls.ts';

const OTHER = 'xd-other-key-00000000000000000000000000000000000000';
const EXPIRED = 'xd-expired-key-000000000000000000000000000000000000';
const NARROW = 'xd-narrow-key-0000000000000000000000000000000000000';
const KEYS = [
  { name: 'app', key: KEY },
  { name: 'other', key: OTHER },
  { name: 'old', key: EXPIRED, expires_at: '2020-01-01T00:00:00Z' },
  { name: 'narrow', key: NARROW, models: ['cheap', 'anthropic/*', 'test-m*-x'] },
];

const ACCEPTED: Record<string, [headers: Record<string, string>, name: string]> = {
  Bearer: [{ authorization: `Bearer ${KEY}` }, 'app'],
  'bearer in small letters': [{ authorization: `bearer ${KEY}` }, 'app'],
  'BEARER with spaces around the key': [{ authorization: `BEARER   ${KEY}  ` }, 'app'],
  'x-api-key': [{ 'x-api-key': KEY }, 'app'],
  'api-key': [{ 'api-key': ` ${KEY} ` }, 'app'],
  'x-goog-api-key': [{ 'x-goog-api-key': KEY }, 'app'],
  'the same key twice': [{ authorization: `Bearer ${KEY}`, 'x-api-key': KEY }, 'app'],
  'two good keys, of which the first counts': [{ authorization: `Bearer ${OTHER}`, 'x-api-key': KEY }, 'other'],
  'a foreign key and a good one': [{ authorization: 'Bearer sk-ant-something', 'x-api-key': KEY }, 'app'],
  'an expired key and a good one': [{ 'x-api-key': EXPIRED, 'x-goog-api-key': KEY }, 'app'],
  'another scheme and a good key': [{ authorization: 'Basic dXNlcjpwYXNz', 'api-key': KEY }, 'app'],
};

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a key is taken from every header in which clients send it, and from none does it reach the upstream', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, call.dialect), keys: KEYS });
    for (const [how, [headers, name]] of Object.entries(ACCEPTED)) {
      const response = await fetch(gateway.url + call.path(MODEL, false), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...call.headers,
          cookie: 'session=s3cret',
          'proxy-authorization': 'Basic cHJveHk6c2VjcmV0',
          'x-forwarded-for': '10.1.2.3',
          ...headers,
        },
        body: JSON.stringify(call.body(MODEL, 'Hello', false)),
      });
      expect(response.status, how).toBe(200);
      expect(await gateway.record(response.headers.get('x-request-id')!), how).toMatchObject({ key: name });
    }
    for (const { rawHeaders, query, body } of upstream.calls) {
      const seen = `${rawHeaders.join('\n')}\n${query.toString()}\n${body.toString()}`;
      for (const secret of [KEY, OTHER, EXPIRED, 'sk-ant-something', 'dXNlcjpwYXNz', 's3cret', 'cHJveHk6', '10.1.2.3'])
        expect(seen).not.toContain(secret);
      expect(rawHeaders.filter((text) => text.includes(UPSTREAM_KEY))).toHaveLength(1);
    }
    expect(upstream.calls).toHaveLength(Object.keys(ACCEPTED).length);
  });

  test.each([
    ['no key', {}, 'missing_api_key'],
    ['an empty one', { authorization: 'Bearer ' }, 'missing_api_key'],
    ['an unknown one', { authorization: 'Bearer xd-nobody' }, 'invalid_api_key'],
    ['a provider’s', { 'x-api-key': UPSTREAM_KEY }, 'invalid_api_key'],
    ['an expired one', { authorization: `Bearer ${EXPIRED}` }, 'expired_api_key'],
    ['one in small letters', { authorization: `Bearer ${KEY.toUpperCase()}` }, 'invalid_api_key'],
  ] as const)('%s is a 401 in the words of the dialect, and on record', async (_, headers, code) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, call.dialect), keys: KEYS });
    const response = await fetch(gateway.url + call.path(MODEL, false), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(call.body(MODEL, 'Hello', false)),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    if (call.dialect.startsWith('openai')) expect(error).toMatchObject({ type: 'authentication_error', code });
    if (call.dialect === 'anthropic-messages') expect(error).toMatchObject({ type: 'authentication_error' });
    if (call.dialect === 'gemini') expect(error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' });
    const record = await gateway.record(response.headers.get('x-request-id')!);
    expect(record).toMatchObject({ status: 401, outcome: 'refused', error: code });
    expect(record).not.toHaveProperty('key');
    expect(upstream.calls).toHaveLength(0);
  });

  test('a key in the URL is refused, even a good one', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, call.dialect), keys: KEYS });
    const path = call.path(MODEL, true);
    for (const parameter of [`key=${KEY}`, `api_key=${KEY}`, `api-key=${KEY}`, `access_token=${KEY}`, `k%65y=${KEY}`]) {
      const response = await post(
        gateway,
        `${path}${path.includes('?') ? '&' : '?'}${parameter}`,
        call.body(MODEL, 'Hello', true),
      );
      expect(response.status, parameter).toBe(401);
      expect(await response.text()).not.toContain(KEY);
    }
    expect(upstream.calls).toHaveLength(0);
  });
});

test('a revoked key is refused from the next call on', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway({ ...only(upstream, 'openai-chat'), keys: KEYS });
  const [chat] = DIALECT_CALLS;
  const admin = { authorization: `Bearer ${await adminKeyOf(gateway)}` };
  const made = await fetch(`${gateway.url}/admin/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...admin },
    body: JSON.stringify({ name: 'short-lived' }),
  });
  expect(made.status).toBe(201);
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  const headers = { authorization: `Bearer ${secret}` };
  expect((await ask(gateway, chat!, { headers })).status).toBe(200);
  const revoked = await fetch(`${gateway.url}/admin/v1/keys/${id}`, { method: 'DELETE', headers: admin });
  expect(revoked.ok, await revoked.text()).toBe(true);
  const refused = await ask(gateway, chat!, { headers });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ error: { code: 'revoked_api_key' } });
});

async function adminKeyOf(gateway: Awaited<ReturnType<typeof aGateway>>): Promise<string> {
  return (await readFile(`${gateway.dataFolder}/cli.token`, 'utf8')).trim();
}

test('the model list of a key holds for names, catalogue names and aliases alike', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway({
    ...only(upstream, 'openai-chat', { models: ['cheap', 'dear', 'test-model-x'] }),
    models: {
      nickname: { provider: 'up', model: 'dear' },
      mixed: { targets: [{ provider: 'up', model: 'cheap' }], fallback: ['nickname'] },
      thrift: { provider: 'up', model: 'cheap' },
    },
    keys: KEYS,
  });
  const [chat, , messages] = DIALECT_CALLS;
  const headers = { authorization: `Bearer ${NARROW}` };
  for (const model of ['cheap', 'up/cheap', 'xidao/cheap', 'thrift', 'test-model-x'])
    expect((await ask(gateway, chat!, { model, headers })).status, model).toBe(200);
  const before = upstream.calls.length;
  for (const model of ['dear', 'up/dear', 'xidao/dear', 'nickname', 'mixed', 'mock/echo']) {
    const response = await ask(gateway, chat!, { model, headers });
    expect(response.status, model).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_allowed', type: 'permission_error' } });
  }
  const anthropic = await ask(gateway, messages!, { model: 'dear', headers });
  expect(anthropic.status).toBe(403);
  expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
  expect(upstream.calls).toHaveLength(before);
});

test('the Anthropic headers of a client reach an Anthropic upstream, its others do not', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  await ask(gateway, DIALECT_CALLS[2]!, {
    headers: {
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'context-1m-2025-08-07,interleaved-thinking-2025-05-14',
      'anthropic-dangerous-direct-browser-access': 'true',
      'anthropic-something-new': 'yes',
      'x-stainless-os': 'Linux',
      'user-agent': 'claude-cli/2.0',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  });
  const { headers } = upstream.calls[0]!;
  expect(headers).toMatchObject({
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'context-1m-2025-08-07,interleaved-thinking-2025-05-14',
    'anthropic-something-new': 'yes',
    'x-api-key': UPSTREAM_KEY,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  expect(headers).not.toHaveProperty('anthropic-dangerous-direct-browser-access');
  expect(headers).not.toHaveProperty('x-stainless-os');
  expect(headers).not.toHaveProperty('authorization');
  expect(headers['user-agent']).not.toContain('claude');
  const record = await gateway.recordWhere(() => true);
  expect(record['trace_id']).toBe('0af7651916cd43dd8448eb211c80319c');
});

test('an Anthropic client that names no version gets the pinned one', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  await post(gateway, '/v1/messages', DIALECT_CALLS[2]!.body(MODEL, 'Hi', false));
  expect(upstream.calls[0]!.headers['anthropic-version']).toBe('2023-06-01');
});
