import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { reply } from '../cues.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new OpenAI({ apiKey: 'test', baseURL: `${upstream.url}/v1`, maxRetries: 0 });
});
afterAll(() => upstream.close());

const ask = { model: 'm-1', input: 'Say one two three' };
const script = {
  text: 'It rains.',
  reasoning: 'Look outside first',
  toolCalls: [
    { id: 'call_a', name: 'weather', arguments: { city: 'Oslo' } },
    { id: 'call_b', name: 'weather', arguments: { city: 'Rome' } },
  ],
  citations: [{ url: 'https://sky.test', title: 'Sky' }],
  usage: { input: 50, output: 40, cached: 20, reasoning: 30 },
};

test('answers with a response whose text the SDK finds', async () => {
  const response = await client.responses.create(ask);
  expect(response).toMatchObject({ status: 'completed', output_text: 'Say one two three', model: 'm-1' });
  expect(response.usage).toMatchObject({ input_tokens: 4, output_tokens: 4, total_tokens: 8 });
});

test('holds reasoning, message and calls as items of their own', async () => {
  upstream.next(reply(script));
  const response = await client.responses.create(ask);
  expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'message', 'function_call', 'function_call']);
  expect(response.output[0]).toMatchObject({ summary: [{ type: 'summary_text', text: 'Look outside first' }] });
  expect(response.output[2]).toMatchObject({ call_id: 'call_a', arguments: '{"city":"Oslo"}' });
  expect(response.usage).toMatchObject({
    input_tokens_details: { cached_tokens: 20 },
    output_tokens_details: { reasoning_tokens: 30 },
  });
});

test.each([false, true])(
  'streams events from which the SDK builds the same response (parallel: %s)',
  async (parallel) => {
    upstream.next(reply({ ...script, parallel }), reply({ ...script, parallel }));
    const document = await client.responses.create(ask);
    const stream = client.responses.stream(ask);
    const events = await collect(stream);
    const final = await stream.finalResponse();
    const withoutId = (value: unknown) => JSON.parse(JSON.stringify(value).replace(/_0000\d{4}"/g, '"'));
    expect(withoutId(final.output)).toMatchObject(withoutId(document.output));
    expect(final.output_text).toBe('It rains.');
    const numbers = events.map((event) => event.sequence_number);
    expect(numbers).toEqual(numbers.map((_, index) => index));
  },
);

test('tells every item whole when it is done, in the order of their places', async () => {
  upstream.next(reply(script));
  const events = await collect(await client.responses.create({ ...ask, stream: true }));
  const done = events.filter((event) => event.type === 'response.output_item.done');
  const completed = events.at(-1);
  if (completed?.type !== 'response.completed') throw new Error('The stream did not complete.');
  expect(done.map((event) => event.output_index)).toEqual([0, 1, 2, 3]);
  expect(done.map((event) => event.item)).toEqual(completed.response.output);
});

test('is incomplete when it stops short, and refuses in a part of its own', async () => {
  upstream.next(reply({ text: 'Half', finish: 'length' }), reply({ refusal: 'No.' }), reply({ refusal: 'No.' }));
  const short = await client.responses.create(ask);
  expect(short).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  const refused = await client.responses.create(ask);
  expect(refused.output).toMatchObject([{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }]);
  const stream = client.responses.stream(ask);
  expect((await stream.finalResponse()).output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'No.' }] }]);
});

test('calls the tool that the request names', async () => {
  const parameters = { type: 'object', properties: {}, required: [] };
  const tool = (name: string) => ({ type: 'function' as const, name, parameters, strict: false });
  const body = { ...ask, tools: [tool('one'), tool('two')], tool_choice: { type: 'function' as const, name: 'two' } };
  expect((await client.responses.create(body)).output).toMatchObject([
    { type: 'function_call', name: 'two', arguments: '{}' },
  ]);
});
