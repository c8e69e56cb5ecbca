import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type DialectName,
  dialects,
  isObject,
  type JsonObject,
  type ModelEvent,
  type ModelRequest,
} from '../src/index.ts';
import { meaningOf } from './conversations.ts';
import { contextFor, saidBy, streamOf } from './replies.ts';

interface Exchange {
  id: string;
  provider: string;
  api: string;
  url: string;
  status: number;
  stream: boolean;
  model: string | null;
  request: JsonObject | null;
  headers: Record<string, string>;
  body?: string;
}

/** What a piece of an answer says, told by hand. */
interface Piece {
  text?: unknown;
  reasoning?: unknown;
  /** Of a call, where it is not the last one that goes on: its name begins it. */
  calls?: { name?: unknown; json?: unknown }[];
  output?: unknown;
}

interface Kind {
  dialect: DialectName;
  isOne(exchange: Exchange): boolean;
  /** How many recordings there are: streams, documents, errors. */
  counts: [streams: number, documents: number, errors: number];
  pieces(body: JsonObject): Piece[];
}

const KINDS: Kind[] = [
  {
    dialect: 'cohere-chat',
    isOne: ({ api, provider, url }) => api === 'cohere_chat' && provider === 'cohere' && url.endsWith('/v2/chat'),
    counts: [7, 19, 2],
    pieces: cohere,
  },
  { dialect: 'ollama-chat', isOne: ({ api }) => /^ollama_/.test(api), counts: [8, 6, 0], pieces: ollama },
  { dialect: 'dashscope', isOne: ({ api }) => api === 'dashscope_native', counts: [9, 7, 4], pieces: dashscope },
];

function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce((one, key) => (one as Record<string | number, unknown> | null | undefined)?.[key], value);
}

function listAt(value: unknown, ...keys: (string | number)[]): unknown[] {
  const list = at(value, ...keys);
  return Array.isArray(list) ? list : isObject(list) ? [list] : [];
}

function cohere(body: JsonObject): Piece[] {
  const message = at(body, 'delta', 'message') ?? body['message'];
  const usage = at(body, 'delta', 'usage') ?? body['usage'];
  return [
    ...listAt(message, 'content').map((part) => ({ text: at(part, 'text'), reasoning: at(part, 'thinking') })),
    { text: at(message, 'tool_plan'), output: at(usage, 'billed_units', 'output_tokens') },
    { calls: callsIn(listAt(message, 'tool_calls')) },
  ];
}

function ollama({ message, response, eval_count: output }: JsonObject): Piece[] {
  const calls = listAt(message, 'tool_calls').map((call) => ({
    name: at(call, 'function', 'name'),
    json: JSON.stringify(at(call, 'function', 'arguments')),
  }));
  return [{ text: response ?? at(message, 'content'), reasoning: at(message, 'thinking'), calls, output }];
}

function dashscope({ output, usage }: JsonObject): Piece[] {
  const message = at(output, 'choices', 0, 'message');
  const content = at(message, 'content');
  const texts = Array.isArray(content) ? content.map((part) => ({ text: at(part, 'text') })) : [{ text: content }];
  const calls = callsIn(listAt(message, 'tool_calls'));
  return [{ reasoning: at(message, 'reasoning_content') }, ...texts, { calls, output: at(usage, 'output_tokens') }];
}

function callsIn(calls: unknown[]): NonNullable<Piece['calls']> {
  return calls.map((call) => ({ name: at(call, 'function', 'name'), json: at(call, 'function', 'arguments') }));
}

function heardInBytes({ pieces }: Kind, exchange: Exchange) {
  const heard = { text: '', reasoning: '', calls: [] as { name: unknown; json: string }[], output: 0 };
  for (const piece of bodiesOf(exchange).flatMap(pieces)) {
    if (typeof piece.text === 'string') heard.text += piece.text;
    if (typeof piece.reasoning === 'string') heard.reasoning += piece.reasoning;
    if (typeof piece.output === 'number') heard.output = piece.output;
    for (const { name, json = '' } of piece.calls ?? []) {
      if (name) heard.calls.push({ name, json: String(json) });
      else heard.calls.at(-1)!.json += String(json);
    }
  }
  return { ...heard, calls: heard.calls.map(({ name, json }) => [name, JSON.parse(json || '{}')]) };
}

function bodiesOf(exchange: Exchange): JsonObject[] {
  const { body = '' } = exchange;
  if (!streams(exchange)) return [JSON.parse(body) as JsonObject];
  const lines = body.split('\n').map((line) => line.replace(/^data: ?/, ''));
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as JsonObject);
}

function heardInEvents(events: ModelEvent[]) {
  const { text, reasoning, calls, usage } = saidBy(events);
  return { text, reasoning, calls: calls.map((one) => [one.name, one.arguments]), output: usage.outputTokens };
}

function asks(request: ModelRequest) {
  const { stream, model, seed, extras, reasoning, logprobs } = request;
  return { ...meaningOf(request, () => true), stream, model, seed, extras, reasoning, logprobs };
}

/** Some recordings of lines call them plain JSON. */
function streams({ stream, body = '' }: Exchange): boolean {
  return stream || body.includes('}\n{');
}

function read(dialect: DialectName, bytes: Uint8Array, cuts: number[] = []): ModelEvent[] {
  const reader = dialects[dialect].createReader();
  const events: ModelEvent[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    events.push(...reader.push(bytes.subarray(from, cut)));
    from = cut;
  }
  return [...events, ...reader.finish()];
}

/** Every block begins once, ends once, and says nothing outside of that. */
function checkOrder(events: ModelEvent[]): void {
  const open = new Set<number>();
  let next = 0;
  for (const event of events) {
    if (!('block' in event)) continue;
    if (event.type.endsWith('-start')) {
      expect(event.block).toBe(next++);
      open.add(event.block);
    } else if (event.type.endsWith('-end')) expect(open.delete(event.block)).toBe(true);
    else expect(open.has(event.block)).toBe(true);
  }
  expect(open.size).toBe(0);
  expect(events[0]?.type).toBe('start');
  expect(events.slice(-2).map(({ type }) => type)).toEqual(['finish', 'end']);
}

const path = resolve(process.env['XIDAO_CORPUS'] ?? '../shared/corpus', 'exchanges.jsonl.gz');
const exchanges = readExchanges();

function readExchanges(): Exchange[] {
  if (!existsSync(path)) {
    console.log(`No corpus at ${path}: the recorded exchanges are not tested.`);
    return [];
  }
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  const near = lines.filter((line) => /cohere_chat|ollama_|dashscope_native/.test(line));
  return near.map((line) => JSON.parse(line) as Exchange);
}

describe.skipIf(exchanges.length === 0).each(KINDS)('recorded exchanges of $dialect', (kind) => {
  const { dialect } = kind;
  const mine = exchanges.filter(kind.isOne);
  const errors = mine.filter(({ status }) => status >= 400);
  const answers = mine.filter(({ status }) => status < 400);
  const streamed = answers.filter(streams).map((one): [string, Exchange] => [one.id, one]);
  const whole = answers.filter((one) => !streams(one)).map((one): [string, Exchange] => [one.id, one]);

  test('there are streams, documents and errors among them', () => {
    expect([streamed.length, whole.length, errors.length]).toEqual(kind.counts);
  });

  test.each(streamed)('stream %s says what its bytes say, however it is cut', (_, exchange) => {
    const bytes = Buffer.from(exchange.body ?? '');
    const events = read(dialect, bytes);
    checkOrder(events);
    expect(heardInEvents(events)).toEqual(heardInBytes(kind, exchange));
    expect(read(dialect, bytes, [...bytes.keys()].slice(1))).toEqual(events);
    const step = Math.max(1, Math.floor(bytes.length / 100));
    for (let cut = 1; cut < bytes.length; cut += step) expect(read(dialect, bytes, [cut])).toEqual(events);
  });

  test.each(streamed)('stream %s never ends well when its last event is missing', (_, exchange) => {
    const { body = '' } = exchange;
    const last = Math.max(
      ...['"message-end"', '"done":true', '"finish_reason":"stop"', '"finish_reason":"tool_calls"'].map((mark) =>
        body.lastIndexOf(mark),
      ),
    );
    const events = read(dialect, Buffer.from(body.slice(0, body.lastIndexOf('\n', last))));
    expect(events.length).toBeGreaterThan(1);
    expect(events.some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
  });

  test.each(streamed)('stream %s says the same, written and read again', (_, exchange) => {
    const events = read(dialect, Buffer.from(exchange.body ?? ''));
    const again = read(dialect, streamOf(dialect, events));
    checkOrder(again);
    expect(heardInEvents(again)).toEqual(heardInEvents(events));
  });

  test.each(whole)('document %s says what its bytes say, and the same when it is written again', (_, exchange) => {
    const events = dialects[dialect].readDocument(JSON.parse(exchange.body ?? '') as JsonObject);
    checkOrder(events);
    expect(heardInEvents(events)).toEqual(heardInBytes(kind, exchange));
    const written = dialects[dialect].writeDocument(events, contextFor(dialect));
    expect(heardInEvents(dialects[dialect].readDocument(written))).toEqual(heardInEvents(events));
  });

  const requests = mine.filter(({ api, request }) => request !== null && api !== 'ollama_generate');
  test.each(requests.map((one): [string, Exchange] => [one.id, one]))(
    'request %s asks the same, read and written',
    (_, { request, model }) => {
      const asked = dialects[dialect].readRequest(request!);
      const { body, receipt } = dialects[dialect].writeRequest(asked, { model: model ?? 'm' });
      expect(receipt.dropped).toEqual([]);
      const again = dialects[dialect].readRequest(JSON.parse(JSON.stringify(body)) as JsonObject);
      expect(asks(again)).toEqual(asks(asked));
    },
  );

  test('errors are read for what they are', () => {
    for (const { status, body = '', headers } of errors) {
      const error = dialects[dialect].readError(status, body, headers);
      expect(error.kind).toBe(status === 401 ? 'authentication' : 'context-overflow');
      expect(error.requestId).toBeTypeOf('string');
    }
  });
});
