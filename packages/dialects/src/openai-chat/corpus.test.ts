import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { openaiChat } from './index.ts';

interface Exchange {
  id: string;
  provider: string;
  api: string;
  model: string;
  stream: boolean;
  status: number;
  body?: string;
  headers: Record<string, string>;
  request?: JsonObject | null;
}

const folder = process.env['XIDAO_CORPUS'] ?? resolve(import.meta.dirname, '../../../../../shared/corpus');
const file = join(folder, 'exchanges.jsonl.gz');
const hasCorpus = existsSync(file);
if (!hasCorpus) console.log(`openai-chat: no corpus at ${folder}, recorded traffic is not tested`);

function readExchanges(): Exchange[] {
  if (!hasCorpus) return [];
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  return lines
    .filter((line) => line.includes('"api": "chat"') || line.includes('"api":"chat"'))
    .map((line) => JSON.parse(line));
}

const exchanges = readExchanges().filter(({ api }) => api === 'chat');
const replies = exchanges.filter(({ status, body }) => status === 200 && body);
const streams = replies.filter(({ stream }) => stream);
const documents = replies.filter(({ stream }) => !stream);
const context: ReplyContext = { model: 'm', id: 'chatcmpl-1', nowSeconds: 1_700_000_000, wantsUsage: true };
const encode = (text: string) => new TextEncoder().encode(text);

function readStream(pieces: Iterable<Uint8Array>): ModelEvent[] {
  const reader = openaiChat.createReader();
  const events: ModelEvent[] = [];
  for (const piece of pieces) events.push(...reader.push(piece));
  events.push(...reader.finish());
  return events;
}

function writeStream(events: ModelEvent[]): string {
  const writer = openaiChat.createWriter(context);
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

function readReply({ stream, body = '' }: Exchange): ModelEvent[] {
  return stream ? readStream([encode(body)]) : openaiChat.readDocument(JSON.parse(body));
}

/** What an answer says, however it is cut into events. */
function meaningOf(events: ModelEvent[]) {
  const meaning: Record<string, unknown> = {};
  const add = (key: string, text: string) => {
    meaning[key] = ((meaning[key] as string | undefined) ?? '') + text;
  };
  const calls = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'text-delta') add(`text ${event.choice}`, event.text);
    if (event.type === 'refusal-delta') add(`refusal ${event.choice}`, event.text);
    if (event.type === 'reasoning-delta') add(`reasoning ${event.choice}`, event.text);
    if (event.type === 'reasoning-end') {
      for (const field of ['signature', 'redacted', 'encrypted', 'boundTo'] as const) {
        if (event[field]) add(`reasoning ${field} ${event.choice}`, event[field]);
      }
    }
    if (event.type === 'tool-call-start') {
      const n = calls.size;
      calls.set(`${event.choice} ${event.block}`, n);
      meaning[`call ${event.choice} ${n}`] = `${event.id} ${event.name} `;
    }
    if (event.type === 'tool-call-delta') {
      add(`call ${event.choice} ${calls.get(`${event.choice} ${event.block}`)}`, event.arguments);
    }
    if (event.type === 'citation') add('citations', `${event.citation.url} ${event.citation.start ?? 0};`);
    if (event.type === 'finish') meaning[`finish ${event.choice}`] = event.reason;
    if (event.type === 'usage') meaning['usage'] = event.usage;
    if (event.type === 'error') meaning['error'] = event.error.kind;
  }
  return meaning;
}

describe.skipIf(!hasCorpus)('recorded replies of chat hosts', () => {
  test('there are replies of every host', () => {
    expect(replies.length).toBeGreaterThan(270);
    expect(new Set(replies.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(14);
  });

  test('every choice says something and ends, and every block that begins ends', () => {
    for (const exchange of replies) {
      const events = readReply(exchange);
      if (events.some(({ type }) => type === 'error')) continue;
      const open = new Set<string>();
      for (const event of events) {
        if (!('block' in event)) continue;
        const key = `${event.choice} ${event.block}`;
        if (event.type.endsWith('-start')) expect(open.has(key), exchange.id).toBe(false);
        if (event.type.endsWith('-start')) open.add(key);
        if (event.type.endsWith('-delta')) expect(open.has(key), exchange.id).toBe(true);
        if (event.type.endsWith('-end')) expect(open.delete(key), exchange.id).toBe(true);
      }
      expect([...open], exchange.id).toEqual([]);
      expect(events[0]?.type, exchange.id).toBe('start');
      expect(events.filter(({ type }) => type === 'finish').length, exchange.id).toBeGreaterThan(0);
    }
  });

  test('text, reasoning, calls and usage are what the recording says, word by word', () => {
    for (const exchange of documents) {
      const body = JSON.parse(exchange.body!) as { choices?: { message: JsonObject }[]; usage?: JsonObject };
      const message = body.choices?.[0]?.message;
      if (!message) continue;
      const meaning = meaningOf(readReply(exchange));
      if (typeof message['content'] === 'string') expect(meaning['text 0'] ?? '', exchange.id).toBe(message['content']);
      const reasoning = message['reasoning_content'] ?? message['reasoning'];
      if (typeof reasoning === 'string') expect(meaning['reasoning 0'] ?? '', exchange.id).toBe(reasoning);
      const calls = (message['tool_calls'] ?? []) as unknown as {
        id: string;
        function: { name: string; arguments: string };
      }[];
      for (const [n, call] of calls.entries()) {
        const told = `${call.id} ${call.function.name} ${call.function.arguments || '{}'}`;
        expect(meaning[`call 0 ${n}`], exchange.id).toBe(told);
      }
      expect((meaning['usage'] as { inputTokens: number }).inputTokens, exchange.id).toBe(
        body.usage?.['prompt_tokens'],
      );
    }
  });

  test('a stream says the same wherever it is cut', () => {
    for (const [n, { id, body = '' }] of streams.entries()) {
      const bytes = encode(body);
      const expected = readStream([bytes]);
      const cuts = [1, 5, 6, bytes.length - 1, bytes.length - 2];
      for (let k = 1; k <= 6; k++) cuts.push((n * 7919 + k * 104_729) % bytes.length);
      for (const cut of cuts) {
        const events = readStream([bytes.subarray(0, cut), bytes.subarray(cut)]);
        expect(JSON.stringify(events), `${id} cut at ${cut}`).toBe(JSON.stringify(expected));
      }
    }
  });

  test('a short stream says the same byte by byte, and with other line ends and comments', () => {
    const short = streams.filter(({ body }) => body!.length < 6000).slice(0, 25);
    expect(short.length).toBeGreaterThan(10);
    for (const { id, body = '' } of short) {
      const expected = JSON.stringify(readStream([encode(body)]));
      const bytes = encode(body);
      expect(JSON.stringify(readStream(Array.from(bytes, (byte) => Uint8Array.of(byte)))), id).toBe(expected);
      const crlf = `\uFEFF: hello\r\n\r\n${body.replace(/\r?\n/g, '\r\n').replace(/^data: /gm, 'data:')}`;
      expect(JSON.stringify(readStream([encode(crlf)])), id).toBe(expected);
    }
  });

  test.each(['document', 'stream'] as const)('written as a %s and read again, every reply means the same', (form) => {
    for (const exchange of replies) {
      const events = readReply(exchange);
      const again =
        form === 'stream'
          ? readStream([encode(writeStream(events))])
          : openaiChat.readDocument(openaiChat.writeDocument(events, context));
      const meaning = meaningOf(events);
      expect(meaningOf(again), `${exchange.provider} ${exchange.id}`).toEqual(meaning);
    }
  });

  test('errors tell their kind, status and message', () => {
    const errors = exchanges.filter(({ status }) => status >= 400);
    expect(errors.length).toBeGreaterThan(25);
    for (const { id, status, body = '', headers } of errors) {
      const error = openaiChat.readError(status, body, headers);
      expect(error.status, id).toBe(status);
      expect(error.message, id).not.toMatch(/^\{/);
      if (status === 401) expect(error.kind, id).toBe('authentication');
      if (status === 404) expect(error.kind, id).toBe('not-found');
      if (/context length|too long|too many tokens/.test(body)) expect(error.kind, id).toBe('context-overflow');
    }
  });
});

/** What may differ between a recorded request and the same one read and written; each line a reason. */
function normalise(request: JsonObject): JsonObject {
  const body = dropNulls(request) as JsonObject;
  // Usage is always asked for in a stream, and `stream: false` is the default.
  if (body['stream'] === true)
    body['stream_options'] = { ...(body['stream_options'] as JsonObject), include_usage: true };
  else delete body['stream'];
  for (const message of body['messages'] as JsonObject[]) {
    const { content } = message;
    if (!Array.isArray(content)) continue;
    for (const part of content as JsonObject[]) {
      // Some hosts take the bare address; all take the object.
      if (typeof part['image_url'] === 'string') part['image_url'] = { url: part['image_url'] };
    }
    // A list of one plain text is that text.
    const [only] = content as JsonObject[];
    const isPlain = content.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2;
    if (isPlain) message['content'] = only['text'] as string;
  }
  return body;
}

/** Null means absent, but for `content`. */
function dropNulls(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => dropNulls(item) as Json);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) => inner !== null || key === 'content');
  return Object.fromEntries(kept.map(([key, inner]) => [key, dropNulls(inner)]));
}

describe.skipIf(!hasCorpus)('recorded requests to chat hosts', () => {
  const requests = exchanges.filter(({ request }) => Array.isArray(request?.['messages']));

  test('come back field for field', () => {
    let tested = 0;
    for (const { id, request, status } of requests) {
      if (status >= 400 && (request!['messages'] as Json[]).length === 0) continue;
      const written = openaiChat.writeRequest(openaiChat.readRequest(request!), { model: request!['model'] as string });
      expect(written.body, id).toEqual(normalise(request!));
      expect(written.receipt, id).toEqual({ dropped: [], changed: [] });
      tested++;
    }
    expect(tested).toBeGreaterThan(240);
  });
});
