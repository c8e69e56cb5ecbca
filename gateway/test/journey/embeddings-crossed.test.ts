import { GoogleGenAI } from '@google/genai';
import { embed, raw, startUpstream, status } from '@xidao/testkit';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { MODEL, only, post, providerAt } from './dialect-calls.ts';

describe('an OpenAI client at a Gemini provider', () => {
  test.each([
    ['one text', 'two words', 1],
    ['a list of texts', ['one', 'two words', 'and three more'], 3],
  ])('gets the vectors of %s, in order', async (_, input, count) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const client = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const { data, response } = await client.embeddings.create({ model: MODEL, input, dimensions: 8 }).withResponse();
    expect(data.object).toBe('list');
    expect(data.model).toBe(MODEL);
    expect(data.data.map(({ index }) => index)).toEqual(Array.from({ length: count }, (__, index) => index));
    for (const [index, { embedding }] of data.data.entries()) {
      const wanted = embed([input].flat()[index]!, 8);
      expect(embedding).toHaveLength(8);
      for (const [at, value] of embedding.entries()) expect(value).toBeCloseTo(wanted[at]!, 5);
    }
    expect(upstream.calls[0]!.path).toBe(`/v1beta/models/${MODEL}:batchEmbedContents`);
    expect(upstream.calls[0]!.json).toMatchObject({
      requests: [input].flat().map((text) => ({
        model: `models/${MODEL}`,
        content: { parts: [{ text }] },
        outputDimensionality: 8,
      })),
    });
    expect(response.headers.get('x-xidao-translation')).toBeNull();
  });

  test('is told what its vectors are, as numbers and as base64', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const ask = async (encoding_format: string) => {
      const response = await post(gateway, '/v1/embeddings', { model: MODEL, input: 'a', encoding_format });
      return ((await response.json()) as { data: [{ embedding: number[] | string }] }).data[0].embedding;
    };
    const numbers = (await ask('float')) as number[];
    const packed = Buffer.from((await ask('base64')) as string, 'base64');
    expect(packed).toHaveLength(numbers.length * 4);
    for (const [at, number] of numbers.entries()) expect(packed.readFloatLE(at * 4)).toBeCloseTo(number, 5);
  });

  test('is told the usage; where Gemini tells none it is estimated, and booked as that', async () => {
    const vectors = { embeddings: [{ values: [1, 2] }] };
    const says = (body: object) =>
      raw({ headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(body)] });
    await using told = await startUpstream({ answer: says({ ...vectors, usageMetadata: { promptTokenCount: 3 } }) });
    await using untold = await startUpstream({ answer: says(vectors) });
    await using gateway = await aGateway({
      providers: {
        told: providerAt(told.url, 'gemini'),
        untold: providerAt(untold.url, 'gemini'),
      },
    });
    const usageOf = async (provider: string) => {
      const response = await post(gateway, '/v1/embeddings', {
        model: `${provider}/${MODEL}`,
        input: 'some words here',
      });
      const { usage } = (await response.json()) as { usage: { prompt_tokens: number; total_tokens: number } };
      expect(usage.total_tokens).toBe(usage.prompt_tokens);
      const record = await gateway.record(response.headers.get('x-request-id')!);
      expect(record).toMatchObject({ operation: 'embeddings', outcome: 'complete', input_tokens: usage.prompt_tokens });
      return { tokens: usage.prompt_tokens, source: record['usage'] };
    };
    expect(await usageOf('told')).toEqual({ tokens: 3, source: 'measured' });
    const { tokens, source } = await usageOf('untold');
    expect(source).toBe('estimated');
    expect(tokens).toBeGreaterThanOrEqual(2);
    expect(tokens).toBeLessThanOrEqual(5);
  });

  test('is told what was left behind, and refused where that must not be', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const body = { model: MODEL, input: 'a', user: 'u' };
    expect((await post(gateway, '/v1/embeddings', body)).headers.get('x-xidao-translation')).toBe('dropped: user');
    const strict = await post(gateway, '/v1/embeddings', body, { 'x-xidao-strict': 'true' });
    expect(await strict.json()).toMatchObject({ error: { code: 'translation_lossy', param: 'user' } });
    expect(upstream.calls).toHaveLength(1);
  });

  test.each([[[1, 2, 3]], [[[1], [2]]], [[]], [undefined]])('is refused the input %j', async (input) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const response = await post(gateway, '/v1/embeddings', { model: MODEL, input });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'input', type: 'invalid_request_error' } });
    expect(upstream.calls).toHaveLength(0);
  });

  test('hears an error in its own words', async () => {
    await using upstream = await startUpstream({ answer: status(403) });
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const response = await post(gateway, '/v1/embeddings', { model: MODEL, input: 'a' });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { type: expect.any(String), message: expect.any(String) } });
  });

  test('is not given an answer that holds no vectors', async () => {
    await using upstream = await startUpstream({
      answer: raw({ headers: { 'content-type': 'application/json' }, chunks: ['{"unexpected":true}'] }),
    });
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const response = await post(gateway, '/v1/embeddings', { model: MODEL, input: 'a' });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_error' } });
  });
});

describe('a Gemini client at an OpenAI-shaped provider', () => {
  test('gets the vector of one text', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const response = await post(gateway, `/v1beta/models/${MODEL}:embedContent`, {
      content: { parts: [{ text: 'two words' }] },
      outputDimensionality: 8,
    });
    const { embedding } = (await response.json()) as { embedding: { values: number[] } };
    const wanted = embed('two words', 8);
    for (const [at, value] of embedding.values.entries()) expect(value).toBeCloseTo(wanted[at]!, 5);
    expect(upstream.calls[0]!.path).toBe('/v1/embeddings');
    expect(upstream.calls[0]!.json).toEqual({
      model: MODEL,
      input: ['two words'],
      dimensions: 8,
      encoding_format: 'float',
    });
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      dialect: 'gemini',
      outcome: 'complete',
      input_tokens: 2,
    });
  });

  test("gets those of several by Google's SDK", async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: gateway.url } });
    const { embeddings } = await client.models.embedContent({
      model: MODEL,
      contents: ['one', 'two words'],
      config: { outputDimensionality: 4 },
    });
    expect(embeddings).toHaveLength(2);
    expect(embeddings!.map(({ values }) => values!.length)).toEqual([4, 4]);
    expect(upstream.calls[0]!.json).toMatchObject({ input: ['one', 'two words'] });
  });

  test('is told that a task has no word there', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const body = { content: { parts: [{ text: 'a' }] }, taskType: 'RETRIEVAL_QUERY' };
    const response = await post(gateway, `/v1beta/models/${MODEL}:embedContent`, body);
    expect(response.headers.get('x-xidao-translation')).toBe('dropped: taskType');
  });

  test('hears an error in its own words', async () => {
    await using upstream = await startUpstream({ answer: status(429) });
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const body = { requests: [{ content: { parts: [{ text: 'a' }] } }] };
    const response = await post(gateway, `/v1beta/models/${MODEL}:batchEmbedContents`, body);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } });
  });
});

test('where no provider of the model embeds, that is said', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const response = await post(gateway, '/v1/embeddings', { model: MODEL, input: 'a' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'operation_not_supported' } });
});
