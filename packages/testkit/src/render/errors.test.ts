import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { fails, status } from '../cues.ts';
import { errorAfter, overloadedFirst, retryAfter } from '../faults.ts';
import { rawRequest } from '../raw-request.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  openai = new OpenAI({ apiKey: 'test', baseURL: `${upstream.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'test', baseURL: upstream.url, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: upstream.url } });
});
afterAll(() => upstream.close());

const messages = [{ role: 'user' as const, content: 'one two three' }];
const chat = () => openai.chat.completions.create({ model: 'm', messages });
const chatStream = async () => collect(await openai.chat.completions.create({ model: 'm', messages, stream: true }));
const responsesStream = async () =>
  collect(await openai.responses.create({ model: 'm', input: 'one two', stream: true }));
const message = () => anthropic.messages.create({ model: 'm', max_tokens: 9, messages });
const messageStream = async () =>
  collect(await anthropic.messages.create({ model: 'm', max_tokens: 9, messages, stream: true }));
const generateStream = async () =>
  collect(await google.models.generateContentStream({ model: 'm', contents: 'one two' }));

test('a status has the shape by which each SDK tells its errors apart', async () => {
  upstream.next(status(404), status(529), status(429));
  await expect(chat()).rejects.toMatchObject({ status: 404, code: 'model_not_found', type: 'invalid_request_error' });
  await expect(message()).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
  const error = await google.models.generateContent({ model: 'm', contents: 'Hi' }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 429, message: expect.stringContaining('RESOURCE_EXHAUSTED') });
});

test('a Bedrock error names its type in a header', async () => {
  upstream.next(status(429));
  const response = await rawRequest({ port: upstream.port, path: '/model/m/converse', body: {} });
  expect(response.headers['x-amzn-errortype']).toMatch(/^ThrottlingException:/);
  expect(response.json).toEqual({ message: 'Too many requests, please wait before trying again.' });
});

test('an error can have words of its own, a body of its own, and a time to wait', async () => {
  const words = { status: 400, message: 'prompt is too long', code: 'context_length_exceeded' };
  upstream.next(fails(words), status(400, { detail: 'bare' }, { 'x-why': 'test' }), retryAfter(7));
  await expect(chat()).rejects.toMatchObject({ code: 'context_length_exceeded', message: '400 prompt is too long' });
  const bare = await rawRequest({ port: upstream.port, path: '/chat/completions', body: {} });
  expect([bare.json, bare.headers['x-why']]).toEqual([{ detail: 'bare' }, 'test']);
  const limited = await rawRequest({ port: upstream.port, path: '/chat/completions', body: {} });
  expect([limited.status, limited.headers['retry-after']]).toEqual([429, '7']);
});

test('a stream can begin with status 200 and an error as its first event', async () => {
  upstream.next(
    overloadedFirst(),
    overloadedFirst('rate-limit'),
    overloadedFirst(),
    overloadedFirst(),
    overloadedFirst('rate-limit'),
  );
  await expect(chatStream()).rejects.toMatchObject({ type: 'server_error' });
  await expect(chatStream()).rejects.toMatchObject({ code: 'rate_limit_exceeded' });
  await expect(messageStream()).rejects.toMatchObject({ error: { error: { type: 'overloaded_error' } } });
  await expect(generateStream()).rejects.toMatchObject({ status: 503 });
  await expect(responsesStream()).rejects.toMatchObject({ code: 'rate_limit_exceeded' });
  await Promise.all(upstream.calls.slice(-5).map((call) => upstream.waitForEnd(call)));
});

test('a stream can break off with an error event after some text', async () => {
  const heard: string[] = [];
  upstream.next(errorAfter('text 2'));
  const stream = await openai.chat.completions.create({ model: 'm', messages, stream: true });
  const reading = (async () => {
    for await (const chunk of stream) heard.push(chunk.choices[0]?.delta.content ?? '');
  })();
  await expect(reading).rejects.toThrow('The server had an error');
  expect(heard.join('')).toBe('one two');
});

test('a failed Responses stream goes on numbering and ends with response.failed', async () => {
  upstream.next(errorAfter('text 1', { status: 429 }));
  const response = await rawRequest({
    port: upstream.port,
    path: '/v1/responses',
    body: { input: 'one two', stream: true },
  });
  const types = [...response.text.matchAll(/^event: (.*)$/gm)].map((found) => found[1]);
  const numbers = [...response.text.matchAll(/"sequence_number":(\d+)\}$/gm)].map((found) => Number(found[1]));
  expect(types.slice(-3)).toEqual(['response.output_text.delta', 'error', 'response.failed']);
  expect(numbers).toEqual(types.map((_, index) => index));
});

test('a Bedrock stream breaks off with an exception message', async () => {
  upstream.next(errorAfter('role', { status: 429 }));
  const response = await rawRequest({ port: upstream.port, path: '/model/m/converse-stream', body: {} });
  expect(response.text).toContain(':exception-type');
  expect(response.text).toContain('throttlingException');
  expect(response.chunks).toHaveLength(2);
});
