import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { reply } from '../cues.ts';
import { lateUsage } from '../faults.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let client: Anthropic;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new Anthropic({ apiKey: 'test', baseURL: upstream.url, maxRetries: 0 });
});
afterAll(() => upstream.close());

const ask = { model: 'm-1', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Say one two three' }] };
const script = {
  text: 'It rains.',
  reasoning: 'Look outside first',
  signature: 'c2VhbA==',
  toolCalls: [
    { id: 'toolu_a', name: 'weather', arguments: { city: 'Oslo' } },
    { id: 'toolu_b', name: 'weather', arguments: {} },
  ],
  citations: [{ url: 'https://sky.test', title: 'Sky' }],
  usage: { input: 50, output: 40, cached: 20, cacheWrite: 5, reasoning: 30 },
};

test('echoes the last user text, with one token for each word', async () => {
  const message = await client.messages.create(ask);
  expect(message).toMatchObject({
    type: 'message',
    content: [{ type: 'text', text: 'Say one two three' }],
    stop_reason: 'end_turn',
  });
  expect(message.usage).toMatchObject({ input_tokens: 4, output_tokens: 4 });
});

test('holds thinking with its signature, text with its citations, and tool use', async () => {
  upstream.next(reply(script));
  const message = await client.messages.create(ask);
  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: 'Look outside first', signature: 'c2VhbA==' },
    { type: 'text', text: 'It rains.', citations: [{ type: 'web_search_result_location', url: 'https://sky.test' }] },
    { type: 'tool_use', id: 'toolu_a', name: 'weather', input: { city: 'Oslo' } },
    { type: 'tool_use', id: 'toolu_b', name: 'weather', input: {} },
  ]);
  expect(message.stop_reason).toBe('tool_use');
});

test('counts cached and written tokens beside the input, not within', async () => {
  upstream.next(reply(script));
  expect((await client.messages.create(ask)).usage).toMatchObject({
    input_tokens: 25,
    cache_read_input_tokens: 20,
    cache_creation_input_tokens: 5,
    output_tokens: 40,
  });
});

test('streams events from which the SDK builds the same message', async () => {
  upstream.next(reply({ ...script, id: 'same' }), reply({ ...script, id: 'same' }));
  const document = await client.messages.create(ask);
  const streamed = await client.messages.stream(ask).finalMessage();
  expect(streamed.content).toEqual(document.content);
  expect(streamed.stop_reason).toBe(document.stop_reason);
  expect(streamed.usage).toMatchObject({ input_tokens: 25, cache_read_input_tokens: 20, output_tokens: 40 });
});

test('tells all usage at the end only, when asked to be late', async () => {
  upstream.next(lateUsage(reply({ text: 'Hi', usage: { input: 9, output: 3 } })));
  const events = await collect(await client.messages.create({ ...ask, stream: true }));
  expect(events[0]).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } });
  expect(events.at(-2)).toMatchObject({ type: 'message_delta', usage: { input_tokens: 9, output_tokens: 3 } });
});

test('refuses without content, and names the sequence at which it stopped', async () => {
  upstream.next(
    reply({ refusal: 'No.' }),
    reply({ text: 'A', finish: 'stop-sequence' }),
    reply({ text: 'A', finish: 'pause' }),
  );
  const refused = await client.messages.create(ask);
  expect(refused).toMatchObject({ content: [], stop_reason: 'refusal', stop_details: { explanation: 'No.' } });
  const stopped = await client.messages.create({ ...ask, stop_sequences: ['END'] });
  expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  expect((await client.messages.create(ask)).stop_reason).toBe('pause_turn');
});

test('calls any tool or the one that the request names', async () => {
  const tool = (name: string) => ({ name, input_schema: { type: 'object' as const } });
  const tools = [tool('one'), tool('two')];
  const any = await client.messages.create({ ...ask, tools, tool_choice: { type: 'any' } });
  expect(any.content).toMatchObject([{ type: 'tool_use', name: 'one', input: {} }]);
  const named = await client.messages
    .stream({ ...ask, tools, tool_choice: { type: 'tool', name: 'two' } })
    .finalMessage();
  expect(named.content).toMatchObject([{ type: 'tool_use', name: 'two', input: {} }]);
});

test('counts tokens and lists models', async () => {
  expect(await client.messages.countTokens(ask)).toMatchObject({ input_tokens: 4 });
  const models = await collect(client.models.list());
  expect(models.map((model) => model.display_name)).toEqual(['test-model-large', 'test-model-small']);
  expect(await client.models.retrieve('claude-x')).toMatchObject({ type: 'model', id: 'claude-x' });
});
