import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { openaiChat } from './index.ts';

const context: ReplyContext = { model: 'own-name', id: 'chatcmpl-9', nowSeconds: 7, wantsUsage: false };

const text = (words: string, block = 0): ModelEvent[] => [
  { type: 'text-start', choice: 0, block },
  { type: 'text-delta', choice: 0, block, text: words },
  { type: 'text-end', choice: 0, block },
];
const callOf = (id: string, name: string, pieces: string[], block = 1): ModelEvent[] => [
  { type: 'tool-call-start', choice: 0, block, id, name },
  ...pieces.map((piece): ModelEvent => ({ type: 'tool-call-delta', choice: 0, block, arguments: piece })),
  { type: 'tool-call-end', choice: 0, block },
];
const finish = (reason: Extract<ModelEvent, { type: 'finish' }>['reason']): ModelEvent => ({
  type: 'finish',
  choice: 0,
  reason,
});
const start: ModelEvent = { type: 'start', id: 'c1', createdAtSeconds: 5 };
const end: ModelEvent = { type: 'end' };
const usage: ModelEvent = { type: 'usage', usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 0 } };

function write(events: ModelEvent[], more: Partial<ReplyContext> = {}): string {
  const writer = openaiChat.createWriter({ ...context, ...more });
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

function chunksOf(stream: string): JsonObject[] {
  return stream
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice(6)));
}

const deltasOf = (stream: string) =>
  chunksOf(stream).flatMap((chunk) => (chunk['choices'] as { delta: JsonObject }[]).map(({ delta }) => delta));

const messageOf = (events: ModelEvent[], more: Partial<ReplyContext> = {}) =>
  (
    openaiChat.writeDocument(events, { ...context, ...more })['choices'] as {
      message: JsonObject;
      finish_reason: string;
    }[]
  )[0]!;

describe('a stream', () => {
  test('is, byte for byte, what OpenAI sends', () => {
    const envelope =
      '{"id":"c1","object":"chat.completion.chunk","created":5,"model":"own-name","system_fingerprint":null,';
    const chunk = (delta: string, finish: string) =>
      `data: ${envelope}"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]}\n\n`;
    expect(write([start, ...text('Hé\n"😀'), finish('stop'), usage, end])).toBe(
      chunk('{"role":"assistant","content":"","refusal":null}', 'null') +
        chunk('{"content":"Hé\\n\\"😀"}', 'null') +
        chunk('{}', '"stop"') +
        'data: [DONE]\n\n',
    );
  });

  test('tells usage in a chunk without choices, and only to a client that asked', () => {
    const chunks = chunksOf(write([start, ...text('a'), usage, finish('stop'), end], { wantsUsage: true }));
    expect(chunks.slice(0, -1).every((chunk) => chunk['usage'] === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(write([start, ...text('a'), usage, finish('stop'), end])).not.toContain('usage');
  });

  test('that was cut has no finish and no [DONE], and neither has one that ended with an error', () => {
    const cut = write([
      start,
      { type: 'text-start', choice: 0, block: 0 },
      { type: 'text-delta', choice: 0, block: 0, text: 'a' },
    ]);
    expect(cut).not.toMatch(/DONE|"finish_reason":"/);
    const failed = write([
      start,
      ...text('a'),
      { type: 'error', error: { kind: 'overloaded', status: 529, message: 'busy' } },
    ]);
    expect(failed).not.toContain('DONE');
    expect(chunksOf(failed).at(-1)).toMatchObject({ error: { message: 'busy', code: 'overloaded' } });
  });

  test('numbers parallel calls from 0 and keeps their pieces apart', () => {
    const stream = write([
      start,
      ...text('Look'),
      { type: 'tool-call-start', choice: 0, block: 1, id: 'a', name: 'f' },
      { type: 'tool-call-start', choice: 0, block: 2, id: 'b', name: 'g' },
      { type: 'tool-call-delta', choice: 0, block: 1, arguments: '{"x":' },
      { type: 'tool-call-delta', choice: 0, block: 2, arguments: '{}' },
      { type: 'tool-call-delta', choice: 0, block: 1, arguments: '1}' },
      { type: 'tool-call-end', choice: 0, block: 1 },
      { type: 'tool-call-end', choice: 0, block: 2 },
      finish('tool-calls'),
      end,
    ]);
    const pieces = deltasOf(stream).flatMap((delta) => (delta['tool_calls'] as JsonObject[] | undefined) ?? []);
    expect(pieces).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
      { index: 0, function: { arguments: '{"x":' } },
      { index: 1, function: { arguments: '{}' } },
      { index: 0, function: { arguments: '1}' } },
    ]);
    expect(chunksOf(stream).at(-1)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
  });

  test('tells a whole call in one chunk, with its signature, as clients look for it there', () => {
    const events = callOf('a', 'f', ['{}']);
    events[2] = { type: 'tool-call-end', choice: 0, block: 1, signature: 'sig' };
    const [, delta] = deltasOf(write([start, ...events, finish('tool-calls'), end]));
    expect(delta).toEqual({
      tool_calls: [
        {
          index: 0,
          id: 'a',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          extra_content: { google: { thought_signature: 'sig' } },
        },
      ],
    });
  });

  test('gives the client its own names and ids back, and the answer that came through a JSON tool as text', () => {
    const toolNames = new Map([['f_1', 'f.1']]);
    const toolCallIds = new Map([['a', 'own']]);
    const named = write([start, ...callOf('a', 'f_1', ['{}']), finish('tool-calls'), end], { toolNames, toolCallIds });
    expect(deltasOf(named)[1]).toMatchObject({ tool_calls: [{ id: 'own', function: { name: 'f.1' } }] });
    const json = [start, ...callOf('a', 'answer', ['{"x"', ':1}']), finish('tool-calls'), end];
    const stream = write(json, { jsonTool: 'answer' });
    expect(
      deltasOf(stream)
        .map((delta) => delta['content'] ?? '')
        .join(''),
    ).toBe('{"x":1}');
    expect(stream).toContain('"finish_reason":"stop"');
    expect(messageOf(json, { jsonTool: 'answer' })).toMatchObject({
      message: { content: '{"x":1}' },
      finish_reason: 'stop',
    });
  });

  test('speaks function_call to a client that declared functions', () => {
    const request = openaiChat.readRequest({
      model: 'm',
      messages: [{ role: 'user', content: '' }],
      functions: [{ name: 'f' }],
    });
    const events = [start, ...callOf('a', 'f', ['{"x"', ':1}']), finish('tool-calls'), end];
    const calls = deltasOf(write(events, { request })).flatMap((delta) => delta['function_call'] ?? []);
    expect(calls).toEqual([{ name: 'f', arguments: '{"x"' }, { arguments: ':1}' }]);
    expect(messageOf(events, { request })).toMatchObject({
      message: { function_call: { name: 'f', arguments: '{"x":1}' } },
      finish_reason: 'function_call',
    });
  });
});

describe('reasoning', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'reasoning-start', choice: 0, block: 0 },
    { type: 'reasoning-delta', choice: 0, block: 0, text: 'th' },
    { type: 'reasoning-delta', choice: 0, block: 0, text: 'ink' },
    { type: 'reasoning-end', choice: 0, block: 0, signature: 'sig', boundTo: 'anthropic-messages' },
    { type: 'reasoning-start', choice: 0, block: 1 },
    { type: 'reasoning-end', choice: 0, block: 1, redacted: 'secret', boundTo: 'anthropic-messages' },
    ...text('Hi', 2),
    finish('stop'),
    end,
  ];

  test('is told plainly, and its signature so that it can come back with the next turn', () => {
    const { message } = messageOf(events);
    expect(message).toEqual({
      role: 'assistant',
      content: 'Hi',
      refusal: null,
      reasoning_content: 'think',
      reasoning_details: [
        { type: 'reasoning.text', text: 'think', format: 'anthropic-claude-v1', index: 0, signature: 'sig' },
        { type: 'reasoning.encrypted', data: 'secret', format: 'anthropic-claude-v1', index: 1 },
      ],
    });
    const returned = openaiChat.readRequest({ model: 'm', messages: [message] }).messages[0]?.parts;
    expect(returned).toMatchObject([
      { type: 'reasoning', text: 'think', signature: 'sig', boundTo: 'anthropic-messages' },
      { type: 'reasoning', redacted: 'secret', boundTo: 'anthropic-messages' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  test('comes back from a stream too, when the client merges the pieces by index', () => {
    const merged: JsonObject[] = [];
    for (const delta of deltasOf(write(events))) {
      for (const item of (delta['reasoning_details'] as JsonObject[] | undefined) ?? []) {
        const held = merged[item['index'] as number];
        if (held) Object.assign(held, item, { text: `${held['text']}${item['text'] ?? ''}` });
        else merged[item['index'] as number] = { ...item };
      }
    }
    const message = { role: 'assistant', content: 'Hi', reasoning_details: merged };
    expect(openaiChat.readRequest({ model: 'm', messages: [message] }).messages[0]?.parts).toMatchObject([
      { text: 'think', signature: 'sig', boundTo: 'anthropic-messages' },
      { redacted: 'secret' },
      { text: 'Hi' },
    ]);
  });

  test('of several thoughts is one text with blank lines, streamed and whole, and comes back as it was', () => {
    const thought = (block: number, ...pieces: string[]): ModelEvent[] => [
      { type: 'reasoning-start', choice: 0, block },
      ...pieces.map((piece) => ({ type: 'reasoning-delta' as const, choice: 0, block, text: piece })),
      { type: 'reasoning-end', choice: 0, block, signature: `sig${block}`, boundTo: 'anthropic-messages' },
    ];
    const several = [start, ...thought(0, 'one'), ...thought(1), ...thought(2, 'two', '"2"'), finish('stop'), end];
    const { message } = messageOf(several);
    expect(message['reasoning_content']).toBe('one\n\ntwo"2"');
    const streamed = deltasOf(write(several)).map((delta) => delta['reasoning_content'] ?? '');
    expect(streamed.join('')).toBe('one\n\ntwo"2"');
    const returned = openaiChat.readRequest({ model: 'm', messages: [message] }).messages[0]!.parts;
    expect(returned.flatMap((part) => (part.type === 'reasoning' && part.text) || [])).toEqual(['one', 'two"2"']);
  });

  test('never leaks into the content', () => {
    expect(
      deltasOf(write(events))
        .map((delta) => delta['content'] ?? '')
        .join(''),
    ).toBe('Hi');
  });
});

test.each([
  ['stop', 'stop'],
  ['stop-sequence', 'stop'],
  ['length', 'length'],
  ['context-overflow', 'length'],
  ['tool-calls', 'tool_calls'],
  ['content-filter', 'content_filter'],
  ['refusal', 'content_filter'],
  ['pause', 'stop'],
  ['malformed-tool-call', 'stop'],
  ['other', 'stop'],
] as const)('the end %s is told as %s, streamed and whole', (reason, word) => {
  const events = [start, ...text('a'), finish(reason), end];
  expect(messageOf(events).finish_reason).toBe(word);
  expect(write(events)).toContain(`"finish_reason":"${word}"`);
});

test('citations are annotations, images and sound stand beside the content, opaque blocks are skipped', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'opaque', choice: 0, block: 0, origin: 'anthropic-messages', label: 'server_tool_use', value: {} },
    { type: 'text-start', choice: 0, block: 1 },
    { type: 'text-delta', choice: 0, block: 1, text: 'a' },
    {
      type: 'citation',
      choice: 0,
      block: 1,
      citation: { url: 'https://a.example', title: 'A', start: 0, end: 1, origin: 'anthropic-messages', value: {} },
    },
    { type: 'text-end', choice: 0, block: 1 },
    { type: 'media', choice: 0, block: 2, kind: 'image', mediaType: 'image/png', data: 'AAAA' },
    { type: 'media', choice: 0, block: 3, kind: 'audio', id: 'au', data: 'BBBB', transcript: 't', expiresAtSeconds: 3 },
    finish('stop'),
    end,
  ];
  const aside = {
    annotations: [
      { type: 'url_citation', url_citation: { end_index: 1, start_index: 0, title: 'A', url: 'https://a.example' } },
    ],
    images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
    audio: { id: 'au', data: 'BBBB', transcript: 't', expires_at: 3 },
  };
  expect(messageOf(events).message).toEqual({ role: 'assistant', content: 'a', refusal: null, ...aside });
  const streamed = Object.assign({}, ...deltasOf(write(events)));
  expect(streamed).toMatchObject({
    annotations: aside.annotations,
    audio: aside.audio,
    images: [{ ...aside.images[0], index: 0 }],
  });
});

test('a document says what it costs, and an error is an error', () => {
  const document = openaiChat.writeDocument([start, ...text('a'), usage, finish('stop'), end], context);
  expect(document).toMatchObject({
    id: 'c1',
    object: 'chat.completion',
    created: 5,
    model: 'own-name',
    usage: { total_tokens: 7 },
  });
  const failed = openaiChat.writeDocument(
    [start, { type: 'error', error: { kind: 'quota', status: 429, message: 'M' } }],
    context,
  );
  expect(failed).toMatchObject({ error: { code: 'insufficient_quota' } });
});

test('several choices are told each under its index', () => {
  const events: ModelEvent[] = [1, 0].flatMap((choice): ModelEvent[] => [
    { type: 'text-start', choice, block: 0 },
    { type: 'text-delta', choice, block: 0, text: `${choice}` },
    { type: 'text-end', choice, block: 0 },
    { type: 'finish', choice, reason: 'stop' },
  ]);
  const choices = openaiChat.writeDocument([start, ...events, end], context)['choices'] as {
    index: number;
    message: JsonObject;
  }[];
  expect(choices.map(({ index, message }) => [index, message['content']])).toEqual([
    [0, '0'],
    [1, '1'],
  ]);
  expect(write([start, ...events, end]).match(/"role":"assistant"/g)).toHaveLength(2);
});
