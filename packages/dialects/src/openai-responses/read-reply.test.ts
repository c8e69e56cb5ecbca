import { expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { openaiResponses as dialect } from './index.ts';

function read(...frames: (JsonObject | string)[]): ModelEvent[] {
  const reader = dialect.createReader();
  const text = frames.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join('');
  return [...reader.push(Buffer.from(text)), ...reader.finish()];
}

function completed(output: JsonObject[], more: JsonObject = {}): JsonObject {
  return { type: 'response.completed', response: { id: 'resp_1', status: 'completed', model: 'm', output, ...more } };
}

const created: JsonObject = { type: 'response.created', response: { id: 'resp_1', model: 'm', created_at: 7 } };
const message = (id: string, text: string, more: JsonObject = {}): JsonObject => ({
  id,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], ...more }],
});
const call = (id: string, args: string): JsonObject => ({
  id,
  type: 'function_call',
  call_id: `call_${id}`,
  name: 'look',
  arguments: args,
});
const done = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.done',
  output_index,
  item,
});
const added = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.added',
  output_index,
  item,
});

const textOf = (events: ModelEvent[]) => events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []));
const argumentsOf = (events: ModelEvent[]) =>
  events.flatMap((event) => (event.type === 'tool-call-delta' ? [[event.block, event.arguments]] : []));
const typesOf = (events: ModelEvent[]) => events.map((event) => event.type);
const only = <Type extends ModelEvent['type']>(events: ModelEvent[], type: Type) =>
  events.filter((event): event is Extract<ModelEvent, { type: Type }> => event.type === type);

test('an item that comes only in output_item.done is told once', () => {
  const events = read(created, done(0, message('msg_1', 'Hello')), completed([message('msg_1', 'Hello')]));
  expect(typesOf(events)).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish', 'end']);
  expect(textOf(events)).toEqual(['Hello']);
});

test('an item that comes only in response.completed is told once, after the others', () => {
  const events = read(
    created,
    done(0, message('msg_1', 'Hello')),
    completed([message('msg_1', 'Hello'), call('fc_1', '{}')]),
  );
  expect(textOf(events)).toEqual(['Hello']);
  expect(argumentsOf(events)).toEqual([[1, '{}']]);
  expect(only(events, 'finish')[0]?.reason).toBe('tool-calls');
});

test('a final output with other ids is not told again', () => {
  const events = read(created, done(0, message('msg_1', 'Hello')), completed([message('msg_other', 'Hello')]));
  expect(textOf(events)).toEqual(['Hello']);
});

test('deltas are told as they come, and what they missed comes from the whole text', () => {
  const place = { output_index: 0, content_index: 0, item_id: 'msg_1' };
  const events = read(
    created,
    added(0, { id: 'msg_1', type: 'message', role: 'assistant', content: [] }),
    { type: 'response.output_text.delta', ...place, delta: 'Hel' },
    { type: 'response.output_text.done', ...place, text: 'Hello' },
    done(0, message('msg_1', 'Hello')),
    completed([message('msg_1', 'Hello')]),
  );
  expect(textOf(events)).toEqual(['Hel', 'lo']);
});

test('parallel calls keep their own arguments, also when their deltas are mixed', () => {
  const delta = (output_index: number, text: string): JsonObject => ({
    type: 'response.function_call_arguments.delta',
    output_index,
    delta: text,
  });
  const events = read(
    created,
    added(0, call('a', '')),
    added(1, call('b', '')),
    delta(0, '{"x"'),
    delta(1, '{"y"'),
    delta(0, ':1}'),
    delta(1, ':2}'),
    done(1, call('b', '{"y":2}')),
    done(0, call('a', '{"x":1}')),
    completed([]),
  );
  expect(argumentsOf(events)).toEqual([
    [0, '{"x"'],
    [1, '{"y"'],
    [0, ':1}'],
    [1, ':2}'],
  ]);
  expect(only(events, 'tool-call-start').map(({ id }) => id)).toEqual(['call_a', 'call_b']);
});

test('hosts without output_index are followed by item ids', () => {
  const events = read(
    created,
    { type: 'response.output_item.added', item: call('a', '') },
    { type: 'response.output_item.added', item: call('b', '') },
    { type: 'response.function_call_arguments.delta', item_id: 'b', delta: '{"b":1}' },
    { type: 'response.function_call_arguments.delta', item_id: 'a', delta: '{"a":1}' },
    completed([call('a', '{"a":1}'), call('b', '{"b":1}')]),
  );
  expect(argumentsOf(events)).toEqual([
    [1, '{"b":1}'],
    [0, '{"a":1}'],
  ]);
});

test('a custom tool call is free text', () => {
  const item: JsonObject = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '*** Begin' };
  const events = read(
    created,
    added(0, { ...item, input: '' }),
    { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: '*** Be' },
    done(0, item),
    completed([item]),
  );
  expect(only(events, 'tool-call-start')[0]).toMatchObject({ name: 'patch', custom: true });
  expect(argumentsOf(events)).toEqual([
    [0, '*** Be'],
    [0, 'gin'],
  ]);
});

test('summary parts are one reasoning block with a blank line between, and the secret comes at its end', () => {
  const delta = (summary_index: number, text: string): JsonObject => ({
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index,
    delta: text,
  });
  const item: JsonObject = {
    id: 'rs_1',
    type: 'reasoning',
    summary: [
      { type: 'summary_text', text: 'One.' },
      { type: 'summary_text', text: 'Two.' },
    ],
    encrypted_content: 'gAAA',
  };
  const streamed = read(
    created,
    added(0, { ...item, summary: [] }),
    delta(0, 'One.'),
    delta(1, 'Two.'),
    done(0, item),
    completed([item]),
  );
  expect(only(streamed, 'reasoning-delta').map(({ text }) => text)).toEqual(['One.', '\n\n', 'Two.']);
  expect(only(streamed, 'reasoning-start')).toEqual([
    { type: 'reasoning-start', choice: 0, block: 0, id: 'rs_1', isSummary: true },
  ]);
  expect(only(streamed, 'reasoning-end')[0]).toMatchObject({ encrypted: 'gAAA', boundTo: 'openai-responses' });
  const whole = read(created, completed([item]));
  expect(
    only(whole, 'reasoning-delta')
      .map(({ text }) => text)
      .join(''),
  ).toBe('One.\n\nTwo.');
});

test('full reasoning text is told as such', () => {
  const item: JsonObject = {
    id: 'x',
    type: 'reasoning',
    summary: [],
    content: [{ type: 'reasoning_text', text: 'Hm.' }],
  };
  const events = read(
    created,
    { type: 'response.reasoning_text.delta', output_index: 0, delta: 'Hm' },
    done(0, item),
    completed([item]),
  );
  expect(only(events, 'reasoning-start')[0]?.isSummary).toBe(false);
  expect(only(events, 'reasoning-delta').map(({ text }) => text)).toEqual(['Hm', '.']);
});

test('a refusal is told as a refusal and finishes as one', () => {
  const item: JsonObject = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'refusal', refusal: 'No.' }],
  };
  const events = read(
    created,
    { type: 'response.refusal.delta', output_index: 0, content_index: 0, delta: 'N' },
    done(0, item),
    completed([item]),
  );
  expect(only(events, 'refusal-delta').map(({ text }) => text)).toEqual(['N', 'o.']);
  expect(only(events, 'finish')[0]?.reason).toBe('refusal');
});

test('annotations are told once, whether they come alone or with the whole text', () => {
  const first = { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 2 };
  const second = { ...first, url: 'https://b.example' };
  const events = read(
    created,
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi' },
    { type: 'response.output_text.annotation.added', output_index: 0, content_index: 0, annotation: first },
    done(0, message('msg_1', 'Hi', { annotations: [first, second] })),
    completed([]),
  );
  expect(only(events, 'citation').map(({ citation }) => citation.url)).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

test('log probabilities are told with their deltas, or at the end if only there', () => {
  const logprobs: Json[] = [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }];
  const live = read(
    created,
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi', logprobs },
    done(0, message('msg_1', 'Hi', { logprobs })),
    completed([]),
  );
  const late = read(created, done(0, message('msg_1', 'Hi', { logprobs })), completed([]));
  expect(only(live, 'logprobs').map(({ content }) => content)).toEqual([logprobs]);
  expect(only(late, 'logprobs').map(({ content }) => content)).toEqual([logprobs]);
});

test('a hosted tool call is told whole when it is done', () => {
  const item: JsonObject = {
    id: 'ws_1',
    type: 'web_search_call',
    status: 'completed',
    action: { type: 'search', query: 'q' },
  };
  const events = read(
    created,
    added(0, { id: 'ws_1', type: 'web_search_call', status: 'in_progress' }),
    { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
    done(0, item),
    completed([item]),
  );
  expect(only(events, 'opaque')).toEqual([
    { type: 'opaque', choice: 0, block: 0, origin: 'openai-responses', label: 'web_search_call', value: item },
  ]);
});

test('a generated image is told as an image; its partial ones are not', () => {
  const item: JsonObject = {
    id: 'ig_1',
    type: 'image_generation_call',
    status: 'completed',
    result: 'AAAA',
    output_format: 'webp',
    size: 's',
  };
  const events = read(
    created,
    { type: 'response.image_generation_call.partial_image', output_index: 0, partial_image_b64: 'AA' },
    done(0, item),
    completed([item]),
  );
  expect(only(events, 'media')).toEqual([
    expect.objectContaining({ kind: 'image', mediaType: 'image/webp', data: 'AAAA', id: 'ig_1' }),
  ]);
});

test.each([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
  [undefined, 'length'],
  ['steered', 'other'],
])('an answer that is incomplete for %s finishes as %s', (reason, expected) => {
  const response = {
    id: 'resp_1',
    status: 'incomplete',
    incomplete_details: reason ? { reason } : null,
    output: [call('a', '{"x"')],
  };
  const events = read(created, { type: 'response.incomplete', response });
  expect(only(events, 'finish')).toEqual([expect.objectContaining({ reason: expected })]);
  expect(events.at(-1)?.type).toBe('end');
});

test('response.failed gives the usage, then one error, and no end', () => {
  const usage = { input_tokens: 3, output_tokens: 0, total_tokens: 3 };
  const error = { code: 'rate_limit_exceeded', message: 'Too many. Please try again in 1.5s.' };
  const events = read(created, { type: 'response.failed', response: { id: 'resp_1', status: 'failed', error, usage } });
  expect(typesOf(events)).toEqual(['start', 'usage', 'error']);
  expect(only(events, 'error')[0]?.error).toMatchObject({ kind: 'rate-limit', status: 429, retryAfterSeconds: 1.5 });
});

test('response.failed without a status of its own is still a failure', () => {
  expect(typesOf(read(created, { type: 'response.failed', response: { id: 'resp_1' } }))).toEqual(['start', 'error']);
});

test.each([
  [{ type: 'error', code: 'server_is_overloaded', message: 'Busy', param: null, sequence_number: 1 }, 'overloaded'],
  [{ type: 'error', error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'Pay' } }, 'quota'],
  [{ error: { code: 'context_length_exceeded', message: 'Long' } }, 'context-overflow'],
  [{ type: 'error', message: 'Your input exceeds the context window of this model.' }, 'context-overflow'],
])('an error event in the stream ends the row: %j', (frame, kind) => {
  const events = read(frame as JsonObject, {
    type: 'response.failed',
    response: { id: 'r', status: 'failed', error: { message: 'again' } },
  });
  expect(only(events, 'error').map(({ error }) => error.kind)).toEqual([kind]);
  expect(events.at(-1)?.type).toBe('error');
});

test('a cancelled response is an error and not an answer', () => {
  const events = read(created, {
    type: 'response.cancelled',
    response: { id: 'resp_1', status: 'cancelled', output: [] },
  });
  expect(typesOf(events)).toEqual(['start', 'error']);
});

test('unknown events, heartbeats and [DONE] are passed over', () => {
  const events = read(
    created,
    { type: 'keepalive', sequence_number: 3 },
    '',
    '{cut',
    completed([message('m', 'Hi')]),
    '[DONE]',
  );
  expect(textOf(events)).toEqual(['Hi']);
  expect(events.at(-1)?.type).toBe('end');
});

test('a stream that is cut has no end', () => {
  const events = read(created, { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi' });
  expect(typesOf(events)).toEqual(['start', 'text-start', 'text-delta']);
});

test('an item that was never closed is closed by the end of the response', () => {
  const events = read(
    created,
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi' },
    completed([]),
  );
  expect(typesOf(events)).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish', 'end']);
});

test('a document that is an error is read as one', () => {
  const events = dialect.readDocument({ code: 'invalid-argument', error: 'Incorrect API key provided.' });
  expect(events).toEqual([{ type: 'error', error: expect.objectContaining({ kind: 'authentication' }) }]);
});
