import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { aServer } from './a-server.ts';
import { ask, DIALECT_CALLS, eventsOf, framesOf, post, textOf } from './dialect-calls.ts';
import { listen } from './official-sdks.ts';

const TEXT = 'Say it again, Sam';
const TOOL = {
  'openai-chat': { tools: [{ type: 'function', function: { name: 'look', parameters: schema() } }] },
  'openai-responses': { tools: [{ type: 'function', name: 'look', parameters: schema(), strict: false }] },
  'anthropic-messages': { tools: [{ name: 'look', input_schema: schema() }] },
  gemini: { tools: [{ functionDeclarations: [{ name: 'look', parameters: schema() }] }] },
};
const JSON_ASKED = {
  'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: schema() } } },
  'openai-responses': { text: { format: { type: 'json_schema', name: 'x', schema: schema() } } },
  'anthropic-messages': { output_config: { format: { type: 'json_schema', schema: schema() } } },
  gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema() } },
};

function schema() {
  return {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city', 'days'],
  };
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test.each([false, true])('mock/echo says the last user text again, and counts it (stream: %s)', async (stream) => {
    await using gateway = await aGateway();
    const response = await ask(gateway, call, { model: 'mock/echo', text: TEXT, stream });
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(stream ? textOf(call.dialect, body) : body).toContain(TEXT);
    if (stream) expect(body).toContain(call.endMark);
    const record = await gateway.record(response.headers.get('x-request-id')!);
    expect(record).toMatchObject({
      provider: 'mock',
      served: 'echo',
      cost_usd: 0,
      usage: 'measured',
      outcome: 'complete',
    });
    expect(record['input_tokens']).toBeGreaterThan(0);
  });

  test.each(['echo', 'lorem', 'error-slow'])('the official SDK hears mock/%s to its end', async (model) => {
    await using gateway = await aGateway();
    const heard = await listen(call.dialect, { url: gateway.url, model: `mock/${model}`, text: TEXT });
    expect(heard.error).toBeUndefined();
    expect(heard.text).toContain(model === 'lorem' ? 'Lorem ipsum' : TEXT);
  });

  test('mock/tools calls the first tool offered', async () => {
    await using gateway = await aGateway();
    const body = { ...call.body('mock/tools', TEXT, true), ...TOOL[call.dialect] };
    const events = eventsOf(call.dialect, await (await post(gateway, call.path('mock/tools', true), body)).text());
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call-start', name: 'look' }));
    const said = events.map((event) => (event.type === 'tool-call-delta' ? event.arguments : '')).join('');
    expect(JSON.parse(said)).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
  });

  test('mock/json keeps to the schema asked for', async () => {
    await using gateway = await aGateway();
    const body = { ...call.body('mock/json', TEXT, true), ...JSON_ASKED[call.dialect] };
    const said = textOf(call.dialect, await (await post(gateway, call.path('mock/json', true), body)).text());
    expect(JSON.parse(said)).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
  });

  test.each([
    ['error-429', 429],
    ['error-500', 500],
    // A status of Anthropic's own; other clients know it as 503.
    ['error-529', call.dialect === 'anthropic-messages' ? 529 : 503],
    ['error-malformed', 502],
  ])('mock/%s is a %i in the words of the dialect', async (model, status) => {
    await using gateway = await aGateway();
    for (const stream of [false, true]) {
      const response = await ask(gateway, call, { model: `mock/${model}`, stream });
      expect(response.status).toBe(status);
      expect(await response.json()).toHaveProperty('error');
      if (status === 429) expect(response.headers.get('retry-after')).toBe('20');
    }
  });

  test('mock/error-cut breaks off: a stream with an error, a document with a 502', async () => {
    await using gateway = await aGateway();
    const stream = await ask(gateway, call, { model: 'mock/error-cut', text: TEXT.repeat(5), stream: true });
    const body = await stream.text();
    expect(framesOf(body).rest).toBe('');
    expect(eventsOf(call.dialect, body).at(-1)).toMatchObject({ type: 'error' });
    expect((await ask(gateway, call, { model: 'mock/error-cut' })).status).toBe(502);
  });

  test('mock/error-timeout never begins, until its client leaves', async () => {
    await using server = await aServer();
    const leaving = new AbortController();
    const asked = ask(server, call, { model: 'mock/error-timeout', signal: leaving.signal });
    // Another call of the same connection order has been through: the first one is under way.
    expect((await ask(server, call, { model: 'mock/echo' })).status).toBe(200);
    leaving.abort();
    await expect(asked).rejects.toThrow();
  });
});

test('mock/embed gives equal vectors to equal texts, as numbers or base64', async () => {
  await using gateway = await aGateway();
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1` });
  const { data } = await openai.embeddings.create({ model: 'mock/embed', input: ['a', 'b', 'a'], dimensions: 8 });
  expect(data[0]!.embedding).toEqual(data[2]!.embedding);
  expect(data[0]!.embedding).not.toEqual(data[1]!.embedding);
  expect(data[0]!.embedding).toHaveLength(8);
  const floats = await openai.embeddings.create({
    model: 'mock/embed',
    input: 'a',
    dimensions: 8,
    encoding_format: 'float',
  });
  for (const [index, value] of floats.data[0]!.embedding.entries())
    expect(value).toBeCloseTo(data[0]!.embedding[index]!, 6);
  const google = await post(gateway, '/v1beta/models/mock/embed:embedContent', { content: { parts: [{ text: 'a' }] } });
  expect(((await google.json()) as { embedding: { values: number[] } }).embedding.values).toHaveLength(256);
  const batch = await post(gateway, '/v1beta/models/mock/embed:batchEmbedContents', {
    requests: [{ content: { parts: [{ text: 'a' }] } }, { content: { parts: [{ text: 'b' }] } }],
  });
  expect(((await batch.json()) as { embeddings: object[] }).embeddings).toHaveLength(2);
});

test('tokens are counted, legacy completions and moderations answered', async () => {
  await using gateway = await aGateway();
  const anthropic = new Anthropic({ apiKey: KEY, baseURL: gateway.url });
  const counted = await anthropic.messages.countTokens({
    model: 'mock/echo',
    messages: [{ role: 'user', content: TEXT }],
  });
  expect(counted.input_tokens).toBeGreaterThan(0);
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1` });
  expect((await openai.completions.create({ model: 'mock/echo', prompt: TEXT })).choices[0]!.text).toBe(TEXT);
  expect((await openai.moderations.create({ model: 'mock/echo', input: TEXT })).results[0]!.flagged).toBe(false);
});

test('a legacy completion of the mock streams where a stream is asked for', async () => {
  await using gateway = await aGateway();
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1` });
  let said = '';
  for await (const { choices } of await openai.completions.create({ model: 'mock/echo', prompt: TEXT, stream: true }))
    said += choices[0]?.text ?? '';
  expect(said).toBe(TEXT);
});

test('the mock can be switched off', async () => {
  await using gateway = await aGateway({ providers: { mock: false } });
  expect((await ask(gateway, DIALECT_CALLS[0]!, { model: 'mock/echo' })).status).toBe(404);
});
