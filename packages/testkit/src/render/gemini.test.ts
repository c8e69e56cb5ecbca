import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { reply } from '../cues.ts';
import { lateUsage } from '../faults.ts';
import { rawRequest } from '../raw-request.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let client: GoogleGenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: upstream.url } });
});
afterAll(() => upstream.close());

const ask = { model: 'g-1', contents: 'Say one two three' };
const script = {
  text: 'Es regnet über Köln.',
  reasoning: 'Look outside first',
  signature: 'c2VhbA==',
  toolCalls: [
    { id: 'a', name: 'weather', arguments: { city: 'Oslo' } },
    { id: 'b', name: 'weather', arguments: { city: 'Rome' } },
  ],
  citations: [{ url: 'https://sky.test', title: 'Sky', text: 'Köln.' }],
  usage: { input: 50, output: 40, cached: 20, reasoning: 30 },
};

test('echoes the last user text, with one token for each word', async () => {
  const answer = await client.models.generateContent(ask);
  expect(answer.text).toBe('Say one two three');
  expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 4, candidatesTokenCount: 4, totalTokenCount: 8 });
  expect(answer.modelVersion).toBe('g-1');
});

test('holds thoughts, text, calls and grounding in one candidate', async () => {
  upstream.next(reply(script));
  const answer = await client.models.generateContent(ask);
  expect(answer.candidates?.[0]?.content?.parts?.slice(0, 2)).toEqual([
    { text: 'Look outside first', thought: true },
    { text: 'Es regnet über Köln.' },
  ]);
  expect(answer.functionCalls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }, { args: { city: 'Rome' } }]);
  expect(answer.candidates?.[0]?.content?.parts?.map((part) => part.thoughtSignature)).toContain('c2VhbA==');
  expect(answer.candidates?.[0]?.groundingMetadata?.groundingSupports?.[0]?.segment).toEqual({
    startIndex: 16,
    endIndex: 22,
    text: 'Köln.',
  });
});

test('counts thoughts beside the candidates, and the cached within the prompt', async () => {
  upstream.next(reply(script));
  expect((await client.models.generateContent(ask)).usageMetadata).toMatchObject({
    promptTokenCount: 50,
    cachedContentTokenCount: 20,
    candidatesTokenCount: 10,
    thoughtsTokenCount: 30,
    totalTokenCount: 90,
  });
});

test.each([false, true])('streams the same as events (parallel: %s)', async (parallel) => {
  upstream.next(reply({ ...script, parallel }));
  const chunks = await collect(await client.models.generateContentStream(ask));
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const texts = (isThought: boolean) =>
    parts.filter((part) => (part.thought ?? false) === isThought).map((part) => part.text);
  expect([texts(true).join(''), texts(false).join('')]).toEqual(['Look outside first', 'Es regnet über Köln.']);
  expect(chunks.map((chunk) => chunk.functionCalls?.length ?? 0).filter(Boolean)).toEqual(parallel ? [2] : [1, 1]);
  expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(90);
});

test('streams one JSON array to those who do not ask for events', async () => {
  const path = '/v1beta/models/g-1:streamGenerateContent';
  const body = { contents: [{ role: 'user', parts: [{ text: 'Say one two three' }] }] };
  const response = await rawRequest({ port: upstream.port, path, body });
  const chunks = response.json as { candidates: { content: { parts: { text: string }[] } }[] }[];
  expect(response.chunks.length).toBeGreaterThan(4);
  expect(chunks.map((chunk) => chunk.candidates[0]?.content.parts[0]?.text).join('')).toBe('Say one two three');
});

test('tells usage in a chunk without candidates, when asked to be late', async () => {
  upstream.next(lateUsage(reply({ text: 'Hi' })));
  const chunks = await collect(await client.models.generateContentStream(ask));
  expect(chunks.slice(0, -1).every((chunk) => chunk.usageMetadata === undefined)).toBe(true);
  expect(chunks.at(-1)).toMatchObject({ usageMetadata: { totalTokenCount: 5 } });
  expect(chunks.at(-1)?.candidates).toBeUndefined();
});

test('reports a call whose arguments are no JSON as malformed', async () => {
  upstream.next(reply({ toolCalls: [{ name: 'weather', arguments: '{"city":' }] }));
  expect((await client.models.generateContent(ask)).candidates?.[0]?.finishReason).toBe('MALFORMED_FUNCTION_CALL');
});

test('counts tokens, embeds one text and many, and lists models', async () => {
  expect((await client.models.countTokens(ask)).totalTokens).toBe(4);
  const one = await client.models.embedContent({ model: 'e', contents: 'rain in Oslo' });
  const many = await client.models.embedContent({ model: 'e', contents: ['rain in Oslo', 'tax law'] });
  expect(many.embeddings?.[0]?.values).toEqual(one.embeddings?.[0]?.values);
  expect(many.embeddings).toHaveLength(2);
  const single = await rawRequest({
    port: upstream.port,
    path: '/v1beta/models/e:embedContent',
    body: { content: { parts: [{ text: 'rain in Oslo' }] } },
  });
  expect(single.json).toEqual({ embedding: { values: one.embeddings?.[0]?.values } });
  const models = await collect(await client.models.list());
  expect(models.map((model) => model.name)).toEqual(['models/test-model-large', 'models/test-model-small']);
});

test('calls the tool that the request demands', async () => {
  const functionDeclarations = [{ name: 'weather', parametersJsonSchema: { type: 'object', properties: {} } }];
  const toolConfig = { functionCallingConfig: { mode: 'ANY' as never } };
  const answer = await client.models.generateContent({
    ...ask,
    config: { tools: [{ functionDeclarations }], toolConfig },
  });
  expect(answer.functionCalls).toMatchObject([{ name: 'weather', args: {} }]);
});
