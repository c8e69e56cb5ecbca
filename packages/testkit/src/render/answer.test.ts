import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { reply } from '../cues.ts';
import { rawRequest } from '../raw-request.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { embed } from './embeddings.ts';

let upstream: Upstream;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new OpenAI({ apiKey: 'test', baseURL: `${upstream.url}/v1`, maxRetries: 0 });
});
afterAll(() => upstream.close());

test('embeds the same as floats and as base64', async () => {
  const ask = { model: 'e', input: ['rain in Oslo', 'tax law'], dimensions: 32 };
  const decoded = await client.embeddings.create(ask);
  expect(upstream.calls.at(-1)?.json).toMatchObject({ encoding_format: 'base64' });
  const floats = await client.embeddings.create({ ...ask, encoding_format: 'float' });
  expect(decoded.data.map((each) => Array.from(each.embedding))).toEqual(floats.data.map((each) => each.embedding));
  expect(floats.data[0]?.embedding).toHaveLength(32);
  expect(floats.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
});

test('embeds texts that share words near each other', () => {
  const dot = (one: number[], other: number[]) => one.reduce((sum, value, index) => sum + value * other[index]!, 0);
  const asked = embed('What is the weather in Oslo?');
  expect(dot(asked, asked)).toBeCloseTo(1);
  expect(dot(asked, embed('what is the weather in Bergen'))).toBeGreaterThan(0.6);
  expect(dot(asked, embed('Explain inheritance tax'))).toBeLessThan(0.5);
});

test('moderates each text by itself', async () => {
  const { results } = await client.moderations.create({ model: 'x', input: ['I will kill it', 'Good morning'] });
  expect(results.map((result) => result.flagged)).toEqual([true, false]);
  expect(results[0]?.categories).toMatchObject({ violence: true, hate: false });
});

test('lists models and finds one whose id has a slash', async () => {
  expect((await collect(client.models.list())).map((model) => model.id)).toEqual([
    'test-model-large',
    'test-model-small',
  ]);
  expect((await client.models.retrieve('meta/llama-4')).id).toBe('meta/llama-4');
});

test('makes images as base64 or as addresses', async () => {
  const inline = await client.images.generate({ model: 'i', prompt: 'a cat', n: 2 });
  const png = Buffer.from(inline.data?.[1]?.b64_json ?? '', 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const linked = await client.images.generate({ model: 'i', prompt: 'a cat', response_format: 'url' });
  expect(linked.data?.[0]?.url).toMatch(/^https:\/\/images\.invalid\//);
});

test('speaks in bytes that no decoding as text survives', async () => {
  const response = await client.audio.speech.create({
    model: 's',
    voice: 'alloy',
    input: 'Hello',
    response_format: 'wav',
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-type')).toBe('audio/wav');
  expect(bytes).toHaveLength(1024);
  expect(Buffer.from(bytes.toString('utf8'))).not.toEqual(bytes);
});

test('hears an uploaded file, as JSON, text and stream', async () => {
  const file = () => toFile(Buffer.from([0, 255, 13, 10, 45, 45]), 'a.wav', { type: 'audio/wav' });
  const json = await client.audio.transcriptions.create({ model: 'w', file: await file() });
  expect(json.text).toBe('Heard 6 bytes of a.wav');
  expect(upstream.calls.at(-1)?.form?.find((part) => part.name === 'file')?.contentType).toBe('audio/wav');
  upstream.next(reply({ text: 'Good morning' }));
  const text = await client.audio.transcriptions.create({ model: 'w', file: await file(), response_format: 'text' });
  expect(text).toBe('Good morning\n');
  const verbose = await client.audio.transcriptions.create({
    model: 'w',
    file: await file(),
    response_format: 'verbose_json',
  });
  expect(verbose.segments?.[0]?.text).toBe('Heard 6 bytes of a.wav');
  const events = await collect(
    await client.audio.transcriptions.create({ model: 'w', file: await file(), stream: true }),
  );
  expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text: 'Heard 6 bytes of a.wav' });
});

test('finds what is asked whatever stands before it in the path', async () => {
  const body = { messages: [{ role: 'user', content: 'Hi' }] };
  const paths = ['/chat/completions', '/v1/v1/chat/completions', '/openai/deployments/my-gpt/chat/completions'];
  const answers = await Promise.all(
    paths.map((path) => rawRequest({ port: upstream.port, path: `${path}?api-version=1`, body })),
  );
  expect(answers.map((answer) => (answer.json as { model: string }).model)).toEqual([
    'unnamed-model',
    'unnamed-model',
    'my-gpt',
  ]);
});

test('does not know a path that no dialect has', async () => {
  const answer = await rawRequest({ port: upstream.port, path: '/v1/horoscopes', body: {} });
  expect(answer.status).toBe(404);
  expect(answer.text).toContain('POST /v1/horoscopes');
});
