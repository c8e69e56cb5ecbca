import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { gemini } from './index.ts';
import { toCamelCase } from './spelling.ts';

interface Recorded {
  id: string;
  provider: string;
  api: string;
  status: number;
  request?: JsonObject;
  body: string;
  headers: Record<string, string>;
}

const file = resolve(process.env['XIDAO_CORPUS'] ?? '../shared/corpus', 'exchanges.jsonl.gz');

/** The recordings, or an empty list (with a line on the console) where the corpus is absent. */
function readRecorded(...apis: string[]): Recorded[] {
  if (!existsSync(file)) {
    console.warn(`no corpus at ${file}: recorded exchanges of Gemini are not tested`);
    return [];
  }
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.flatMap((line) => {
    if (!/"provider": ?"(gemini|vertex)"/.test(line.slice(0, 400))) return [];
    const record = JSON.parse(line) as Recorded;
    if (!apis.includes(record.api)) return [];
    return [{ ...record, body: typeof record.body === 'string' ? record.body : JSON.stringify(record.body ?? '') }];
  });
}

const context: ReplyContext = { model: 'm', id: 'resp_1', nowSeconds: 1, wantsUsage: true };
const encode = (text: string) => new TextEncoder().encode(text);

function readStream(...chunks: (string | Uint8Array)[]): ModelEvent[] {
  const reader = gemini.createReader();
  const events = chunks.flatMap((chunk) => reader.push(typeof chunk === 'string' ? encode(chunk) : chunk));
  return [...events, ...reader.finish()];
}

function writeStream(events: ModelEvent[], about = context): string {
  const writer = gemini.createWriter(about);
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

/** What an answer means, whatever way its events are cut. */
function meaningOf(events: ModelEvent[]) {
  const choices: Record<number, { blocks: Record<number, JsonObject>; end: JsonObject }> = {};
  const meaning = { choices, usage: {} as object, ended: false, errors: [] as object[] };
  for (const event of events) {
    if (event.type === 'usage') meaning.usage = { ...meaning.usage, ...event.usage };
    if (event.type === 'end') meaning.ended = true;
    if (event.type === 'error') meaning.errors.push(event.error);
    if (!('choice' in event)) continue;
    const choice = (choices[event.choice] ??= { blocks: {}, end: {} });
    if (event.type === 'finish') choice.end = { reason: event.reason, message: event.message };
    if (event.type === 'logprobs') choice.end['logprobs'] = event.content;
    if (!('block' in event)) continue;
    const block = (choice.blocks[event.block] ??= {});
    if (event.type === 'citation') {
      block['citations'] = [...((block['citations'] as object[]) ?? []), event.citation] as never;
      continue;
    }
    const { type, choice: _, block: __, ...fields } = event as Record<string, unknown> & { type: string };
    if (type.endsWith('-delta')) {
      const key = type === 'tool-call-delta' ? 'arguments' : 'text';
      block[key] = `${block[key] ?? ''}${fields[key]}`;
    } else Object.assign(block, fields, { kind: type.replace(/-(start|end)$/, '') });
  }
  for (const choice of Object.values(choices)) {
    for (const block of Object.values(choice.blocks))
      if (/^gemini_call_/.test(String(block['id']))) block['id'] = 'made';
  }
  return {
    ...meaning,
    choices: Object.fromEntries(
      Object.entries(choices).map(([index, { blocks, end }]) => [index, { blocks: Object.values(blocks), end }]),
    ),
  };
}

describe('recorded answers', () => {
  const streams = readRecorded('gemini_stream').filter((one) => one.status === 200);
  const documents = readRecorded('gemini_generate').filter((one) => one.status === 200);

  test('tell the same events wherever a stream is cut', () => {
    for (const { id, body } of streams) {
      const bytes = encode(body);
      const whole = JSON.stringify(readStream(bytes));
      expect(readStream(bytes).length, id).toBeGreaterThan(2);
      const step = Math.max(1, Math.floor(bytes.length / 150));
      for (let cut = 1; cut < bytes.length; cut += step) {
        const events = readStream(bytes.subarray(0, cut), bytes.subarray(cut));
        if (JSON.stringify(events) !== whole) expect(events, `${id} at ${cut}`).toEqual(readStream(bytes));
      }
    }
  });

  test('tell the same events one byte at a time', () => {
    for (const { id, body } of streams.filter((one) => one.body.length < 1_500)) {
      const bytes = encode(body);
      expect(readStream(...[...bytes].map((byte) => Uint8Array.of(byte))), id).toEqual(readStream(bytes));
    }
  });

  test('end cleanly exactly when a finish reason or a block reason came', () => {
    for (const { id, body } of streams) {
      const ended = readStream(body).some((event) => event.type === 'end');
      expect(ended, id).toBe(/"(finishReason|blockReason)"/.test(body));
    }
  });

  test('mean the same after they were written as a stream and as a document', () => {
    const answers = [
      ...streams.map(({ id, body }) => ({ id, events: readStream(body) })),
      ...documents.map(({ id, body }) => ({ id, events: gemini.readDocument(JSON.parse(body)) })),
    ];
    for (const { id, events } of answers) {
      const meaning = meaningOf(events);
      const isBlocked = events.some((event) => event.type === 'finish' && event.raw?.startsWith('promptFeedback:'));
      expect(meaningOf(readStream(writeStream(events))), `${id} streamed`).toEqual(meaning);
      const document = gemini.writeDocument(events, context);
      expect(meaningOf(gemini.readDocument(document)), `${id} whole`).toEqual(meaning);
      expect(document['candidates'] === undefined, id).toBe(isBlocked);
    }
  });

  test('put the arguments of a call together that came in pieces', () => {
    const calls = streams
      .filter(({ body }) => body.includes('partialArgs'))
      .flatMap(({ body }) => readStream(body))
      .filter((event) => event.type === 'tool-call-delta')
      .map((event) => JSON.parse(event.arguments));
    if (streams.length > 0) {
      expect(calls).toContainEqual({ id: 'C' });
      expect(calls.at(-1).operations[1]).toMatchObject({ action: 'add', description: 'Ripe yellow banana' });
    }
  });
});

describe('recorded requests', () => {
  const recorded = readRecorded('gemini_stream', 'gemini_generate').filter((one) => isObject(one.request));

  test('come back as they were, but for spelling, roles, turns of the same side and empty defaults', () => {
    for (const { id, request } of recorded) {
      const read = gemini.readRequest(request!);
      const { body, receipt } = gemini.writeRequest(read, { model: 'gemini-2.5-flash', maxOutputTokens: 65_536 });
      expect(normal(body), id).toEqual(normal(request!));
      expect(receipt.dropped, id).toEqual([]);
      expect(gemini.readRequest(body).messages, id).toEqual(read.messages);
    }
  });

  test('pair every result with a call before it', () => {
    for (const { id, request } of recorded) {
      const parts = gemini.readRequest(request!).messages.flatMap((message) => message.parts);
      const calls = new Map(
        parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name] as const] : [])),
      );
      for (const part of parts) if (part.type === 'tool-result') expect(calls.get(part.callId), id).toBe(part.name);
    }
  });
});

describe('recorded errors', () => {
  test('have a kind that fits their status, and keep their words', () => {
    const expected: Record<string, string[]> = {
      '20ce83ccb92fb50e': ['not-found'],
      '468bd8bc00f3b56d': ['authentication'],
      '51c2933a281d2215': ['rate-limit'],
      '6b7296e65c92510d': ['rate-limit'],
      f470ec05a5b986ff: ['permission'],
      c26ed23ee9f88fe9: ['context-overflow'],
      '4a5d32378712bb59': ['permission'],
      '673deee7e4e97502': ['not-found'],
      '0f0dafce6780db62': ['rate-limit'],
    };
    for (const { id, status, body, headers } of readRecorded('gemini_stream', 'gemini_generate', 'count_tokens')) {
      if (status < 400) continue;
      const error = gemini.readError(status, body, headers);
      expect(error.message.length, id).toBeGreaterThan(5);
      expect(error.original, id).toBe(body.slice(0, 2000));
      if (expected[id]) expect([error.kind], id).toEqual(expected[id]);
      const written = gemini.writeError(error, 'call_1');
      const again = gemini.readError(written.status, JSON.stringify(written.body), {});
      expect([again.kind, again.message], id).toEqual([error.kind, error.message]);
    }
  });
});

/** A request without what may differ: spelling, `function` and missing roles, turns split in two, settings that say nothing. */
function normal(request: JsonObject): Json {
  const body = toCamelCase(request);
  const contents: JsonObject[] = [];
  for (const content of body['contents'] as JsonObject[]) {
    const role = content['role'] === 'model' ? 'model' : 'user';
    const last = contents.at(-1);
    const parts = content['parts'] as Json[];
    if (last?.['role'] === role) (last['parts'] as Json[]).push(...parts);
    else contents.push({ role, parts: [...parts] });
  }
  for (const content of contents)
    content['parts'] = joined(content['parts'] as JsonObject[], content['role'] === 'model');
  const config = body['generationConfig'] as JsonObject | undefined;
  const thinking = config?.['thinkingConfig'] as JsonObject | undefined;
  if (thinking?.['thinkingLevel'] !== undefined) {
    delete thinking['thinkingLevel'];
    thinking['thinkingBudget'] = 'by level';
  }
  if (typeof thinking?.['thinkingBudget'] === 'number') thinking['thinkingBudget'] = 'by level';
  if (Array.isArray(body['tools']) && body['tools'].length === 0) delete body['tools'];
  if (config !== undefined && Object.keys(config).length === 0) delete body['generationConfig'];
  const system = body['systemInstruction'] as JsonObject | undefined;
  if (system !== undefined) delete system['role'];
  return { ...body, contents };
}

function joined(parts: JsonObject[], isModel: boolean): JsonObject[] {
  const isPlain = (part: JsonObject | undefined) => part !== undefined && Object.keys(part).join() === 'text';
  const kept: JsonObject[] = [];
  for (const part of parts) {
    const last = kept.at(-1);
    if (isModel && isPlain(part) && part['text'] === '') continue;
    if (isModel && isPlain(part) && isPlain(last)) last!['text'] = `${last!['text']}${part['text']}`;
    else kept.push({ ...part });
  }
  return kept;
}
