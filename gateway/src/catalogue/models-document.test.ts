import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProvider } from '../providers/index.ts';
import { createCatalogue } from './catalogue.ts';
import { etagOf, readModelsQuery, renderModel, renderModelsDocument } from './models-document.ts';
import { openPriceBook } from './price-book.ts';

const at = Date.parse('2026-11-20T12:00:00Z');
const catalogue = createCatalogue({
  providers: ['openai', 'anthropic'].map((name) => ({ name, preset: findProvider(name)! })),
  book: openPriceBook(),
});
const listed = catalogue.models().map((model) => ({ id: model.id, model }));
const ids = listed.map(({ id }) => id);
const render = (query: string) => renderModelsDocument(listed, readModelsQuery(new URLSearchParams(query)), at);

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const id = decodeURIComponent(url.pathname.replace(/^\/v1\/models\/?/, ''));
    const one = listed.find((model) => model.id === id);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(one ? renderModel(one, at) : render(url.search)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('the OpenAI client reads every model at once', async () => {
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'xd-test' });
  const seen = [];
  for await (const model of client.models.list()) seen.push(model);
  expect(seen.map((model) => model.id)).toEqual(ids);
  expect(seen.find((model) => model.id === 'gpt-5')).toMatchObject({
    object: 'model',
    owned_by: 'openai',
    created: 1_754_524_800,
  });
  expect((await client.models.retrieve('gpt-5-mini')).id).toBe('gpt-5-mini');
});

test('the Anthropic client walks the pages, forwards and at any size', async () => {
  const client = new Anthropic({ baseURL: origin, apiKey: 'xd-test' });
  for (const limit of [1, 7, ids.length, 1000]) {
    const seen: string[] = [];
    for await (const model of client.models.list({ limit })) seen.push(model.id);
    expect(seen).toEqual(ids);
  }
  const one = await client.models.retrieve('claude-opus-4-7');
  expect(one).toMatchObject({ type: 'model', display_name: 'Claude Opus 4.7', created_at: '2026-04-16T00:00:00Z' });
});

test('pages before an id end where it stands', () => {
  const page = render(`before_id=${ids[5]}&limit=2`);
  expect(page.data.map(({ id }) => id)).toEqual(ids.slice(3, 5));
  expect(page).toMatchObject({ has_more: true, first_id: ids[3], last_id: ids[4] });
  expect(render(`before_id=${ids[2]}`)).toMatchObject({ has_more: false, first_id: ids[0], last_id: ids[1] });
});

test('the last page says that nothing follows, and an empty one has no ends', () => {
  expect(render(`after_id=${ids.at(-2)}&limit=1`)).toMatchObject({ has_more: false, last_id: ids.at(-1) });
  expect(render(`after_id=${ids.at(-1)}`)).toEqual({
    object: 'list',
    data: [],
    has_more: false,
    first_id: null,
    last_id: null,
  });
});

test('a limit that is none is passed over', () => {
  for (const limit of ['0', '-1', 'many', '1.5']) expect(render(`limit=${limit}`).data).toHaveLength(ids.length);
});

test('what the gateway knows stands beside: limits, prices in dollars per million, abilities, aliases', () => {
  const opus = listed.find(({ id }) => id === 'claude-opus-4-20250514')!;
  expect(renderModel(opus, at)).toMatchObject({
    context_window: 200_000,
    max_output_tokens: 32_000,
    pricing: { currency: 'USD', input: 15, output: 75, cached_input: 1.5, cache_write: 18.75, cache_write_1h: 30 },
    capabilities: { input: ['text', 'image', 'pdf'], output: ['text'], tools: true, reasoning: true },
    aliases: expect.arrayContaining(['claude-opus-4', 'claude-4']),
  });
});

test('a model without facts is told without them', () => {
  const model = catalogue.find('openai', 'tuned-by-us')!;
  expect(renderModel({ id: 'openai/tuned-by-us', model }, at)).toEqual({
    id: 'openai/tuned-by-us',
    object: 'model',
    type: 'model',
    created: 0,
    created_at: '1970-01-01T00:00:00Z',
    owned_by: 'openai',
    display_name: 'tuned-by-us',
    capabilities: {},
    aliases: [],
  });
});

test('Codex, which names its version, gets the list that each of its versions decodes', () => {
  expect(render('client_version=0.99.0')).toMatchObject({ models: [], data: [] });
  expect(render('')).not.toHaveProperty('models');
});

test('the ETag follows the text', () => {
  expect(etagOf('a')).toMatch(/^"[\w-]{27}"$/);
  expect(etagOf('a')).toBe(etagOf('a'));
  expect(etagOf('a')).not.toBe(etagOf('b'));
});
