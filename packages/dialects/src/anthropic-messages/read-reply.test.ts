import { expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

const at = (block: number) => ({ choice: 0, block });

function read(events: (JsonObject | string)[]): ModelEvent[] {
  const reader = dialect.createReader();
  const text = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
  return [...reader.push(new TextEncoder().encode(text)), ...reader.finish()];
}

const start = (usage: JsonObject = {}) => ({ type: 'message_start', message: { id: 'msg_1', model: 'c', usage } });
const open = (index: number, block: JsonObject) => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, value: JsonObject) => ({ type: 'content_block_delta', index, delta: value });
const close = (index: number) => ({ type: 'content_block_stop', index });
const ended = (usage: JsonObject = {}, stop_reason = 'end_turn') => [
  { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
  { type: 'message_stop' },
];
const usageOf = (events: ModelEvent[]) => events.findLast((event) => event.type === 'usage')?.usage;

test('thinking, its signature and redacted thinking are bound to this dialect', () => {
  const events = read([
    open(0, { type: 'thinking', thinking: '', signature: '' }),
    delta(0, { type: 'thinking_delta', thinking: 'hm' }),
    delta(0, { type: 'signature_delta', signature: 'ab' }),
    delta(0, { type: 'signature_delta', signature: 'cd' }),
    close(0),
    open(1, { type: 'redacted_thinking', data: 'zzz' }),
    close(1),
  ]);
  expect(events).toEqual([
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-delta', ...at(0), text: 'hm' },
    { type: 'reasoning-end', ...at(0), boundTo: 'anthropic-messages', signature: 'abcd' },
    { type: 'reasoning-start', ...at(1) },
    { type: 'reasoning-end', ...at(1), boundTo: 'anthropic-messages', redacted: 'zzz' },
  ]);
});

test.each([
  ['an empty delta', [delta(0, { type: 'input_json_delta', partial_json: '' })], {}, '{}'],
  ['no delta', [], {}, '{}'],
  ['whole in the start', [], { a: 1 }, '{"a":1}'],
  ['deltas beside an empty start', [delta(0, { type: 'input_json_delta', partial_json: '{"a":2}' })], {}, '{"a":2}'],
])('arguments of a call: %s', (_name, deltas, input, expected) => {
  const events = read([open(0, { type: 'tool_use', id: 't', name: 'n', input }), ...deltas, close(0)]);
  const told = events.map((event) => (event.type === 'tool-call-delta' ? event.arguments : '')).join('');
  expect(told).toBe(expected);
});

test('server tools and their results are told whole, as only this dialect knows them', () => {
  const events = read([
    open(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
    delta(0, { type: 'input_json_delta', partial_json: '{"query":' }),
    delta(0, { type: 'input_json_delta', partial_json: '"x"}' }),
    close(0),
    open(1, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
    close(1),
    open(2, { type: 'compaction', content: null }),
    delta(2, { type: 'compaction_delta', content: 'So far: nothing.' }),
    close(2),
  ]);
  expect(events.map((event) => (event.type === 'opaque' ? event.value : event))).toEqual([
    { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
    { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
    { type: 'compaction', content: 'So far: nothing.' },
  ]);
});

test('usage is the last word of a stream, never a sum', () => {
  const events = read([start({ input_tokens: 10, output_tokens: 1 }), ...ended({ output_tokens: 20 })]);
  expect(usageOf(events)).toEqual({ inputTokens: 10, outputTokens: 20 });
});

test('a zero at the end does not take back what the start told, and a true zero stays zero', () => {
  expect(
    usageOf(read([start({ input_tokens: 10, output_tokens: 1 }), ...ended({ input_tokens: 0, output_tokens: 5 })])),
  ).toEqual({ inputTokens: 10, outputTokens: 5 });
  expect(usageOf(read([start({ input_tokens: 0, output_tokens: 0 }), ...ended({ output_tokens: 0 })]))).toEqual({
    inputTokens: 0,
    outputTokens: 0,
  });
});

test('input counts told anew replace the estimate of the start together', () => {
  const later = { input_tokens: 0, cache_read_input_tokens: 1000, output_tokens: 5 };
  expect(usageOf(read([start({ input_tokens: 1000, output_tokens: 0 }), ...ended(later)]))).toEqual({
    inputTokens: 1000,
    cachedInputTokens: 1000,
    outputTokens: 5,
  });
});

test('every stop reason is known, and a new one is told as it came', () => {
  const reasons = [
    'end_turn',
    'max_tokens',
    'stop_sequence',
    'tool_use',
    'pause_turn',
    'refusal',
    'model_context_window_exceeded',
    'later',
  ];
  const read1 = (reason: string) => read(ended({}, reason)).find((event) => event.type === 'finish');
  expect(reasons.map((reason) => read1(reason)?.reason)).toEqual([
    'stop',
    'length',
    'stop-sequence',
    'tool-calls',
    'pause',
    'refusal',
    'context-overflow',
    'other',
  ]);
  expect(read1('later')?.raw).toBe('later');
});

test('a stream without message_stop has no end', () => {
  const [, ...withoutStop] = [...ended()].reverse();
  expect(read([start(), ...withoutStop.reverse()]).map(({ type }) => type)).toEqual(['start', 'finish']);
});

test('blocks whose start or stop never came are told all the same', () => {
  const events = read([delta(0, { type: 'text_delta', text: 'Hi' }), ...ended()]);
  expect(events.map(({ type }) => type)).toEqual(['text-start', 'text-delta', 'text-end', 'finish', 'end']);
});

test('pings, [DONE] and events not known yet are read past', () => {
  expect(read([{ type: 'ping' }, '[DONE]', { type: 'news' }])).toEqual([]);
});

test('an error event ends the row', () => {
  const events = read([
    start(),
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
    ...ended(),
  ]);
  expect(events.at(-1)).toMatchObject({
    type: 'error',
    error: { kind: 'overloaded', status: 529, message: 'Overloaded', requestId: 'req_1' },
  });
});

test('an event that is not JSON is an error, not a gap', () => {
  expect(read(['{"type":"content_block_del']).at(-1)).toMatchObject({ type: 'error', error: { kind: 'server' } });
});

test('text that looks like a stream, and white space, stay as they are', () => {
  const text = 'data: [DONE]\n\nevent: x\n  ';
  const events = read([delta(0, { type: 'text_delta', text })]);
  expect(events.at(-1)).toMatchObject({ text });
});

test('an error document is an error', () => {
  const body = { type: 'error', error: { type: 'not_found_error', message: 'model: x' } };
  expect(dialect.readDocument(body)).toMatchObject([{ type: 'error', error: { kind: 'not-found', status: 404 } }]);
});
