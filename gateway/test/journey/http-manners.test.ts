import { connect } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { rawRequest, startUpstream } from '@xidao/testkit';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, post } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const [chat, responses, messages, gemini] = DIALECT_CALLS;

const PREFIXES: Record<string, string[]> = {
  '/chat/completions': ['', '/v1', '/v1/v1', '/openai/v1', '/api/v1', '/openai', '//v1', '/v1/'],
  '/responses': ['', '/v1', '/v1/v1', '/openai/v1', '/api/v1'],
  '/messages': ['', '/v1', '/v1/v1', '/anthropic/v1', '/anthropic', '/api/v1'],
  [`/models/${MODEL}:generateContent`]: ['/v1beta', '/v1', '/v1alpha', '/gemini/v1beta', '/google/v1beta', ''],
};

test('every usual base URL leads to the same place, with and without a trailing slash, and is never redirected', async () => {
  for (const [index, [path, prefixes]] of Object.entries(PREFIXES).entries()) {
    const call = DIALECT_CALLS[index]!;
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, call.dialect));
    for (const prefix of prefixes) {
      for (const end of ['', '/', '?beta=true']) {
        const where = `${prefix}${path}${end}`;
        const response = await fetch(gateway.url + where, {
          method: 'POST',
          redirect: 'manual',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
          body: JSON.stringify(call.body(MODEL, 'Hi', false)),
        });
        expect(response.status, where).toBe(200);
      }
    }
    expect(new Set(upstream.calls.map((seen) => seen.path)).size).toBe(1);
    expect(await metric(gateway, 'xidao_tolerated_paths_total')).toBeGreaterThan(0);
  }
});

test.each(['', '/', '/v1', '/v1/', '/openai/v1', '/api/v1'])(
  'the official SDKs work with the base URL …%s',
  async (base) => {
    await using upstream = await startUpstream();
    await using other = await startUpstream();
    await using gateway = await aGateway({
      providers: {
        ...only(upstream, 'openai-chat').providers,
        claude: { dialect: 'anthropic-messages', base_url: other.url, api_key: 'x', models: ['claude-test'] },
      },
    });
    const openai = new OpenAI({ apiKey: KEY, baseURL: gateway.url + base, maxRetries: 0 });
    const said = await openai.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
    expect(said.choices[0]!.message.content).toBe('Hi');
    const anthropic = new Anthropic({ apiKey: KEY, baseURL: gateway.url + base, maxRetries: 0 });
    const message = await anthropic.messages.create({
      model: 'claude-test',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hi' }]);
  },
);

test.each(['', '/v1', '/v1/'])(
  'an upstream’s base URL is understood with and without its version (%s)',
  async (suffix) => {
    await using upstream = await startUpstream();
    for (const call of DIALECT_CALLS) {
      const base = call.dialect === 'gemini' ? suffix.replace('v1', 'v1beta') : suffix;
      await using gateway = await aGateway(only(upstream, call.dialect, { base_url: upstream.url + base }));
      expect((await ask(gateway, call)).status).toBe(200);
    }
    expect(upstream.calls.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/responses',
      '/v1/messages',
      `/v1beta/models/${MODEL}:generateContent`,
    ]);
  },
);

test('every answer names its request in the words of both SDKs, and what the gateway did', async () => {
  for (const call of DIALECT_CALLS) {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, call.dialect));
    for (const stream of [false, true]) {
      const { headers } = await ask(gateway, call, { stream, headers: { 'x-request-id': 'mine\u00e9-1' } });
      const id = headers.get('x-request-id');
      expect(id).toMatch(/^call_\w+$/);
      expect(headers.get('request-id')).toBe(id);
      expect(headers.get('x-xidao-request-id')).toBe(id);
      expect(headers.get('x-client-request-id')).toMatch(/^mine/);
      expect(headers.get('x-xidao-model')).toBe(MODEL);
      expect(headers.get('x-xidao-provider')).toBe('up');
      expect(headers.get('x-xidao-attempts')).toBe('1');
      expect(headers.get('x-xidao-route')).toBe('catalogue');
      expect(Number(headers.get('x-xidao-overhead-ms'))).toBeGreaterThanOrEqual(0);
      expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
      expect(headers.get('date')).not.toBeNull();
      expect(headers.get('content-length') === null).toBe(stream);
    }
  }
});

test('a client’s own request id cannot write into the log or the headers', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const { headers } = await ask(gateway, chat!, { headers: { 'x-request-id': 'x'.repeat(5000) } });
  expect(headers.get('x-client-request-id')!.length).toBeLessThan(2100);
});

test('HEAD and GET of the root say that somebody is there', async () => {
  await using gateway = await aGateway();
  for (const path of ['/', '/health', '/ready', '/metrics', '/v1/models']) {
    const head = await fetch(gateway.url + path, { method: 'HEAD', headers: { authorization: `Bearer ${KEY}` } });
    expect(head.status, path).toBe(200);
    expect(await head.text()).toBe('');
    const get = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${KEY}` } });
    expect(get.status, path).toBe(200);
    if (path !== '/metrics') expect(head.headers.get('content-length'), path).toBe(String((await get.text()).length));
  }
});

test('a page on localhost may call, a foreign one may not, and configuration can let it', async () => {
  const asked = 'authorization,x-stainless-os,content-type';
  for (const [origins, origin, isLet] of [
    [[], 'http://localhost:3000', true],
    [[], 'http://127.0.0.1:5173', true],
    [[], 'http://[::1]:5173', true],
    [[], 'https://evil.example', false],
    [[], 'http://localhost.evil.example', false],
    [[], 'null', false],
    [['https://app.example'], 'https://app.example', true],
    [['*'], 'https://evil.example', true],
  ] as const) {
    await using gateway = await aGateway({ server: { cors_origins: [...origins] } });
    const preflight = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(isLet ? origin : null);
    expect(preflight.headers.get('access-control-allow-headers')).toBe(isLet ? asked : null);
    const answer = await ask(gateway, chat!, { model: 'mock/echo', headers: { origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(isLet ? origin : null);
    expect(answer.headers.get('access-control-expose-headers')).toBe(isLet ? '*' : null);
    expect(answer.headers.get('vary')).toBe('origin');
    const refused = await ask(gateway, chat!, { model: 'mock/echo', headers: { origin, authorization: 'Bearer no' } });
    expect(refused.headers.get('access-control-allow-origin')).toBe(isLet ? origin : null);
  }
});

test('an unknown path is a JSON 404 in the words of its dialect that names the nearest one', async () => {
  await using gateway = await aGateway();
  for (const [path, nearest] of [
    ['/v1/chat/completion', '/v1/chat/completions'],
    ['/v1/mesages', '/v1/messages'],
    ['/v1/embedding', '/v1/embeddings'],
    ['/v1/respones', '/v1/responses'],
  ]) {
    const response = await post(gateway, path!, {});
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-request-id')).not.toBeNull();
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toContain(nearest);
  }
  const anthropic = await post(gateway, '/v1/messages/nothing', {});
  expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  const google = await fetch(`${gateway.url}/v1beta/nothing`);
  expect(await google.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
});

test('a wrong method is a 405 that says which one is right', async () => {
  await using gateway = await aGateway();
  for (const [path, body] of [
    ['/v1/chat/completions', { error: { code: 'method_not_allowed' } }],
    ['/v1/messages', { type: 'error', error: { type: 'invalid_request_error' } }],
    [`/v1beta/models/${MODEL}:generateContent`, { error: { code: 405 } }],
  ] as const) {
    const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await response.json()).toMatchObject(body);
  }
});

test('an unknown model is a 404 in the words of the dialect that names the nearest ones', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat', { models: ['gpt-5-mini', 'other'] }));
  for (const [call, shape] of [
    [chat!, { error: { type: 'invalid_request_error', code: 'model_not_found', param: 'model' } }],
    [responses!, { error: { type: 'invalid_request_error', code: 'model_not_found', param: 'model' } }],
    [messages!, { type: 'error', error: { type: 'not_found_error' } }],
    [gemini!, { error: { code: 404, status: 'NOT_FOUND' } }],
  ] as const) {
    const response = await ask(gateway, call, { model: 'gpt-5-mni' });
    expect(response.status).toBe(404);
    const body = (await response.json()) as { error: { message: string }; request_id?: string };
    expect(body).toMatchObject(shape);
    expect(body.error.message).toContain('gpt-5-mini');
    expect(response.headers.get('x-should-retry')).toBe('false');
    if (call === messages) expect(body.request_id).toBe(response.headers.get('request-id'));
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      error: 'model_not_found',
      status: 404,
      outcome: 'refused',
    });
  }
  expect(upstream.calls).toHaveLength(0);
});

test('a WebSocket is answered at once, so that clients go on over HTTP', async () => {
  await using gateway = await aGateway();
  const answer = await rawRequest({
    port: gateway.port,
    method: 'GET',
    path: '/v1/responses',
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  });
  expect(answer.status).toBe(426);
  expect(answer.json).toMatchObject({ error: { code: 'upgrade_not_supported' } });
});

test('an offer to speak HTTP/2 instead is passed over, as Java’s client makes it with every first call', async () => {
  await using gateway = await aGateway();
  const answer = await rawRequest({
    port: gateway.port,
    path: '/v1/chat/completions',
    headers: {
      authorization: `Bearer ${KEY}`,
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
    },
    body: chat!.body('mock/echo', 'Hi', false),
  });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ choices: [{ message: { content: 'Hi' } }] });
});

test('a connection serves one call after the other', async () => {
  await using gateway = await aGateway();
  const body = JSON.stringify(chat!.body('mock/echo', 'Hi', false));
  const one = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  const socket = connect(gateway.port, '127.0.0.1');
  socket.end(`${one}\r\n${body}${one}connection: close\r\n\r\n${body}`);
  let seen = '';
  for await (const bytes of socket) seen += String(bytes);
  expect(seen.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
});
