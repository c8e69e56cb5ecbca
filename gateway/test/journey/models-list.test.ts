import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, KEY } from '../a-gateway.ts';

const NARROW = 'xd-narrow-key-0000000000000000000000000000000000000';
const CONFIG: ConfigInput = {
  providers: {
    lab: { dialect: 'openai-chat', base_url: 'http://127.0.0.1:1/v1', models: ['team/llama-4', 'small'] },
    claude: { dialect: 'anthropic-messages', base_url: 'http://127.0.0.1:1', models: ['claude-lab'] },
  },
  models: { nickname: { provider: 'lab', model: 'small' } },
  keys: [
    { name: 'app', key: KEY },
    { name: 'narrow', key: NARROW, models: ['small', 'claude-*'] },
  ],
};

const get = (gateway: { url: string }, path: string, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${KEY}`, ...headers } });

interface Listed {
  data: { id: string; type: string; object: string; display_name: string; created_at: string; owned_by: string }[];
}

test('one list serves the clients of every dialect', async () => {
  await using gateway = await aGateway(CONFIG);
  const wanted = ['nickname', 'team/llama-4', 'small', 'claude-lab', 'mock/echo'];
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const seenByOpenai = (await openai.models.list()).data.map(({ id }) => id);
  expect(seenByOpenai).toEqual(expect.arrayContaining(wanted));
  const anthropic = new Anthropic({ apiKey: KEY, baseURL: gateway.url, maxRetries: 0 });
  const seenByAnthropic: string[] = [];
  for await (const model of anthropic.models.list({ limit: 3 })) seenByAnthropic.push(model.id);
  expect(seenByAnthropic).toEqual(seenByOpenai);
  const google = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: gateway.url } });
  const seenByGoogle: string[] = [];
  for await (const model of await google.models.list()) seenByGoogle.push(model.name!.replace('models/', ''));
  expect(seenByGoogle).toEqual(seenByOpenai);
});

test('each entry holds what OpenAI’s and Anthropic’s clients read', async () => {
  await using gateway = await aGateway(CONFIG);
  const list = (await (await get(gateway, '/v1/models?limit=1000')).json()) as Listed & Record<string, unknown>;
  expect(list).toMatchObject({
    object: 'list',
    has_more: false,
    first_id: list.data[0]!.id,
    last_id: list.data.at(-1)!.id,
  });
  for (const entry of list.data)
    expect(entry).toMatchObject({
      type: 'model',
      object: 'model',
      created: expect.any(Number),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/),
      owned_by: expect.any(String),
      display_name: expect.any(String),
    });
});

test('a single model is found by its id, also one with a slash, plain or encoded, and under every base URL', async () => {
  await using gateway = await aGateway(CONFIG);
  for (const path of [
    '/v1/models/team/llama-4',
    '/v1/models/team%2Fllama-4',
    '/models/small',
    '/v1/v1/models/mock/echo',
  ]) {
    const response = await get(gateway, path);
    expect(response.status, path).toBe(200);
    expect(await response.json()).toMatchObject({ object: 'model', type: 'model' });
  }
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  expect((await openai.models.retrieve('team/llama-4')).id).toBe('team/llama-4');
  const missing = await get(gateway, '/v1/models/smal');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({
    error: { code: 'model_not_found', message: expect.stringContaining('small') },
  });
  const anthropic = await get(gateway, '/v1/models/smal', { 'anthropic-version': '2023-06-01' });
  expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
});

test('Codex is given the empty list that every one of its versions can read', async () => {
  await using gateway = await aGateway(CONFIG);
  expect(await (await get(gateway, '/v1/models?client_version=0.99.0')).json()).toMatchObject({ models: [], data: [] });
});

test('a list that has not changed is a 304', async () => {
  await using gateway = await aGateway(CONFIG);
  const first = await get(gateway, '/v1/models');
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"\S+"$/);
  const again = await get(gateway, '/v1/models', { 'if-none-match': etag });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
  const other = await get(gateway, '/v1/models?limit=1', { 'if-none-match': etag });
  expect(other.status).toBe(200);
});

test('a key sees what it may use and nothing else', async () => {
  await using gateway = await aGateway(CONFIG);
  const narrow = { authorization: `Bearer ${NARROW}` };
  const { data } = (await (await get(gateway, '/v1/models', narrow)).json()) as Listed;
  expect(data.map(({ id }) => id).sort()).toEqual(['claude-lab', 'nickname', 'small']);
  expect((await get(gateway, '/v1/models/team/llama-4', narrow)).status).toBe(404);
});

test('without a good key there is no list', async () => {
  await using gateway = await aGateway(CONFIG);
  for (const [path, headers, status] of [
    ['/v1/models', { authorization: 'Bearer nobody' }, 401],
    [`/v1/models?key=${KEY}`, {}, 401],
    ['/v1beta/models', { authorization: '' }, 401],
  ] as const)
    expect((await get(gateway, path, headers)).status).toBe(status);
  const wrong = await fetch(`${gateway.url}/v1/models`, { method: 'POST' });
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toBe('GET, HEAD');
});
