import { connect } from 'node:net';
import { rawRequest, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { aServer } from './a-server.ts';
import { ask, DIALECT_CALLS, MODEL, only, post } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;

/** After whatever happened: the process lives, and serves. */
async function expectItServes(gateway: { url: string }): Promise<void> {
  const response = await ask(gateway, chat!, { model: 'mock/echo', text: 'still here' });
  expect(await response.text()).toContain('still here');
}

const BROKEN: Record<string, [body: string, message: RegExp]> = {
  nothing: ['', /empty/],
  'a half': ['{"model":"m","messages":[', /ends at byte 25/],
  'a word': ['hello', /expected a JSON object at byte 0/],
  'a list': ['[1]', /expected a JSON object/],
  'a comma too much': ['{"model":"m",}', /byte 13/],
  'single quotes': ["{'model':'m'}", /double quotes/],
  'something after the end': ['{"model":"m"} x', /end of the body/],
  'a string without end': ['{"model":"m', /never ends/],
  'a bad number': ['{"model":"m","n":01}', /expected a value/],
  'too deep a nesting': [`{"x":${'['.repeat(100_000)}`, /nested deeper/],
  'an unknown escape in the model': ['{"model":"\\x","messages":[]}', /JSON/],
  'an unknown escape in the options': [
    `{"model":"${MODEL}","stream":true,"stream_options":{"a":"\\x"},"messages":[]}`,
    /JSON/,
  ],
  'a line break in the model': ['{"model":"a\nb","messages":[]}', /JSON/],
};

describe.each(DIALECT_CALLS.slice(0, 3))('$dialect', (call) => {
  test('broken JSON is a 400 that says where, in the words of the dialect, and on record', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, call.dialect));
    for (const [what, [body, message]] of Object.entries(BROKEN)) {
      const response = await post(gateway, call.path(MODEL, false), body);
      expect(response.status, what).toBe(400);
      const { error } = (await response.json()) as { error: { message: string; type: string; code?: string } };
      expect(error.type, what).toBe('invalid_request_error');
      expect(error.message, what).toMatch(message);
      const record = await gateway.record(response.headers.get('x-request-id')!);
      expect(record, what).toMatchObject({ status: 400, outcome: 'refused', error: 'invalid_json' });
    }
    expect(upstream.calls).toHaveLength(0);
    await expectItServes(gateway);
  });

  test('a field of the wrong type, or missing, is named', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, call.dialect));
    const good = call.body(MODEL, 'Hi', false);
    const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
    const wrong: [body: object, param: string, code: string][] = [
      [without('model'), 'model', 'missing_model'],
      [{ ...good, model: null }, 'model', 'missing_model'],
      [{ ...good, model: '' }, 'model', 'missing_model'],
      [{ ...good, model: 5 }, 'model', 'invalid_request'],
      [{ ...good, model: ['a'] }, 'model', 'invalid_request'],
      [{ ...good, stream: 'yes' }, 'stream', 'invalid_request'],
      [{ ...good, stream: 1 }, 'stream', 'invalid_request'],
    ];
    if ('messages' in good) {
      // Also where the model is unknown: what is missing is told before.
      wrong.push([{ ...without('messages'), model: 'no-such-model' }, 'messages', 'invalid_request']);
      wrong.push([{ ...good, messages: 'Hi' }, 'messages', 'invalid_request']);
      wrong.push([{ ...good, messages: {} }, 'messages', 'invalid_request']);
    }
    for (const [body, param, code] of wrong) {
      const response = await post(gateway, call.path(MODEL, false), body);
      expect(response.status, JSON.stringify(body)).toBe(400);
      const { error } = (await response.json()) as { error: { message: string; param?: string; code?: string } };
      expect(error.message).toContain(param);
      if (call.dialect.startsWith('openai')) expect(error).toMatchObject({ param, code });
      expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ error: code, status: 400 });
    }
    expect(upstream.calls).toHaveLength(0);
    await expectItServes(gateway);
  });
});

test.each(DIALECT_CALLS)(
  '$dialect: a body over the limit is a 413, told by length or found out on the way',
  async (call) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, call.dialect), server: { body_limit: '64kb' } });
    const big = Buffer.from(JSON.stringify({ ...call.body(MODEL, 'x'.repeat(200_000), false) }));
    const head = `POST ${call.path(MODEL, false)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\n`;
    const chunked = Buffer.concat([
      Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${big.length.toString(16)}\r\n`),
      big,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    const declared = Buffer.concat([Buffer.from(`${head}content-length: ${big.length}\r\n\r\n`), big]);
    for (const bytes of [declared, chunked]) {
      const answer = await rawRequest({ port: gateway.port, bytes });
      expect(answer.status).toBe(413);
      const { error } = answer.json as { error: { type?: string; code?: unknown } };
      if (call.dialect.startsWith('openai')) expect(error.code).toBe('request_too_large');
      if (call.dialect === 'anthropic-messages') expect(error.type).toBe('request_too_large');
      if (call.dialect === 'gemini') expect(error.code).toBe(413);
      const record = await gateway.record(answer.headers['x-request-id']!);
      expect(record).toMatchObject({ error: 'request_too_large', status: 413 });
    }
    expect(upstream.calls).toHaveLength(0);
    await expectItServes(gateway);
  },
);

test('a client that sends no more than it announced too much is told before it sends', async () => {
  await using gateway = await aGateway({ server: { body_limit: '64kb' } });
  const answer = await rawRequest({
    port: gateway.port,
    bytes: `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 100000000\r\n\r\n`,
  });
  expect(answer.status).toBe(413);
  await expectItServes(gateway);
});

test('headers over the limit are a 431', async () => {
  await using gateway = await aGateway();
  const answer = await rawRequest({
    port: gateway.port,
    path: '/v1/messages',
    headers: { 'x-much': 'x'.repeat(20_000) },
  });
  expect(answer.status).toBe(431);
  expect(answer.json).toMatchObject({ error: { code: 'headers_too_large' } });
  const long = await rawRequest({ port: gateway.port, path: `/v1/messages?${'x'.repeat(20_000)}` });
  expect(long.status).toBe(431);
  await expectItServes(gateway);
});

test.each([
  ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
  ['noise', Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10])],
  ['HTTP/2 in the open', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  [
    'a doubled length',
    Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'),
  ],
  [
    'a length and chunks',
    Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  ],
  ['a bad chunk', Buffer.from('POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')],
])('%s on the wire is a plain 400, and nothing else happens', async (_, bytes) => {
  await using gateway = await aGateway();
  const answer = await rawRequest({ port: gateway.port, bytes });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ error: { type: 'invalid_request_error' } });
  await expectItServes(gateway);
});

test.each([
  ['its headers', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-slow: '],
  ['its body', `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 100\r\n\r\n{`],
])('a client that dribbles %s is cut off with a 408', async (_, beginning) => {
  await using server = await aServer({ headersMs: 50, requestMs: 50, checkMs: 20 });
  const socket = connect(server.port, '127.0.0.1');
  const dribble = setInterval(() => socket.writable && socket.write('x'), 10);
  try {
    socket.write(beginning);
    let seen = '';
    for await (const bytes of socket) seen += String(bytes);
    expect(seen).toMatch(/^HTTP\/1\.1 408 /);
    expect(seen).toContain('request_timeout');
  } finally {
    clearInterval(dribble);
  }
  await expectItServes(server);
});

test('an answer may take longer than a request', async () => {
  await using server = await aServer({ headersMs: 50, requestMs: 50, checkMs: 20 });
  const slow = await ask(server, chat!, { model: 'mock/error-slow', text: 'one two three', stream: true });
  expect(await slow.text()).toContain('[DONE]');
});

test('the limits of a real server are those that are promised', async () => {
  await using server = await aServer();
  expect(server.server).toMatchObject({ headersTimeout: 15_000, requestTimeout: 120_000 });
});

test('a model that climbs out of its path goes nowhere', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway({
    providers: { up: { dialect: 'gemini', base_url: upstream.url, api_key: 'x' } },
  });
  for (const model of ['up/../../v1/files', 'up/..%2F..%2Fv1%2Ffiles', 'up/a/../../b', 'up/./x', 'up//x']) {
    const path = `/v1beta/models/${model.replaceAll('/', '%2F')}:generateContent`;
    const response = await post(gateway, path, { contents: [] });
    expect(response.status, model).toBe(404);
  }
  const odd = await post(gateway, '/v1beta/models/up%2Fa%3Fb%23c:generateContent', { contents: [] });
  expect(odd.status).toBe(200);
  expect(upstream.calls.map(({ path }) => path)).toEqual(['/v1beta/models/a%3Fb%23c:generateContent']);
});

test('odd bodies at random are each a clear refusal or an answer, never a fault', async () => {
  await using gateway: RunningGateway = await aGateway();
  const bodies = ['{}', 'null', '{"model":{}}', '{"model":"mock/echo"}', '{"model":"mock/echo","messages":[null]}'];
  bodies.push(
    '{"model":"mock/echo","messages":[{"role":5}]}',
    '{"model":"mock/echo","messages":[{"role":"user","content":{}}]}',
  );
  bodies.push(
    '{"model":"mock/tools","messages":[],"tools":[{"type":"function"}]}',
    '{"model":"mock/json","messages":[],"response_format":{"type":"json_schema"}}',
  );
  bodies.push(
    '{"model":"mock/echo","messages":[],"stream":true,"stream_options":[]}',
    '{"model":"mock/echo","input":5}',
    '{"model":"mock/embed","input":{}}',
  );
  for (const call of DIALECT_CALLS) {
    for (const body of bodies) {
      const response = await post(gateway, call.path('mock/echo', false), body);
      expect(response.status, `${call.dialect} ${body}: ${await response.clone().text()}`).toBeLessThan(500);
    }
  }
  for (const path of ['/v1/embeddings', '/v1/completions', '/v1/moderations'])
    for (const body of bodies) expect((await post(gateway, path, body)).status, `${path} ${body}`).toBeLessThan(500);
  expect(gateway.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
