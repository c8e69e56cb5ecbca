import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { collectResponse, openaiResponses as dialect } from './index.ts';

interface Exchange {
  id: string;
  provider: string;
  api: string;
  status: number;
  stream: boolean;
  request?: JsonObject;
  body: string;
}

const folder = process.env['XIDAO_CORPUS'] ?? '../shared/corpus';
const file = join(folder, 'exchanges.jsonl.gz');
const isThere = existsSync(file);
if (!isThere) console.log(`skipped: no corpus at ${file}`);
const exchanges = isThere ? readExchanges() : [];
const answered = exchanges.filter((exchange) => exchange.status === 200);
const streams = answered.filter((exchange) => exchange.stream);
const documents = answered.filter((exchange) => !exchange.stream);
const context: ReplyContext = { model: 'asked', id: 'resp_test', nowSeconds: 1_700_000_000, wantsUsage: true };

function readExchanges(): Exchange[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const wanted = lines.filter((line) => line.includes('"api": "responses"') || line.includes('"api":"responses"'));
  return wanted.map((line) => JSON.parse(line) as Exchange);
}

function readStream(text: string): ModelEvent[] {
  const reader = dialect.createReader();
  return [...reader.push(Buffer.from(text, 'utf8')), ...reader.finish()];
}

function readAll(pieces: Uint8Array[]): ModelEvent[] {
  const reader = dialect.createReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()];
}

function readPieces(bytes: Uint8Array, length: number): ModelEvent[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += length) pieces.push(bytes.subarray(start, start + length));
  return readAll(pieces);
}

function readReply(exchange: Exchange): ModelEvent[] {
  return exchange.stream ? readStream(exchange.body) : dialect.readDocument(JSON.parse(exchange.body) as JsonObject);
}

function writeStream(events: ModelEvent[], own: ReplyContext = context): string {
  const writer = dialect.createWriter(own);
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

/** What a reply says, however it is cut into events. */
function meaningOf(events: ModelEvent[]) {
  const texts = new Map<number, string>();
  const meaning = {
    citations: [] as Json[],
    logprobs: [] as Json[],
    whole: [] as Json[],
    secrets: [] as unknown[],
    usage: {} as object,
    finish: [] as string[],
    error: undefined as string | undefined,
    isEnded: false,
  };
  for (const event of events) {
    if (event.type.endsWith('-start') && 'block' in event) {
      const name = event.type === 'tool-call-start' ? `${event.id} ${event.name} ${event.custom === true}` : '';
      texts.set(event.block, `${event.type} ${name}: `);
    }
    if (event.type === 'text-delta' || event.type === 'refusal-delta' || event.type === 'reasoning-delta') {
      texts.set(event.block, texts.get(event.block) + event.text);
    }
    if (event.type === 'tool-call-delta') texts.set(event.block, texts.get(event.block) + event.arguments);
    if (event.type === 'reasoning-end') meaning.secrets.push([event.encrypted, event.signature, event.boundTo]);
    if (event.type === 'citation') meaning.citations.push(event.citation.value);
    if (event.type === 'logprobs') meaning.logprobs.push(...event.content);
    if (event.type === 'opaque') meaning.whole.push(event.value);
    if (event.type === 'media') meaning.whole.push([event.data ?? null, event.mediaType ?? null]);
    if (event.type === 'usage') meaning.usage = { ...meaning.usage, ...event.usage };
    if (event.type === 'finish') meaning.finish.push(event.reason);
    if (event.type === 'error') meaning.error = `${event.error.kind}: ${event.error.message}`;
    if (event.type === 'end') meaning.isEnded = true;
  }
  return { ...meaning, texts: [...texts.values()] };
}

function sizesOf(events: ModelEvent[]): number {
  return events.filter((event) => event.type.endsWith('-end')).length;
}

describe.runIf(isThere)('recorded replies', () => {
  test('every stream and document is read with its text, calls, usage and end', () => {
    for (const exchange of answered) {
      const meaning = meaningOf(readReply(exchange));
      const isError = exchange.body.includes('response.failed');
      expect(meaning.isEnded, exchange.id).toBe(!isError);
      if (isError) expect(meaning.error, exchange.id).toBeTruthy();
      else expect(meaning.finish, exchange.id).toHaveLength(1);
    }
  });

  test('what is told agrees with the output that the provider repeats at the end', () => {
    let compared = 0;
    for (const exchange of streams) {
      const response = finalResponse(exchange.body);
      if (!response || !Array.isArray(response['output']) || response['output'].length === 0) continue;
      const streamed = meaningOf(readStream(exchange.body));
      const whole = meaningOf(dialect.readDocument(response));
      // Secrets differ: the first telling of `encrypted_content` and the last are encrypted anew.
      expect({ ...streamed, secrets: 0 }, exchange.id).toEqual({ ...whole, secrets: 0 });
      compared++;
    }
    expect(compared).toBeGreaterThan(40);
  });

  test('a stream gives the same events cut in two anywhere and cut at every byte', () => {
    const short = streams.filter((exchange) => exchange.body.length < 9000);
    expect(short.length).toBeGreaterThan(8);
    for (const [index, { id, body }] of short.entries()) {
      const bytes = Buffer.from(body, 'utf8');
      const expected = JSON.stringify(readStream(body));
      expect(JSON.stringify(readPieces(bytes, 1)), id).toBe(expected);
      // Every place to cut, spread over the recordings: each takes its turn.
      for (let cut = 1 + index; cut < bytes.length; cut += 10 * short.length) {
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(JSON.stringify(readAll(pieces)), `${id} cut at ${cut}`).toBe(expected);
      }
    }
  });

  test('every stream is the same with CRLF, without the last blank line and with comments between', () => {
    for (const { id, body } of streams) {
      const expected = readStream(body);
      const plain = body.replaceAll('\r\n', '\n');
      expect(readStream(plain.replaceAll('\n', '\r\n')), id).toEqual(expected);
      expect(readStream(plain.trimEnd()), id).toEqual(expected);
      expect(readStream(`\uFEFF: hello\n\n${plain.replaceAll('\n\n', '\n\n: keep-alive\n\n')}`), id).toEqual(expected);
    }
  });

  test('written again as a stream and as a document, every reply means what it meant', () => {
    const own: ReplyContext = { ...context, request: encryptedRequest() };
    for (const exchange of answered) {
      const events = readReply(exchange);
      const expected = meaningOf(events);
      expect(meaningOf(readStream(writeStream(events, own))), exchange.id).toEqual(expected);
      expect(meaningOf(dialect.readDocument(dialect.writeDocument(events, own))), exchange.id).toEqual(expected);
    }
  });

  test('every tool call that is begun is ended', () => {
    for (const exchange of answered) {
      const events = readReply(exchange);
      if (events.at(-1)?.type !== 'end') continue;
      const starts = events.filter((event) => event.type.endsWith('-start')).length;
      expect(sizesOf(events), exchange.id).toBe(starts);
    }
  });
});

function encryptedRequest() {
  return dialect.readRequest({ model: 'm', input: 'Hi', include: ['reasoning.encrypted_content'] });
}

function finalResponse(body: string): JsonObject | undefined {
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  const frames = lines.flatMap((line) => {
    const frame: unknown = line.includes('[DONE]') ? undefined : JSON.parse(line.slice(5));
    return isObject(frame) ? [frame] : [];
  });
  // One recording holds several streams in a row; only the first is the answer.
  const last = frames.find(({ type }) => type === 'response.completed' || type === 'response.incomplete')?.['response'];
  return isObject(last) ? last : undefined;
}

describe.runIf(isThere)('recorded requests', () => {
  test('every request comes back meaning the same', () => {
    const requests = exchanges.flatMap(({ id, request }) => (request ? [{ id, request }] : []));
    expect(requests.length).toBeGreaterThan(90);
    for (const { id, request } of requests) {
      const read = dialect.readRequest(request);
      const { body, receipt } = dialect.writeRequest(read, { model: read.model });
      expect(normalised(body), id).toEqual(normalised(request));
      expect(receipt, id).toEqual({ dropped: [], changed: [] });
      expect(read.unread, id).toEqual([]);
    }
  });
});

/** The listed normalisations: ways of saying the same that are not kept apart. */
function normalised(request: JsonObject): JsonObject {
  const body = withoutNulls(request) as JsonObject;
  const input = body['input'];
  return withoutEmpty({
    ...body,
    // An absent `stream` is false.
    stream: body['stream'] ?? false,
    // A string of input is one user message.
    input: (typeof input === 'string' ? [{ role: 'user', content: input }] : (input as JsonObject[])).map(
      normalisedItem,
    ),
  });
}

function normalisedItem(item: JsonObject): JsonObject {
  // A message may leave its type out, and a lone text may be a string.
  const { type: _type, ...message } = item;
  if (item['role'] !== undefined) return { ...message, content: normalisedContent(item['content'] as Json) };
  if (item['output'] !== undefined) return { ...item, output: normalisedContent(item['output']) };
  return item;
}

function normalisedContent(content: Json): Json {
  if (!Array.isArray(content)) return content;
  const [only] = content;
  const isPlain =
    content.length === 1 && isObject(only) && Object.keys(withoutEmpty(only)).length === 2 && 'text' in only;
  return isPlain
    ? (only['text'] as string)
    : (content.map((part) => (isObject(part) ? withoutEmpty(part) : part)) as Json);
}

/** Empty `include`, `annotations` and `logprobs` say nothing. */
function withoutEmpty(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([key, value]) => {
    return !(
      ['include', 'annotations', 'logprobs', 'tools'].includes(key) &&
      Array.isArray(value) &&
      value.length === 0
    );
  });
  return Object.fromEntries(kept);
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner as Json)]));
}

describe.runIf(isThere)('the official SDK', () => {
  test('reads every written stream to a final response with the same text and calls', async () => {
    const replies = new Map(streams.map((exchange) => [exchange.id, readStream(exchange.body)]));
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const events = replies.get(String(request.headers['x-recording'])) ?? [];
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        response.end(writeStream(events));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    try {
      for (const [id, events] of replies) {
        const stream = client.responses.stream({ model: 'asked', input: 'Hi' }, { headers: { 'x-recording': id } });
        const meaning = meaningOf(events);
        if (meaning.error !== undefined) {
          await expect(stream.finalResponse(), id).rejects.toThrow();
          continue;
        }
        const final = await stream.finalResponse();
        const calls = final.output.flatMap((item) => (item.type === 'function_call' ? [item.arguments] : []));
        const texts = meaning.texts.filter((text) => text.startsWith('text-start')).map((text) => text.slice(13));
        expect(final.output_text, id).toBe(texts.join(''));
        const told = meaning.texts
          .filter((text) => text.startsWith('tool-call'))
          .map((text) => text.split(': ').slice(1).join(': '));
        expect(calls, id).toEqual(told);
        expect(final, id).toMatchObject(pick(collectResponse(events, context), ['id', 'status', 'model', 'usage']));
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(replies.size).toBe(streams.length);
    expect(documents.length).toBeGreaterThan(50);
  });
});

function pick(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}
