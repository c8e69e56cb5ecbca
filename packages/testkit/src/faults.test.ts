import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cue, closeWithoutAnswer, empty, html, raw, redirect, reply, resetBeforeHeaders } from './cues.ts';
import * as faults from './faults.ts';
import { openRawRequest, type RawRequestOptions, rawRequest } from './raw-request.ts';
import { bom, comments, crlf, halfJson, noFinalNewline } from './spelling-faults.ts';
import { sse } from './sse.ts';
import { startUpstream, type Upstream } from './upstream.ts';

let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.close());

const words = reply({ text: 'Grüße an alle' });
const chat = (stream = true): RawRequestOptions => ({
  port: upstream.port,
  path: '/v1/chat/completions',
  body: { model: 'm', stream, messages: [{ role: 'user', content: 'one two three' }] },
});
const ask = (cue: Cue, stream = true) => {
  upstream.next(cue);
  return rawRequest(chat(stream));
};
const textOf = (body: string) =>
  sse(body)
    .events.map(
      (event) => (event.json as { choices?: { delta: { content?: string } }[] })?.choices?.[0]?.delta.content ?? '',
    )
    .join('');

test('stalls before the headers, and goes on when told', async () => {
  upstream.next(faults.stallBefore('headers', words));
  const exchange = openRawRequest(chat());
  await upstream.waitForStall();
  expect(exchange.received().arrivals).toEqual([]);
  upstream.resume();
  expect(textOf((await exchange.response).text)).toBe('Grüße an alle');
});

test('stalls before the first byte with the headers told', async () => {
  upstream.next(faults.stallBefore('first-byte', words));
  const exchange = openRawRequest(chat());
  await upstream.waitForStall();
  const early = await exchange.waitForHead();
  expect([early.status, early.body.length]).toEqual([200, 0]);
  upstream.resume();
  expect((await exchange.response).isComplete).toBe(true);
});

test('stalls between two chunks, until the client leaves', async () => {
  upstream.next(faults.stallBefore('chunk 3', words));
  const exchange = openRawRequest(chat());
  await upstream.waitForStall();
  const call = await upstream.waitForCall();
  const early = await exchange.waitForBody(1);
  expect(call.closed).toBeUndefined();
  exchange.leave();
  const end = await upstream.waitForAbort(call);
  expect(end.how).toBe('aborted-by-client');
  expect(end.bodyBytes).toBeGreaterThanOrEqual(early.body.length);
  await upstream.waitForConnections(0);
});

test('stalls twice in one answer', async () => {
  upstream.next(faults.stallAfter('text 1', faults.stallAfter('text 2', words)));
  const exchange = openRawRequest(chat());
  await upstream.waitForStall(1);
  upstream.resume();
  await upstream.waitForStall(2);
  upstream.resume();
  expect(textOf((await exchange.response).text)).toBe('Grüße an alle');
});

test.each([
  ['headers', ''],
  ['role', ''],
  ['text 2', 'Grüße an'],
  ['finish', 'Grüße an alle'],
] as const)('cuts after %s: all before it arrives, and the message stays incomplete', async (point, heard) => {
  const response = await ask(faults.cutAfter(point, words));
  expect([response.status, response.isComplete, response.closedBy]).toEqual([200, false, 'end']);
  expect(textOf(response.text)).toBe(heard);
  expect((await upstream.waitForEnd(upstream.calls[0]!)).how).toBe('cut-by-upstream');
});

test('cuts inside a character, inside a tool call and after so many bytes', async () => {
  const inCharacter = await ask(faults.cutAfter('inside-utf8', words));
  expect(inCharacter.body.at(-1)).toBe(0xc3);
  const toolCalls = [{ name: 'f', pieces: ['{"a":', '1}'] }];
  const inCall = await ask(faults.cutAfter('inside-tool-call', reply({ toolCalls })));
  expect(inCall.text).toContain('{\\"a\\":');
  expect(inCall.text).not.toContain('1}');
  const bytes = await ask(faults.cutAfter('bytes 17', words), false);
  expect([bytes.body.length, bytes.isComplete]).toEqual([17, false]);
});

test('ends cleanly after a point, with HTTP complete and the dialect not', async () => {
  const response = await ask(faults.endAfter('text 1', words));
  expect([response.isComplete, textOf(response.text)]).toEqual([true, 'Grüße']);
  expect(response.text).not.toContain('[DONE]');
  expect((await upstream.waitForEnd(upstream.calls[0]!)).how).toBe('finished');
});

test('a document that ends early keeps its promised length unfulfilled', async () => {
  const response = await ask(faults.endAfter('bytes 5', words), false);
  expect([response.body.length, response.isComplete, response.closedBy]).toEqual([5, false, 'end']);
});

test('splits at every byte', async () => {
  const whole = await ask(words);
  const split = await ask(faults.splitAt('every-byte', words));
  expect(split.chunks).toHaveLength(split.body.length);
  expect(textOf(split.text)).toBe(textOf(whole.text));
  expect(split.body.length).toBe(whole.body.length);
});

test('splits at the offsets asked for and nowhere else', async () => {
  const body = Buffer.from('0123456789');
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 9 })), async (offsets) => {
      const response = await ask(faults.splitAt(offsets, raw({ chunks: ['0123', '456789'] })));
      const edges = [0, ...offsets.toSorted((one, other) => one - other), body.length];
      expect(response.chunks).toEqual(edges.slice(1).map((edge, index) => body.subarray(edges[index], edge)));
    }),
    { numRuns: 20, seed: 7 },
  );
});

test('writes each frame by itself, or all at once', async () => {
  const usual = await ask(words);
  expect(usual.chunks).toHaveLength(sse(usual).events.length);
  expect((await ask(faults.atOnce(words))).chunks).toHaveLength(1);
});

test('waits by the clock it was given, before each chunk', async () => {
  const waits: number[] = [];
  const clock = {
    now: () => 0,
    setTimeout(run: () => void, milliseconds: number) {
      waits.push(milliseconds);
      queueMicrotask(run);
      return { cancel() {} };
    },
  };
  await using timed = await startUpstream({ clock, answer: faults.delay(250, words) });
  const response = await rawRequest({ ...chat(), port: timed.port });
  expect(waits).toEqual(response.chunks.map(() => 250));
});

test('compresses frame by frame: what has come can be read before the end', async () => {
  const whole = await ask(faults.gzip(words));
  expect(whole.headers['content-encoding']).toBe('gzip');
  expect(textOf(gunzipSync(whole.body).toString())).toBe('Grüße an alle');
  expect(whole.chunks.length).toBeGreaterThan(3);
  const document = await ask(faults.gzip(words), false);
  expect(JSON.parse(gunzipSync(document.body).toString())).toMatchObject({ object: 'chat.completion' });
  const cut = await ask(faults.cutAfter('text 2', faults.gzip(words)));
  expect(() => gunzipSync(cut.body)).toThrow('unexpected end');
  const streamed = new Response(Uint8Array.from(cut.body))
    .body!.pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const first = await streamed.read();
  expect(Buffer.from(first.value!).toString()).toContain('"role":"assistant"');
  await expect(readAll(streamed)).rejects.toThrow();
});

async function readAll(reader: { read(): Promise<{ done: boolean }> }): Promise<void> {
  while (!(await reader.read()).done);
}

test('spells a stream with CRLF, comments, a byte order mark or no last empty line; the events stay', async () => {
  const plain = await ask(words);
  const data = (body: string) => sse(body).events.map((event) => event.data.replace(/chatcmpl-\d+/, 'id'));
  const lined = await ask(crlf(words));
  expect(lined.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(data(lined.text)).toEqual(data(plain.text));
  const commented = await ask(comments(words));
  expect(sse(commented).comments).toContain('keep-alive');
  expect(data(commented.text)).toEqual(data(plain.text));
  const marked = await ask(bom(words));
  expect([...marked.body.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const unfinished = await ask(noFinalNewline(words));
  expect(sse(unfinished).unfinished).toBe('data: [DONE]');
});

test('faults compose in any order', async () => {
  const one = await ask(faults.cutAfter('text 2', crlf(faults.splitAt('every-byte', words))));
  const other = await ask(faults.splitAt('every-byte', crlf(faults.cutAfter('text 2', words))));
  expect(textOf(one.text)).toBe('Grüße an');
  expect(one.text.replace(/chatcmpl-\d+/g, '')).toBe(other.text.replace(/chatcmpl-\d+/g, ''));
});

test('halves the JSON of a document, and of one event of a stream', async () => {
  const document = await ask(halfJson(words), false);
  expect([document.isComplete, document.json]).toEqual([true, undefined]);
  const stream = sse(await ask(halfJson(words)));
  expect(stream.events.filter((event) => event.json === undefined).map((event) => event.data)).toHaveLength(2);
  expect(stream.events.at(-1)?.data).toBe('[DONE]');
});

test('answers with a page, another content type, nothing, a redirect, or headers too large for most', async () => {
  const page = await ask(html());
  expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
  expect((await ask(faults.wrongContentType('text/plain', words))).headers['content-type']).toBe('text/plain');
  const nothing = await ask(empty());
  expect([nothing.status, nothing.body.length, nothing.isComplete]).toEqual([200, 0, true]);
  const elsewhere = await ask(redirect('http://elsewhere.test/'));
  expect([elsewhere.status, elsewhere.headers['location']]).toEqual([307, 'http://elsewhere.test/']);
  expect((await ask(faults.largeHeaders(40_000, words))).head.length).toBeGreaterThan(40_000);
  upstream.next(faults.largeHeaders(40_000, words));
  const { port, path, body } = chat();
  const fetched = fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) });
  await expect(fetched).rejects.toMatchObject({ cause: { code: 'UND_ERR_HEADERS_OVERFLOW' } });
});

test('closes or resets the connection without a byte', async () => {
  const closed = await ask(closeWithoutAnswer());
  expect([closed.arrivals, closed.closedBy]).toEqual([[], 'end']);
  const reset = await ask(resetBeforeHeaders());
  expect([reset.arrivals, reset.closedBy]).toEqual([[], 'reset']);
});

test('can tell the end by closing only, so that a cut looks like an end', async () => {
  const response = await ask(faults.cutAfter('text 1', faults.untilClose(words)));
  expect([response.isComplete, textOf(response.text)]).toEqual([true, 'Grüße']);
  expect(response.headers).not.toHaveProperty('transfer-encoding');
});

test('sends raw bytes as they are', async () => {
  const bytes = Uint8Array.of(0, 255, 10, 13);
  const response = await ask(raw({ status: 418, headers: { 'X-Tea': 'pot' }, body: bytes }));
  expect(response.head).toContain('X-Tea: pot');
  expect([response.status, [...response.body]]).toEqual([418, [...bytes]]);
});

test('a fault that cannot happen fails the close, by name', async () => {
  const broken = await startUpstream({ answer: faults.cutAfter('inside-tool-call', words) });
  const response = await rawRequest({ ...chat(), port: broken.port });
  expect(response.status).toBe(0);
  await expect(broken.close()).rejects.toThrow('calls no tool');
});
