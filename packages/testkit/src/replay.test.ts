import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, corpusIsThere, type Exchange, loadCorpus } from './corpus.ts';
import { splitAt } from './faults.ts';
import { rawRequest } from './raw-request.ts';
import { fromRecording, replayModel, replayUpstream } from './replay.ts';
import { startUpstream, type Upstream } from './upstream.ts';

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: the tests that replay it are skipped.');

describe.skipIf(!corpusIsThere())('with the corpus', () => {
  let exchanges: Exchange[];
  let upstream: Upstream;

  beforeAll(async () => {
    exchanges = loadCorpus();
    upstream = await replayUpstream(exchanges);
  });
  afterAll(() => upstream?.close());

  test('filters recordings by what they are', () => {
    const found = loadCorpus({ provider: 'anthropic', api: 'messages', stream: true, tag: 'tool_call' });
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(exchanges.length);
    expect(found.every((each) => each.provider === 'anthropic' && each.stream && each.tags.includes('tool_call'))).toBe(
      true,
    );
    expect(loadCorpus({ api: 'messages' })[0]).toBe(loadCorpus({ api: 'messages' })[0]);
  });

  test('replays every recording with its status and its very bytes', async () => {
    const differing: string[] = [];
    for (const exchange of exchanges.filter((_, index) => index % 5 === 0)) {
      const body = { model: replayModel(exchange) };
      const response = await rawRequest({ port: upstream.port, path: '/v1/chat/completions', body });
      const bodyless = exchange.status === 204 || exchange.status === 304;
      const expected = bodyless ? Buffer.alloc(0) : bodyOf(exchange);
      if (response.status !== exchange.status || !response.body.equals(expected)) differing.push(exchange.id);
    }
    expect(differing).toEqual([]);
  });

  test('finds the recording by the model in the path too', async () => {
    const [gemini] = loadCorpus({ api: 'gemini_stream' });
    const path = `/v1beta/models/${replayModel(gemini!)}:streamGenerateContent?alt=sse`;
    const response = await rawRequest({ port: upstream.port, path, body: {} });
    expect(response.text).toBe(gemini!.body);
    const [bedrock] = loadCorpus({ api: 'converse_stream' });
    const event = await rawRequest({
      port: upstream.port,
      path: `/model/${replayModel(bedrock!)}/converse-stream`,
      body: {},
    });
    expect(event.body).toEqual(bodyOf(bedrock!));
    expect(event.chunks.length).toBeGreaterThan(3);
  });

  test('sends a recorded stream event by event, or as a fault says', async () => {
    const [chat] = loadCorpus({ provider: 'openai', api: 'chat', stream: true });
    const ask = (port: number) =>
      rawRequest({ port, path: '/v1/chat/completions', body: { model: replayModel(chat!) } });
    const whole = await ask(upstream.port);
    expect(whole.chunks.every((chunk) => /\n\n$|\r\n\r\n$/.test(chunk.toString()))).toBe(true);
    await using spoiled = await replayUpstream([chat!], { fault: (cue) => splitAt([10, 20], cue) });
    const split = await ask(spoiled.port);
    expect(split.chunks.map((chunk) => chunk.length)).toEqual([10, 10, whole.body.length - 20]);
  });

  test('says so where there is no such recording', async () => {
    const response = await rawRequest({ port: upstream.port, path: '/v1/messages', body: { model: 'replay-none' } });
    expect(response.status).toBe(404);
    expect(response.json).toMatchObject({ type: 'error', error: { message: 'No recording "replay-none".' } });
  });
});

test('replays an exchange written by hand', async () => {
  const exchange = {
    status: 503,
    stream: false,
    headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked', 'x-kept': 'yes' },
    body: 'overloaded',
  } as unknown as Exchange;
  await using upstream = await startUpstream({ answer: fromRecording(exchange) });
  const response = await rawRequest({ port: upstream.port, path: '/any', body: {} });
  expect([response.status, response.text, response.headers['x-kept']]).toEqual([503, 'overloaded', 'yes']);
  expect(response.headers['content-length']).toBe('10');
});
