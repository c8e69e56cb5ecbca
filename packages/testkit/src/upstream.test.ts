import { Agent, get } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choose, reply, status } from './cues.ts';
import { openRawRequest, rawRequest } from './raw-request.ts';
import { startUpstream, type Upstream } from './upstream.ts';

let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.close());

const path = '/v1/chat/completions';
const body = { model: 'm', messages: [{ role: 'user', content: 'Hi there' }] };
const ask = (more: object = {}) => rawRequest({ port: upstream.port, path, body: { ...body, ...more } });
const contentOf = (response: { json: unknown }) =>
  (response.json as { choices: { message: { content: string } }[] }).choices[0]?.message.content;

test('records a call with its header names as spelled and its bytes as sent', async () => {
  await rawRequest({
    port: upstream.port,
    path: `${path}?a=1&b=x%2Fy`,
    headers: { 'X-MiXed': 'One' },
    body: '{"model": "m",  "seed":12345678901234567890}',
  });
  const [call] = upstream.calls;
  expect(call).toMatchObject({ number: 1, method: 'POST', path, json: { model: 'm' } });
  expect(call?.query.get('b')).toBe('x/y');
  expect(call?.rawHeaders).toContain('X-MiXed');
  expect(call?.body.toString()).toBe('{"model": "m",  "seed":12345678901234567890}');
  expect(call?.closed).toMatchObject({ how: 'finished' });
});

test('reads compressed request bodies, and keeps them as sent', async () => {
  const text = JSON.stringify(body);
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const) {
    await rawRequest({ port: upstream.port, path, headers: { 'content-encoding': encoding }, body: bytes });
    expect(upstream.calls.at(-1)).toMatchObject({ json: body, body: bytes });
  }
  const broken = { port: upstream.port, path, headers: { 'content-encoding': 'gzip' }, body: 'not gzip' };
  expect((await rawRequest(broken)).status).toBe(200);
  expect(upstream.calls.at(-1)?.json).toBeUndefined();
});

test('answers by the queue first, then by the standing cue', async () => {
  upstream.answer(reply({ text: 'always' }));
  upstream.next(reply({ text: 'first' }), status(500));
  expect([contentOf(await ask()), (await ask()).status, contentOf(await ask())]).toEqual(['first', 500, 'always']);
});

test('can choose its answer by what was asked', async () => {
  upstream.answer(
    choose((asked) => (asked.model === 'bad' ? status(503) : reply({ text: asked.lastUserText.toUpperCase() }))),
  );
  expect((await ask({ model: 'bad' })).status).toBe(503);
  expect(contentOf(await ask())).toBe('HI THERE');
});

test('gives the same bytes for the same call number', async () => {
  await using twin = await startUpstream();
  const one = await ask({ stream: true });
  const other = await rawRequest({ port: twin.port, path, body: { ...body, stream: true } });
  expect(other.body).toEqual(one.body);
});

test('tells of a call as soon as its request is read, and how it ended', async () => {
  const second = upstream.waitForCall(2);
  await ask();
  await ask({ model: 'two' });
  const call = await second;
  expect(call.json).toMatchObject({ model: 'two' });
  await expect(upstream.waitForAbort(call)).rejects.toThrow('Call 2 was not aborted: finished.');
});

test('records a client that leaves half way through its request', async () => {
  const bytes = `POST ${path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n{"model":`;
  const exchange = openRawRequest({ port: upstream.port, bytes });
  expect((await exchange.waitForHead()).head).toContain('100 Continue');
  exchange.leave();
  const call = await upstream.waitForCall();
  expect(call.closed?.how).toBe('aborted-by-client');
  expect(call.json).toBeUndefined();
});

test('keeps connections open for the next call, and counts them', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const fetchModels = () =>
    new Promise<void>((resolve) => {
      get(`${upstream.url}/v1/models`, { agent }, (response) => void response.resume().on('end', resolve));
    });
  await fetchModels();
  await fetchModels();
  expect([upstream.calls.length, upstream.connectionsSeen(), upstream.openConnections()]).toEqual([2, 1, 1]);
  agent.destroy();
  await upstream.waitForConnections(0);
});

test('closing ends what is open and gives up what is waited for', async () => {
  const waiting = expect(upstream.waitForCall(1)).rejects.toThrow('Closed while waiting for call 1.');
  await upstream.close();
  await waiting;
  await expect(fetch(upstream.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});
