import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { reply } from '../cues.ts';
import { lateUsage, usageEveryChunk } from '../faults.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new OpenAI({ apiKey: 'test', baseURL: `${upstream.url}/v1`, maxRetries: 0 });
});
afterAll(() => upstream.close());

const ask = { model: 'm-1', messages: [{ role: 'user' as const, content: 'Say one two three' }] };
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
};

async function streamed(body: object) {
  const stream = client.chat.completions.stream({ ...ask, ...body });
  return stream.finalChatCompletion();
}

test('echoes the last user text, with one token for each word', async () => {
  const { choices, usage, model } = await client.chat.completions.create(ask);
  expect(choices[0]).toMatchObject({ message: { content: 'Say one two three' }, finish_reason: 'stop' });
  expect(usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 });
  expect(model).toBe('m-1');
});

test('streams what the document says', async () => {
  const document = await client.chat.completions.create(ask);
  const stream = await streamed({ stream_options: { include_usage: true } });
  expect(stream.choices[0]?.message.content).toBe(document.choices[0]?.message.content);
  expect(stream.choices[0]?.finish_reason).toBe('stop');
  expect(stream.usage).toEqual(document.usage);
});

test('keeps the usage chunk from those who did not ask for it', async () => {
  const chunks = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  expect(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1)).toBe(true);
});

test('calls the tool that the request demands, with arguments that its schema takes', async () => {
  const body = { ...ask, tools: [weather], tool_choice: 'required' as const };
  const document = await client.chat.completions.create(body);
  const calls = document.choices[0]?.message.tool_calls;
  expect(calls).toMatchObject([
    { type: 'function', function: { name: 'weather', arguments: '{"city":"Say one two three"}' } },
  ]);
  expect(document.choices[0]?.finish_reason).toBe('tool_calls');
  const stream = await streamed({ tools: [weather], tool_choice: 'required' });
  const streamedCall = stream.choices[0]?.message.tool_calls?.[0];
  expect(streamedCall).toMatchObject({ function: { name: 'weather', arguments: '{"city":"Say one two three"}' } });
});

test('tells the pieces of parallel tool calls in turns', async () => {
  const toolCalls = [
    { id: 'call_a', name: 'weather', pieces: ['{"city":', '"Oslo"}'] },
    { id: 'call_b', name: 'weather', pieces: ['{"city":', '"Rome"}'] },
  ];
  upstream.next(reply({ text: 'Both.', toolCalls, parallel: true }));
  const chunks = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  const indices = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls?.map((call) => call.index) ?? []);
  expect(indices).toEqual([0, 1, 0, 1, 0, 1]);

  upstream.next(reply({ text: 'Both.', toolCalls, parallel: true }));
  const { message } = (await streamed({ tools: [weather] })).choices[0]!;
  expect(message.content).toBe('Both.');
  expect(message.tool_calls?.map((call) => [call.id, 'function' in call && call.function.arguments])).toEqual([
    ['call_a', '{"city":"Oslo"}'],
    ['call_b', '{"city":"Rome"}'],
  ]);
});

test('tells reasoning in the field that hosts use, and all counts', async () => {
  const usage = { input: 100, output: 30, cached: 60, cacheWrite: 10, reasoning: 20 };
  const script = { text: 'Yes', reasoning: 'Let me think', usage };
  upstream.next(reply(script), reply({ ...script, reasoningField: 'reasoning' }));
  const document = await client.chat.completions.create(ask);
  expect(document.choices[0]?.message).toMatchObject({ content: 'Yes', reasoning_content: 'Let me think' });
  expect(document.usage).toMatchObject({
    prompt_tokens: 100,
    completion_tokens: 30,
    prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: 20 },
  });
  const chunks = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  const told = chunks.map((chunk) => (chunk.choices[0]?.delta as { reasoning?: string } | undefined)?.reasoning ?? '');
  expect(told.join('')).toBe('Let me think');
});

test('refuses, stops short and cites in the words of the dialect', async () => {
  const cited = { text: 'Sky is blue', citations: [{ url: 'https://sky.test', title: 'Sky', text: 'blue' }] };
  upstream.next(
    reply({ refusal: 'No.' }),
    reply({ text: 'Half', finish: 'length' }),
    reply(cited),
    reply({ refusal: 'No.' }),
  );
  expect((await client.chat.completions.create(ask)).choices[0]?.message).toMatchObject({
    content: null,
    refusal: 'No.',
  });
  expect((await client.chat.completions.create(ask)).choices[0]?.finish_reason).toBe('length');
  expect((await client.chat.completions.create(ask)).choices[0]?.message.annotations).toEqual([
    { type: 'url_citation', url_citation: { start_index: 7, end_index: 11, url: 'https://sky.test', title: 'Sky' } },
  ]);
  expect((await streamed({})).choices[0]?.message.refusal).toBe('No.');
});

test('gives as many choices as asked for', async () => {
  expect((await client.chat.completions.create({ ...ask, n: 2 })).choices.map((choice) => choice.index)).toEqual([
    0, 1,
  ]);
  const chunks = await collect(await client.chat.completions.create({ ...ask, n: 2, stream: true }));
  const text = (index: number) =>
    chunks.map((chunk) => (chunk.choices[0]?.index === index ? (chunk.choices[0].delta.content ?? '') : '')).join('');
  expect([text(0), text(1)]).toEqual(['Say one two three', 'Say one two three']);
});

test('keeps to the JSON schema that the answer is bound to', async () => {
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
  const document = await client.chat.completions.create({
    ...ask,
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema } },
  });
  expect(JSON.parse(document.choices[0]?.message.content ?? '')).toEqual({ ok: true });
});

test('can tell usage in every chunk, counting up, or after the finish without choices', async () => {
  upstream.next(usageEveryChunk(reply({ text: 'a b c d' })), lateUsage(reply({ text: 'a b' })));
  const every = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  const counts = every.map((chunk) => chunk.usage?.completion_tokens ?? -1);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect([counts[0], counts.at(-1)]).toEqual([1, 4]);
  const late = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  expect(late.at(-1)).toMatchObject({ usage: { completion_tokens: 2 } });
  expect(late.at(-1)).not.toHaveProperty('choices');
});
