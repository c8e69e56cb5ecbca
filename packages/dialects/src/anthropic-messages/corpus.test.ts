import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

interface Exchange {
  id: string;
  api: string;
  stream: boolean;
  status: number;
  request?: JsonObject;
  body?: string;
}

const path = resolve(process.env['XIDAO_CORPUS'] ?? '../shared/corpus', 'exchanges.jsonl.gz');
const exchanges = readExchanges();
const answers = exchanges.filter(({ status, body }) => status < 400 && typeof body === 'string');
/** A message that begins anew within its own stream: read as broken off. */
const BEGUN_ANEW = '210596552467ae39';
const streams = answers.filter(({ id, stream }) => stream && id !== BEGUN_ANEW);
const documents = answers.filter(({ stream }) => !stream);
const context: ReplyContext = { model: 'm', id: 'msg_0', nowSeconds: 0, wantsUsage: true };

function readExchanges(): Exchange[] {
  if (!existsSync(path)) {
    console.log(`No corpus at ${path}: the recorded exchanges are not tested.`);
    return [];
  }
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  return lines
    .filter((line) => line.includes('"messages"'))
    .map((line) => JSON.parse(line) as Exchange)
    .filter(({ api }) => api === 'messages');
}

function readStream(bytes: Uint8Array, cuts: number[] = []): ModelEvent[] {
  const reader = dialect.createReader();
  const events: ModelEvent[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    events.push(...reader.push(bytes.subarray(from, cut)));
    from = cut;
  }
  return [...events, ...reader.finish()];
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The events with pieces of one block put together, as their cutting means nothing. */
function meaningOf(events: ModelEvent[]): ModelEvent[] {
  const whole: ModelEvent[] = [];
  const blocks = new Map<number, number>();
  for (const event of events) {
    if (event.type === 'usage') continue;
    if (event.type === 'start') {
      whole.push({ type: 'start', ...(event.id === undefined ? {} : { id: event.id }) });
      continue;
    }
    const copy = { ...event } as ModelEvent;
    if ('block' in copy) {
      if (!blocks.has(copy.block)) blocks.set(copy.block, blocks.size);
      copy.block = blocks.get(copy.block) ?? 0;
    }
    const last = whole.at(-1);
    if (copy.type === 'tool-call-delta' && last?.type === 'tool-call-delta') last.arguments += copy.arguments;
    else if (copy.type === 'text-delta' && last?.type === 'text-delta') last.text += copy.text;
    else if (copy.type === 'reasoning-delta' && last?.type === 'reasoning-delta') last.text += copy.text;
    else whole.push(copy);
  }
  // In a stream citations come between the pieces of a text, in a document beside it.
  const citations = whole.filter(({ type }) => type === 'citation');
  const rest = whole.filter(({ type }) => type !== 'citation').map(normalisedArguments);
  return [...joinText(rest), ...citations];
}

function joinText(events: ModelEvent[]): ModelEvent[] {
  const joined: ModelEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === 'text-delta' && last?.type === 'text-delta') last.text += event.text;
    else joined.push(event);
  }
  return joined;
}

function normalisedArguments(event: ModelEvent): ModelEvent {
  if (event.type !== 'tool-call-delta') return event;
  return { ...event, arguments: JSON.stringify(JSON.parse(event.arguments)) };
}

const lastUsage = (events: ModelEvent[]) => events.findLast((event) => event.type === 'usage')?.usage;

describe.skipIf(exchanges.length === 0)('recorded exchanges', () => {
  test('there are streams, documents and errors among them', () => {
    expect(streams.length).toBeGreaterThan(20);
    expect(documents.length).toBeGreaterThan(15);
  });

  test.each(streams.map(({ id, body }) => [id, body ?? '']))(
    'stream %s reads the same however it is cut',
    (_id, body) => {
      const bytes = bytesOf(body);
      const whole = readStream(bytes);
      expect(whole[0]?.type).toBe('start');
      expect(whole.at(-1)?.type).toBe('end');
      const step = Math.max(1, Math.floor(bytes.length / 60));
      for (let cut = 1; cut < bytes.length; cut += step) expect(readStream(bytes, [cut])).toEqual(whole);
      expect(readStream(bytes, [...bytes.keys()].slice(1))).toEqual(whole);
      expect(readStream(bytesOf(body.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')))).toEqual(whole);
      expect(readStream(bytesOf(body.replaceAll(/^event:.*\r?\n/gm, '').trimEnd()))).toEqual(whole);
    },
  );

  test.each(streams.map(({ id, body }) => [id, body ?? '']))(
    'stream %s means the same, written and read again',
    (_id, body) => {
      const events = readStream(bytesOf(body));
      const writer = dialect.createWriter(context);
      const text = events.map((event) => writer.write(event)).join('') + writer.finish();
      const again = readStream(bytesOf(text));
      expect(meaningOf(again)).toEqual(meaningOf(withoutEmptyTexts(events)));
      expect(lastUsage(again)).toEqual(withCacheCounts(lastUsage(events)));
      const whole = dialect.readDocument(dialect.writeDocument(events, context));
      expect(meaningOf(whole)).toEqual(meaningOf(withoutEmptyTexts(events)));
    },
  );

  test.each(documents.map(({ id, body }) => [id, body ?? '']))(
    'document %s means the same, written and read again',
    (_id, body) => {
      const document = JSON.parse(body) as JsonObject;
      const events = dialect.readDocument(document);
      const written = dialect.writeDocument(events, context);
      expect(withoutNulls(written['content'] ?? null)).toEqual(
        withoutNulls(withoutEmptyBlocks(document['content'] ?? null)),
      );
      expect(written['stop_reason']).toEqual(document['stop_reason']);
      expect(written['stop_details'] ?? null).toEqual(document['stop_details'] ?? null);
      const writer = dialect.createWriter(context);
      const streamed = events.map((event) => writer.write(event)).join('') + writer.finish();
      expect(meaningOf(readStream(bytesOf(streamed)))).toEqual(meaningOf(withoutEmptyTexts(events)));
      expect(lastUsage(dialect.readDocument(written))).toEqual(withCacheCounts(lastUsage(events)));
    },
  );

  test('requests come back as they went in, but for lone texts and nulls', () => {
    const requests = exchanges.flatMap(({ request }) => (isObject(request) ? [request] : []));
    expect(requests.length).toBeGreaterThan(40);
    for (const body of requests) {
      const { body: written, receipt } = dialect.writeRequest(dialect.readRequest(body), {
        model: String(body['model']),
      });
      expect(normalised(written)).toEqual(normalised(body));
      expect(Object.keys(written)).toEqual(Object.keys(body).filter((key) => body[key] !== null));
      expect(receipt).toEqual({ dropped: [], changed: [] });
    }
  });

  test('a stream that begins its message anew is broken off with an error, and never ends well', () => {
    const body = answers.find(({ id }) => id === BEGUN_ANEW)?.body ?? '';
    const events = readStream(bytesOf(body));
    expect(events.at(-1)?.type).toBe('error');
  });

  test('errors are read for what they are', () => {
    const errors = exchanges.filter(({ status }) => status >= 400);
    const kinds = errors.map(({ status, body }) => dialect.readError(status, String(body), {}).kind);
    expect(new Set(kinds)).toEqual(new Set(['authentication', 'context-overflow']));
  });
});

/** A text without a character is not told: sent back, the API would refuse it. */
function withoutEmptyTexts(events: ModelEvent[]): ModelEvent[] {
  const told = new Set(
    events.flatMap((event) => (event.type === 'text-delta' || event.type === 'citation' ? [event.block] : [])),
  );
  return events.filter((event) => !(event.type === 'text-start' || event.type === 'text-end') || told.has(event.block));
}

/** Cache counts are always written, as zero where nothing was said. */
function withCacheCounts(usage: object | undefined) {
  return usage === undefined ? undefined : { cachedInputTokens: 0, cacheWriteTokens: 0, ...usage };
}

function withoutEmptyBlocks(content: Json): Json {
  if (!Array.isArray(content)) return content;
  return content.filter((block) => !(isObject(block) && block['type'] === 'text' && block['text'] === ''));
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, entry]) => !(key === 'citations' && (entry === null || (Array.isArray(entry) && entry.length === 0))),
  );
  return Object.fromEntries(kept.map(([key, entry]) => [key, withoutNulls(entry ?? null)]));
}

/** A lone text block and a text are one thing; null is what is absent. */
function normalised(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(normalised);
  if (!isObject(value)) return value ?? null;
  const entries = Object.entries(value).flatMap(([key, entry]): [string, Json][] => {
    if (entry === null || entry === undefined) return [];
    if ((key === 'content' || key === 'system') && typeof entry === 'string')
      return [[key, [{ type: 'text', text: entry }]]];
    return [[key, normalised(entry)]];
  });
  return Object.fromEntries(entries);
}
