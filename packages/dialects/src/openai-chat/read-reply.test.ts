import { describe, expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { openaiChat } from './index.ts';

const DONE = 'data: [DONE]\n\n';
const encode = (text: string) => new TextEncoder().encode(text);

function readText(stream: string): ModelEvent[] {
  const reader = openaiChat.createReader();
  return [...reader.push(encode(stream)), ...reader.finish()];
}

/** A stream of these deltas of choice 0. */
function read(...deltas: JsonObject[]): ModelEvent[] {
  return readText(frames(...deltas.map((delta) => ({ choices: [{ index: 0, delta }] }))) + DONE);
}

function frames(...chunks: JsonObject[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify({ id: 'c1', ...chunk })}\n\n`).join('');
}

const readMessage = (message: JsonObject, finish_reason = 'stop') =>
  openaiChat.readDocument({ id: 'c1', choices: [{ index: 0, message, finish_reason }] });

const textOf = (events: ModelEvent[], type: string) =>
  events.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');

function callsOf(events: ModelEvent[]) {
  const calls = new Map<number, { id: string; name: string; arguments: string; signature?: string }>();
  for (const event of events) {
    if (event.type === 'tool-call-start') calls.set(event.block, { id: event.id, name: event.name, arguments: '' });
    if (event.type === 'tool-call-delta') calls.get(event.block)!.arguments += event.arguments;
    if (event.type === 'tool-call-end' && event.signature) calls.get(event.block)!.signature = event.signature;
  }
  return [...calls.values()];
}

const call = (fields: JsonObject): JsonObject => ({ tool_calls: [fields] });
const finishOf = (events: ModelEvent[]) => events.find((event) => event.type === 'finish')?.reason;

describe('text', () => {
  test('whitespace and line ends are tokens like others, and `data:` inside a text is text', () => {
    expect(
      textOf(
        read({ role: 'assistant' }, { content: ' ' }, { content: '\n' }, { content: 'data: x' }, { content: '' }),
        'text-delta',
      ),
    ).toBe(' \ndata: x');
  });

  test('text and calls of one turn are both told', () => {
    const events = readMessage({
      content: 'Look:',
      tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }],
    });
    expect(textOf(events, 'text-delta')).toBe('Look:');
    expect(callsOf(events)).toEqual([{ id: 'a', name: 'f', arguments: '{}' }]);
  });

  test('several choices keep their index', () => {
    const events = readText(
      frames(
        { choices: [{ index: 1, delta: { content: 'b' } }] },
        {
          choices: [
            { index: 0, delta: { content: 'a' } },
            { index: 1, delta: { content: 'B' }, finish_reason: 'length' },
          ],
        },
        { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      ) + DONE,
    );
    const told = events.flatMap((event) => (event.type === 'text-delta' ? [`${event.choice}${event.text}`] : []));
    expect(told).toEqual(['1b', '0a', '1B']);
    expect(events.filter(({ type }) => type === 'finish')).toMatchObject([
      { choice: 1, reason: 'length' },
      { choice: 0, reason: 'stop' },
    ]);
  });

  test('what comes behind the finish reason is not lost', () => {
    const events = readText(
      frames(
        { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] },
        { choices: [{ index: 0, delta: { content: 'b' } }] },
      ) + DONE,
    );
    expect(textOf(events, 'text-delta')).toBe('ab');
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['finish', 'end']);
  });

  test('Mistral tells thinking and text as parts of the content', () => {
    const events = read(
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true }] },
      {
        content: [
          { type: 'text', text: '144' },
          { type: 'reference', reference_ids: [1] },
        ],
      },
    );
    expect(textOf(events, 'reasoning-delta')).toBe('hm');
    expect(textOf(events, 'text-delta')).toBe('144');
    expect(events.find(({ type }) => type === 'opaque')).toMatchObject({
      label: 'reference',
      value: { reference_ids: [1] },
    });
  });

  test('a host that cannot stream may answer with one whole message', () => {
    const events = readText(
      frames({ choices: [{ index: 0, message: { content: 'all' }, finish_reason: 'stop' }] }) + DONE,
    );
    expect(textOf(events, 'text-delta')).toBe('all');
  });
});

describe('reasoning', () => {
  test('told in two fields at once it is read once', () => {
    const events = read(
      { reasoning: 'a', reasoning_content: 'a' },
      { reasoning: 'b', reasoning_content: 'b' },
      { content: 'c' },
    );
    expect(textOf(events, 'reasoning-delta')).toBe('ab');
    expect(events.map(({ type }) => type)).toEqual([
      ...['start', 'reasoning-start', 'reasoning-delta', 'reasoning-delta', 'reasoning-end'],
      ...['text-start', 'text-delta', 'text-end', 'finish', 'end'],
    ]);
  });

  test('a signature that comes in a piece of its own belongs to the block before it', () => {
    const item = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 };
    const events = read(
      { reasoning: 'a', reasoning_details: [{ ...item, text: 'a' }] },
      { reasoning: 'b', reasoning_details: [{ ...item, text: 'b' }] },
      { reasoning_details: [{ ...item, signature: 'sig' }] },
      { content: 'c' },
    );
    expect(textOf(events, 'reasoning-delta')).toBe('ab');
    expect(events.filter(({ type }) => type === 'reasoning-end')).toEqual([
      { type: 'reasoning-end', choice: 0, block: 0, signature: 'sig', boundTo: 'anthropic-messages' },
    ]);
  });

  test('a summary and what is encrypted of it are one block', () => {
    const same = { id: 'rs_1', format: 'openai-responses-v1' };
    const events = readMessage({
      content: 'x',
      reasoning_details: [
        { type: 'reasoning.summary', summary: 's', ...same },
        { type: 'reasoning.encrypted', data: 'gAAA', ...same },
      ],
    });
    expect(events.filter(({ type }) => type.startsWith('reasoning'))).toEqual([
      { type: 'reasoning-start', choice: 0, block: 0, id: 'rs_1', isSummary: true },
      { type: 'reasoning-delta', choice: 0, block: 0, text: 's' },
      { type: 'reasoning-end', choice: 0, block: 0, encrypted: 'gAAA', boundTo: 'openai-responses' },
    ]);
  });
});

describe('tool calls', () => {
  test('parallel calls are told apart by index, though their deltas are interleaved', () => {
    const events = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"x":' } }),
      call({ index: 1, function: { arguments: '{"y":2}' } }),
      call({ index: 0, function: { arguments: '1}' } }),
    );
    expect(callsOf(events)).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{"y":2}' },
    ]);
  });

  test('every call under index 0 is still a call of its own', () => {
    const events = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":2}' } }),
    );
    expect(callsOf(events).map((one) => one.arguments)).toEqual(['{"x":1}', '{"x":2}']);
  });

  test('id and name that are repeated with every delta begin no new call', () => {
    const piece = (text: string) =>
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: text } });
    expect(callsOf(read(piece('{"x"'), piece(':1}')))).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }]);
    const nameless = (name: string, text: string) => call({ index: 0, function: { name, arguments: text } });
    expect(callsOf(read(nameless('f', '{"x"'), nameless('f', ':1}')))).toMatchObject([
      { name: 'f', arguments: '{"x":1}' },
    ]);
  });

  test('without index and id, whole calls are told apart by their names, and get ids of their own', () => {
    const whole = (x: number) => call({ function: { name: 'f', arguments: { x } } });
    const events = read(whole(1), whole(2));
    const calls = callsOf(events);
    expect(calls.map((one) => one.arguments)).toEqual(['{"x":1}', '{"x":2}']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(callsOf(read(whole(1), whole(2)))).toEqual(calls);
    const other = readText(`data: ${JSON.stringify({ id: 'c2', choices: [{ delta: whole(1) }] })}\n\n${DONE}`);
    expect(callsOf(other)[0]?.id).not.toBe(calls[0]?.id);
  });

  test('arguments that were never told are an empty object', () => {
    expect(callsOf(read(call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } })))[0]?.arguments).toBe('{}');
    expect(callsOf(readMessage({ tool_calls: [{ id: 'a', function: { name: 'f' } }] }))[0]?.arguments).toBe('{}');
  });

  test('the older function_call is a call too', () => {
    const events = readText(
      frames(
        { choices: [{ index: 0, delta: { function_call: { name: 'f', arguments: '' } } }] },
        { choices: [{ index: 0, delta: { function_call: { arguments: '{"a":1}' } } }] },
        { choices: [{ index: 0, delta: {}, finish_reason: 'function_call' }] },
      ) + DONE,
    );
    expect(callsOf(events)).toMatchObject([{ name: 'f', arguments: '{"a":1}' }]);
    expect(finishOf(events)).toBe('tool-calls');
  });

  test("Gemini's signature of a call is kept", () => {
    const extra_content = { google: { thought_signature: 'sig' } };
    const events = read(call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, extra_content }));
    expect(callsOf(events)[0]?.signature).toBe('sig');
  });

  test('a call cut off by the length is a length, not a call; a call with `stop` is a call', () => {
    const message = { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x' } }] };
    expect(finishOf(readMessage(message, 'length'))).toBe('length');
    expect(finishOf(readMessage(message, 'stop'))).toBe('tool-calls');
  });
});

test.each([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['length', 'length'],
  ['model_length', 'length'],
  ['content_filter', 'content-filter'],
  ['sensitive', 'content-filter'],
  ['SAFETY', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'malformed-tool-call'],
  ['insufficient_system_resource', 'other'],
  ['something_new', 'other'],
])('the finish reason %s means %s', (raw, reason) => {
  const events = readMessage({ content: 'x' }, raw);
  expect(events.find(({ type }) => type === 'finish')).toMatchObject({ reason, raw });
});

test('a refusal ends as one, and a matched stop sequence is named', () => {
  expect(finishOf(readMessage({ content: null, refusal: 'No.' }))).toBe('refusal');
  const events = openaiChat.readDocument({
    choices: [{ message: { content: 'x' }, finish_reason: 'stop', stop_reason: 'END' }],
  });
  expect(events.find(({ type }) => type === 'finish')).toMatchObject({ reason: 'stop-sequence', stopSequence: 'END' });
});

describe('the end', () => {
  test('usage in a last chunk without choices, on every chunk, or null', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 };
    const events = readText(
      frames({ choices: [{ delta: { content: 'a' } }], usage: null }, { usage }, { choices: [], usage }) + DONE,
    );
    const told = events.filter((event) => event.type === 'usage').map((event) => event.usage);
    expect(told).toEqual([
      { inputTokens: 3, outputTokens: 0 },
      { inputTokens: 3, outputTokens: 0 },
    ]);
  });

  test('without [DONE] there is no end, and a choice without a finish reason is not finished', () => {
    const cut = readText(frames({ choices: [{ index: 0, delta: { content: 'a' } }] }));
    expect(cut.map(({ type }) => type)).toEqual(['start', 'text-start', 'text-delta']);
    const told = readText(frames({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }));
    expect(told.map(({ type }) => type)).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish']);
  });

  test.each([
    [
      'a chunk with `error`',
      frames({
        error: { code: 429, message: 'Rate limit exceeded' },
        choices: [{ delta: { content: '' }, finish_reason: 'error' }],
      }),
      'rate-limit',
    ],
    ['an event named error', 'event: error\ndata: {"message":"Overloaded"}\n\n', 'overloaded'],
    [
      'an error in the choice',
      frames({ choices: [{ error: { code: 502, message: 'Provider disconnected' }, delta: {} }] }),
      'unavailable',
    ],
    ['a bare string', 'data: {"error":"model is busy"}\n\n', 'overloaded'],
    ['no JSON', 'data: <html>\n\n', 'server'],
  ])('%s ends the row, and nothing follows', (_name, stream, kind) => {
    const events = readText(frames({ choices: [{ delta: { content: 'a' } }] }) + stream + DONE);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind } });
    expect(events.some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
  });

  test("Azure's first chunk about the prompt does not name the answer", () => {
    const events = readText(
      `data: ${JSON.stringify({ id: '', model: '', choices: [], prompt_filter_results: [] })}\n\n${frames({ model: 'gpt', choices: [{ delta: { content: 'a' } }] })}${DONE}`,
    );
    expect(events[0]).toEqual({ type: 'start', id: 'c1', model: 'gpt' });
  });
});

test('sources are told once, as citations of the text, though every chunk repeats them', () => {
  const citations = ['https://a.example', 'https://b.example'];
  const events = readText(
    frames(
      { citations, choices: [{ delta: { content: 'a' } }] },
      { citations, choices: [{ delta: { content: 'b' } }] },
    ) + DONE,
  );
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type === 'citation')).toHaveLength(2);
  expect(types.lastIndexOf('citation')).toBeLessThan(types.indexOf('text-end'));
});

test('sound comes in pieces and is told whole, images as they are', () => {
  const pieces = ['hello ', 'world'].map((part) => Buffer.from(part).toString('base64'));
  const events = read(
    { audio: { id: 'audio_1', transcript: 'hel' } },
    { audio: { data: pieces[0]!, transcript: 'lo' } },
    { audio: { data: pieces[1]!, expires_at: 9 } },
    { images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
  );
  expect(events.filter(({ type }) => type === 'media')).toEqual([
    { type: 'media', choice: 0, block: 0, kind: 'image', data: 'AAAA', mediaType: 'image/png' },
    {
      ...{ type: 'media', choice: 0, block: 1, kind: 'audio', id: 'audio_1', transcript: 'hello', expiresAtSeconds: 9 },
      data: Buffer.from('hello world').toString('base64'),
    },
  ]);
});

test('log probabilities are passed on in their own words', () => {
  const content = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }];
  const events = readText(
    frames({ choices: [{ delta: { content: 'a' }, logprobs: { content, refusal: null } }] }) + DONE,
  );
  expect(events.find(({ type }) => type === 'logprobs')).toEqual({ type: 'logprobs', choice: 0, content });
});
