import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createFrameReader } from './event-stream.ts';
import { bedrock as dialect } from './index.ts';

interface Exchange {
  id: string;
  api: string;
  status: number;
  model: string;
  request?: JsonObject;
  headers: Record<string, string>;
  body?: string;
  body_b64?: string;
}

const path = resolve(process.env['XIDAO_CORPUS'] ?? '../shared/corpus', 'exchanges.jsonl.gz');
const exchanges = readExchanges();
const streams = exchanges.filter(({ api }) => api === 'converse_stream');
const documents = exchanges.filter(({ api, status }) => api === 'converse' && status < 400);
const context: ReplyContext = { model: 'm', id: 'id_0', nowSeconds: 0, wantsUsage: true };

function readExchanges(): Exchange[] {
  if (!existsSync(path)) {
    console.log(`No corpus at ${path}: the recorded exchanges are not tested.`);
    return [];
  }
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  return lines
    .filter((line) => line.includes('"converse'))
    .map((line) => JSON.parse(line) as Exchange)
    .filter(({ api }) => api === 'converse' || api === 'converse_stream');
}

const bytesOf = ({ body_b64: body }: Exchange) => Buffer.from(body ?? '', 'base64');

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

/** What the frames say, told by hand: the text, the reasoning and the calls. */
function saidInFrames(bytes: Uint8Array) {
  const said = { text: '', reasoning: '', input: '', stopReason: '' };
  for (const { payload } of createFrameReader().push(bytes)) {
    const { delta, stopReason } = JSON.parse(Buffer.from(payload).toString()) as JsonObject;
    if (typeof stopReason === 'string') said.stopReason = stopReason;
    if (!isObject(delta)) continue;
    if (typeof delta['text'] === 'string') said.text += delta['text'];
    if (isObject(delta['reasoningContent'])) said.reasoning += String(delta['reasoningContent']['text'] ?? '');
    if (isObject(delta['toolUse'])) said.input += String(delta['toolUse']['input']);
  }
  return said;
}

function saidInEvents(events: ModelEvent[]) {
  const said = { text: '', reasoning: '', input: '', stopReason: '' };
  for (const event of events) {
    if (event.type === 'text-delta') said.text += event.text;
    if (event.type === 'reasoning-delta') said.reasoning += event.text;
    if (event.type === 'tool-call-delta') said.input += event.arguments;
    if (event.type === 'finish') said.stopReason = event.raw ?? '';
  }
  return said;
}

function* endsOfFrames(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; ) {
    at += bytes.readUInt32BE(at);
    yield at;
  }
}

/** Every block begins once, ends once, and says nothing outside of that. */
function checkOrder(events: ModelEvent[]): void {
  const open = new Set<number>();
  let next = 0;
  for (const event of events) {
    if (!('block' in event)) continue;
    if (event.type === 'opaque' || event.type === 'media') expect(event.block).toBe(next++);
    else if (event.type.endsWith('-start')) {
      expect(event.block).toBe(next++);
      open.add(event.block);
    } else if (event.type.endsWith('-end')) expect(open.delete(event.block)).toBe(true);
    else expect(open.has(event.block)).toBe(true);
  }
  expect(open.size).toBe(0);
  expect(events[0]?.type).toBe('start');
  expect(events.at(-1)?.type).toBe('end');
  expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
}

describe.skipIf(exchanges.length === 0)('recorded exchanges', () => {
  test('there are streams, documents and errors among them', () => {
    expect([streams.length, documents.length, exchanges.length]).toEqual([9, 15, 26]);
  });

  test.each(streams.map((exchange) => [exchange.id, exchange] as const))(
    'stream %s reads the same however it is cut',
    (_id, exchange) => {
      const bytes = bytesOf(exchange);
      const whole = readStream(bytes);
      checkOrder(whole);
      expect(saidInEvents(whole)).toEqual(saidInFrames(bytes));
      expect(readStream(bytes, [...bytes.keys()].slice(1))).toEqual(whole);
      const step = Math.max(1, Math.floor(bytes.length / 400));
      for (let cut = 1; cut < bytes.length; cut += step) expect(readStream(bytes, [cut])).toEqual(whole);
    },
  );

  test.each(streams.map((exchange) => [exchange.id, exchange] as const))(
    'stream %s never ends well when it is cut short',
    (_id, exchange) => {
      const bytes = bytesOf(exchange);
      const ends = [...endsOfFrames(bytes)];
      // The frame of the counts is the last; the one before it says that the message has stopped.
      const [stopped = 0] = ends.slice(-2);
      for (const end of ends.slice(0, -2)) {
        for (const cut of [end - 1, end, end + 1]) {
          const events = readStream(bytes.subarray(0, cut));
          expect(events.some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
        }
      }
      expect(readStream(bytes.subarray(0, stopped - 1)).some(({ type }) => type === 'finish')).toBe(false);
      expect(readStream(bytes.subarray(0, stopped)).slice(-2)).toMatchObject([{ type: 'finish' }, { type: 'end' }]);
      expect(readStream(bytes.subarray(0, stopped + 1)).at(-1)?.type).toBe('finish');
    },
  );

  test.each(streams.map((exchange) => [exchange.id, exchange] as const))(
    'stream %s means the same, written and read again',
    (_id, exchange) => {
      const events = readStream(bytesOf(exchange));
      const writer = dialect.createWriter(context);
      const frames = events.map((event) => writer.write(event)).join('') + writer.finish();
      expect(readStream(Buffer.from(frames, 'latin1'))).toEqual(events);
      const document = dialect.readDocument(dialect.writeDocument(events, context));
      checkOrder(document);
      expect(saidInEvents(document)).toEqual(saidInEvents(events));
    },
  );

  test.each(documents.map(({ id, body }) => [id, body ?? '']))('document %s comes back as it was', (_id, body) => {
    const document = JSON.parse(body) as JsonObject;
    const events = dialect.readDocument(document);
    checkOrder(events);
    const written = dialect.writeDocument(events, context);
    expect(withoutEmpties(written)).toEqual(withoutEmpties(document));
    const writer = dialect.createWriter(context);
    const frames = events.map((event) => writer.write(event)).join('') + writer.finish();
    const streamed = readStream(Buffer.from(frames, 'latin1'));
    expect(withoutEmpties(dialect.writeDocument(streamed, context))).toEqual(withoutEmpties(document));
  });

  test('counts of every document add up to its total', () => {
    for (const { body } of documents) {
      const { usage } = JSON.parse(body ?? '') as { usage: JsonObject };
      const read = dialect.readUsage(usage);
      expect((read?.inputTokens ?? 0) + (read?.outputTokens ?? 0)).toBe(usage['totalTokens']);
    }
  });

  test('requests come back as they went in', () => {
    const requests = exchanges.filter(({ request }) => isObject(request));
    expect(requests.length).toBeGreaterThan(20);
    for (const { request, model } of requests) {
      const body = request as JsonObject;
      const { body: written, receipt } = dialect.writeRequest(dialect.readRequest(body), { model });
      expect(parsedSchemas(written)).toEqual(parsedSchemas(body));
      expect(Object.keys(written)).toEqual(Object.keys(body));
      expect(receipt).toEqual({ dropped: [], changed: [] });
    }
  });

  test('errors are read for what they are', () => {
    const errors = exchanges.filter(({ status }) => status >= 400);
    const read = errors.map(({ status, body, headers }) => dialect.readError(status, body ?? '', headers));
    expect(read.map(({ kind, status }) => [kind, status]).toSorted()).toEqual([
      ['authentication', 403],
      ['context-overflow', 400],
    ]);
    expect(read.every(({ requestId }) => requestId !== undefined)).toBe(true);
  });
});

/** Second names of the same counts, and groups without a word in them. */
function withoutEmpties(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmpties);
  if (!isObject(value)) return value;
  const { cacheReadInputTokenCount: _read, cacheWriteInputTokenCount: _write, cacheDetails: _details, ...rest } = value;
  const kept = Object.entries(rest).filter(([key, entry]) => key !== 'serverToolUsage' && entry !== undefined);
  return Object.fromEntries(kept.map(([key, entry]) => [key, withoutEmpties(entry ?? null)]));
}

/** A schema stands as JSON text, whose spaces mean nothing. */
function parsedSchemas(value: Json): Json {
  if (Array.isArray(value)) return value.map(parsedSchemas);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, entry]): [string, Json] => {
    if (key === 'schema' && typeof entry === 'string') return [key, JSON.parse(entry) as Json];
    return [key, parsedSchemas(entry ?? null)];
  });
  return Object.fromEntries(entries);
}
