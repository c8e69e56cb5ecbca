import { expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

const context: ReplyContext = { model: 'claude-for-client', id: 'msg_own', nowSeconds: 0, wantsUsage: true };
const at = (block: number) => ({ choice: 0, block });

function writeAll(events: ModelEvent[], more: Partial<ReplyContext> = {}): string {
  const writer = dialect.createWriter({ ...context, ...more });
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

function framesOf(text: string): { event: string; data: JsonObject }[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(frame) ?? [];
      return { event, data: JSON.parse(data) as JsonObject };
    });
}

const content = (events: ModelEvent[], more: Partial<ReplyContext> = {}) =>
  dialect.writeDocument(events, { ...context, ...more })['content'] as JsonObject[];

const helloThenCall: ModelEvent[] = [
  { type: 'start', id: 'chatcmpl-1' },
  { type: 'text-start', ...at(0) },
  { type: 'text-delta', ...at(0), text: 'Hello' },
  { type: 'text-end', ...at(0) },
  { type: 'tool-call-start', ...at(1), id: 'call_1', name: 'read' },
  { type: 'tool-call-delta', ...at(1), arguments: '{"path":' },
  { type: 'tool-call-delta', ...at(1), arguments: '"a"}' },
  { type: 'tool-call-end', ...at(1) },
  { type: 'finish', choice: 0, reason: 'tool-calls' },
  { type: 'usage', usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10, outputTokens: 7 } },
  { type: 'end' },
];

test('a stream has the order of events that Anthropic has, each with its name', () => {
  const frames = framesOf(writeAll(helloThenCall));
  expect(frames.map(({ event }) => event)).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(frames.every(({ event, data }) => data['type'] === event)).toBe(true);
  expect(frames[0]?.data['message']).toMatchObject({
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
  });
});

test('usage told after the finish is in message_delta, with input and cache counts', () => {
  const delta = framesOf(writeAll(helloThenCall)).find(({ event }) => event === 'message_delta');
  expect(delta?.data).toMatchObject({
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { input_tokens: 30, cache_read_input_tokens: 60, cache_creation_input_tokens: 10, output_tokens: 7 },
  });
});

test('usage told before the first block is in message_start already', () => {
  const [first] = framesOf(
    writeAll([
      { type: 'start' },
      { type: 'usage', usage: { inputTokens: 12, outputTokens: 0 } },
      { type: 'text-start', ...at(0) },
      { type: 'text-delta', ...at(0), text: 'x' },
    ]),
  );
  expect(first?.data).toMatchObject({ message: { usage: { input_tokens: 12, output_tokens: 0 } } });
});

test('without an end there is neither message_delta nor message_stop', () => {
  const text = writeAll(helloThenCall.slice(0, -1));
  expect(text).not.toContain('message_stop');
  expect(text).not.toContain('message_delta');
});

test('blocks that overlap leave one after the other, whole', () => {
  const frames = framesOf(
    writeAll([
      { type: 'tool-call-start', ...at(0), id: 'a', name: 'first' },
      { type: 'tool-call-start', ...at(1), id: 'b', name: 'second' },
      { type: 'tool-call-delta', ...at(1), arguments: '{"n":2}' },
      { type: 'tool-call-delta', ...at(0), arguments: '{"n":' },
      { type: 'tool-call-end', ...at(1) },
      { type: 'tool-call-delta', ...at(0), arguments: '1}' },
      { type: 'tool-call-end', ...at(0) },
      { type: 'finish', choice: 0, reason: 'tool-calls' },
      { type: 'end' },
    ]),
  );
  let open = -1;
  const told: Record<number, string> = {};
  for (const { event, data } of frames) {
    const index = data['index'] as number;
    if (event === 'content_block_start') {
      expect(open).toBe(-1);
      open = index;
      told[index] = '';
    }
    if (event === 'content_block_delta') {
      expect(index).toBe(open);
      told[index] += String((data['delta'] as JsonObject)['partial_json']);
    }
    if (event === 'content_block_stop') open = -1;
  }
  expect(told).toEqual({ 0: '{"n":1}', 1: '{"n":2}' });
});

test('blocks that are still open at a clean end are closed', () => {
  const frames = framesOf(
    writeAll([
      { type: 'text-start', ...at(0) },
      { type: 'text-delta', ...at(0), text: 'x' },
      { type: 'tool-call-start', ...at(1), id: 'a', name: 'first' },
      { type: 'end' },
    ]),
  );
  expect(frames.filter(({ event }) => event === 'content_block_stop')).toHaveLength(2);
  expect(frames.at(-1)?.event).toBe('message_stop');
});

test('a call without arguments is told as an empty object', () => {
  const events: ModelEvent[] = [
    { type: 'tool-call-start', ...at(0), id: 'a', name: 'now' },
    { type: 'tool-call-end', ...at(0) },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'end' },
  ];
  expect(writeAll(events)).toContain('"partial_json":"{}"');
  expect(content(events)).toEqual([{ type: 'tool_use', id: 'a', name: 'now', input: {} }]);
});

test('a call cut at the token limit says max_tokens, not tool_use', () => {
  const events: ModelEvent[] = [
    { type: 'tool-call-start', ...at(0), id: 'a', name: 'write' },
    { type: 'tool-call-delta', ...at(0), arguments: '{"text":"half' },
    { type: 'tool-call-end', ...at(0) },
    { type: 'finish', choice: 0, reason: 'length' },
    { type: 'end' },
  ];
  expect(dialect.writeDocument(events, context)['stop_reason']).toBe('max_tokens');
  expect(content(events)[0]).toMatchObject({ input: { arguments: '{"text":"half' } });
});

test('a turn that stopped with calls in it says tool_use', () => {
  const events = helloThenCall.map((event) =>
    event.type === 'finish' ? { ...event, reason: 'stop' as const } : event,
  );
  expect(dialect.writeDocument(events, context)['stop_reason']).toBe('tool_use');
});

test('a text without a character makes no block', () => {
  const events: ModelEvent[] = [{ type: 'text-start', ...at(0) }, { type: 'text-end', ...at(0) }, { type: 'end' }];
  expect(writeAll(events)).not.toContain('content_block');
  expect(content(events)).toEqual([]);
});

test('reasoning signed by Anthropic keeps its signature, redacted reasoning its data', () => {
  const events: ModelEvent[] = [
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-delta', ...at(0), text: 'hm' },
    { type: 'reasoning-end', ...at(0), signature: 'sig', boundTo: 'anthropic-messages' },
    { type: 'reasoning-start', ...at(1) },
    { type: 'reasoning-end', ...at(1), redacted: 'zzz', boundTo: 'anthropic-messages' },
    { type: 'end' },
  ];
  const blocks = [
    { type: 'thinking', thinking: 'hm', signature: 'sig' },
    { type: 'redacted_thinking', data: 'zzz' },
  ];
  expect(content(events)).toEqual(blocks);
  expect(writeAll(events)).toContain('{"type":"redacted_thinking","data":"zzz"}');
  expect(writeAll(events)).toContain('{"type":"signature_delta","signature":"sig"}');
});

test('what another provider bound to its reasoning comes back with the next request, and never reaches Anthropic', () => {
  const events: ModelEvent[] = [
    { type: 'reasoning-start', ...at(0), id: 'rs_1', isSummary: true },
    { type: 'reasoning-delta', ...at(0), text: 'hm' },
    { type: 'reasoning-end', ...at(0), encrypted: 'ENC', boundTo: 'openai-responses' },
    { type: 'tool-call-start', ...at(1), id: 'c1', name: 'read' },
    { type: 'tool-call-delta', ...at(1), arguments: '{}' },
    { type: 'tool-call-end', ...at(1), signature: 'GEM' },
    { type: 'end' },
  ];
  const streamed: JsonObject[] = [];
  for (const { event, data } of framesOf(writeAll(events))) {
    if (event === 'content_block_start') streamed.push(data['content_block'] as JsonObject);
    const delta = event === 'content_block_delta' ? (data['delta'] as JsonObject) : {};
    const last = streamed.at(-1) ?? {};
    if (delta['type'] === 'signature_delta') last['signature'] = delta['signature'];
    if (delta['type'] === 'thinking_delta') last['thinking'] = String(last['thinking']) + String(delta['thinking']);
  }
  expect(streamed).toEqual(content(events));
  expect(streamed.map(({ type }) => type)).toEqual(['thinking', 'thinking', 'tool_use']);

  const body = {
    model: 'm',
    max_tokens: 10,
    messages: [
      { role: 'assistant', content: streamed },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'x' }] },
    ],
  };
  const request = dialect.readRequest(body);
  expect(request.messages[0]?.parts).toEqual([
    { type: 'reasoning', text: 'hm', boundTo: 'openai-responses', encrypted: 'ENC', id: 'rs_1', isSummary: true },
    { type: 'tool-call', id: 'c1', name: 'read', arguments: '{}', signature: 'GEM' },
  ]);
  const written = dialect.writeRequest(request, { model: 'm' });
  expect(JSON.stringify(written.body)).not.toContain('xidao');
  expect(written.receipt.dropped).toEqual([
    'messages[0].content[0] (reasoning of openai-responses)',
    'messages[0].content[1] (thought signature)',
  ]);
});

test('reasoning that nobody signed is told, and known for unsigned when it comes back', () => {
  const [block] = content([
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-delta', ...at(0), text: 'hm' },
    { type: 'reasoning-end', ...at(0) },
    { type: 'end' },
  ]);
  expect(String(block?.['signature'])).toMatch(/^xidao:none:/);
  const body = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content: [block ?? {}] }] };
  expect(dialect.readRequest(body).messages[0]?.parts).toEqual([{ type: 'reasoning', text: 'hm' }]);
});

test('a refusal is text with its stop reason', () => {
  const document = dialect.writeDocument(
    [
      { type: 'refusal-start', ...at(0) },
      { type: 'refusal-delta', ...at(0), text: 'No.' },
      { type: 'refusal-end', ...at(0) },
      { type: 'finish', choice: 0, reason: 'stop', raw: 'stop' },
      { type: 'end' },
    ],
    context,
  );
  expect(document).toMatchObject({ content: [{ type: 'text', text: 'No.' }], stop_reason: 'refusal' });
});

test('a web citation of another provider is told, and not sent on to Anthropic when it comes back', () => {
  const [block] = content([
    { type: 'text-start', ...at(0) },
    { type: 'text-delta', ...at(0), text: 'It rains.' },
    {
      type: 'citation',
      ...at(0),
      citation: { origin: 'openai-chat', url: 'https://example.com', title: 'Weather', value: {} },
    },
    { type: 'text-end', ...at(0) },
    { type: 'end' },
  ]);
  expect(block?.['citations']).toMatchObject([{ type: 'web_search_result_location', url: 'https://example.com' }]);
  const request = dialect.readRequest({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'assistant', content: [block ?? {}] }],
  });
  expect(dialect.writeRequest(request, { model: 'm' }).body['messages']).toEqual([
    { role: 'assistant', content: 'It rains.' },
  ]);
});

test('tool names and ids come back as the client knows them, within the rules for ids', () => {
  const events: ModelEvent[] = [
    { type: 'tool-call-start', ...at(0), id: 'functions.read:0', name: 'read_x' },
    { type: 'tool-call-end', ...at(0) },
    { type: 'end' },
  ];
  const [block] = content(events, { toolNames: new Map([['read_x', 'read.x']]) });
  expect(block?.['name']).toBe('read.x');
  expect(String(block?.['id'])).toMatch(/^[a-zA-Z0-9_-]+$/);
});

test('the arguments of the tool that stands for the answer are the text', () => {
  const events: ModelEvent[] = [
    { type: 'tool-call-start', ...at(0), id: 'x', name: 'json_answer' },
    { type: 'tool-call-delta', ...at(0), arguments: '{"a":' },
    { type: 'tool-call-delta', ...at(0), arguments: '1}' },
    { type: 'tool-call-end', ...at(0) },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'end' },
  ];
  const jsonTool = 'json_answer';
  expect(dialect.writeDocument(events, { ...context, jsonTool })).toMatchObject({
    content: [{ type: 'text', text: '{"a":1}' }],
    stop_reason: 'end_turn',
  });
  const text = writeAll(events, { jsonTool });
  expect(text).toContain('"text_delta"');
  expect(text).toContain('"stop_reason":"end_turn"');
});

test('only the first choice is told', () => {
  const text = writeAll([
    { type: 'text-start', choice: 0, block: 0 },
    { type: 'text-start', choice: 1, block: 0 },
    { type: 'text-delta', choice: 1, block: 0, text: 'second' },
    { type: 'text-delta', choice: 0, block: 0, text: 'first' },
    { type: 'text-end', choice: 0, block: 0 },
    { type: 'finish', choice: 1, reason: 'length' },
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'end' },
  ]);
  expect(text).toContain('first');
  expect(text).not.toContain('second');
  expect(text).toContain('"end_turn"');
});

test('media that the model made is a note in the text', () => {
  const events: ModelEvent[] = [
    { type: 'media', ...at(0), kind: 'image', url: 'https://example.com/a.png' },
    { type: 'media', ...at(1), kind: 'audio', data: 'AAAA', transcript: 'Good morning' },
    { type: 'end' },
  ];
  expect(content(events).map(({ text }) => text)).toEqual(['![image](https://example.com/a.png)', 'Good morning']);
  expect(writeAll(events)).toContain('Good morning');
});

test('an error in the stream is an error event, and nothing comes after it', () => {
  const text = writeAll([
    { type: 'text-start', ...at(0) },
    { type: 'text-delta', ...at(0), text: 'x' },
    { type: 'error', error: { kind: 'overloaded', status: 529, message: 'Overloaded' } },
    { type: 'end' },
  ]);
  expect(framesOf(text).at(-1)).toMatchObject({ event: 'error', data: { error: { type: 'overloaded_error' } } });
});
