import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { collect, startUpstream, type Upstream } from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';

describe('the list of models, to the SDKs of Anthropic and Google', () => {
  const names = Array.from({ length: 25 }, (_, index) => `test-model-${String(index).padStart(2, '0')}`);
  let upstream: Upstream;
  let gateway: RunningGateway;
  beforeAll(async () => {
    upstream = await startUpstream();
    const base_url = upstream.url;
    gateway = await aGateway({
      providers: {
        claude: { dialect: 'anthropic-messages', base_url, api_key: 'sk-upstream', models: names },
        google: { dialect: 'gemini', base_url, api_key: 'sk-upstream', models: ['embedder'] },
      },
    });
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
  });

  test('anthropic: walks over the pages by itself, each model once', async () => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
    const first = await client.models.list({ limit: 10 });
    expect(first.data).toHaveLength(10);
    expect(first.has_more).toBe(true);
    const all: string[] = [];
    for await (const model of client.models.list({ limit: 10 })) all.push(model.id);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(names));
  });

  test('anthropic: tells one model, and that there is none', async () => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
    const model = await client.models.retrieve('test-model-07');
    expect(model).toMatchObject({ type: 'model', id: 'test-model-07', display_name: expect.any(String) });
    expect(Date.parse(model.created_at)).not.toBeNaN();
    await expect(client.models.retrieve('test-modle-07')).rejects.toThrow(Anthropic.NotFoundError);
  });

  test('google: lists the models, and tells each', async () => {
    const client = new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: gateway.url } });
    const listed = await collect(await client.models.list({ config: { pageSize: 5 } }));
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names.map((name) => `models/${name}`)));
    expect(await client.models.get({ model: 'test-model-03' })).toMatchObject({ name: 'models/test-model-03' });
    const unknown = client.models.get({ model: 'test-modle-03' });
    await expect(unknown).rejects.toThrow(ApiError);
    await expect(unknown).rejects.toMatchObject({ status: 404 });
  });

  test('google: embeds contents', async () => {
    const client = new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: gateway.url } });
    const one = await client.models.embedContent({ model: 'embedder', contents: 'a text' });
    expect(one.embeddings).toHaveLength(1);
    const two = await client.models.embedContent({ model: 'embedder', contents: ['a text', 'another'] });
    expect(two.embeddings).toHaveLength(2);
    expect(two.embeddings?.[0]?.values).toEqual(one.embeddings?.[0]?.values);
  });
});
