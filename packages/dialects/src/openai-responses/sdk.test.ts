import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { FinishReason, ModelEvent } from '../events.ts';
import { openaiResponses as dialect } from './index.ts';

const request = dialect.readRequest({
  model: 'asked',
  instructions: 'Be kind.',
  input: 'Hi',
  include: ['reasoning.encrypted_content'],
  tools: [
    { type: 'function', name: 'f', parameters: { type: 'object' }, strict: false },
    { type: 'custom', name: 'patch' },
  ],
});
const context: ReplyContext = { model: 'asked', id: 'call_1', nowSeconds: 1_700_000_000, wantsUsage: true, request };

let events: ModelEvent[] = [];
let tail = '';
let server: Server;
let client: OpenAI;

beforeAll(async () => {
  server = createServer((incoming, response) => {
    incoming.resume().on('end', () => {
      const writer = dialect.createWriter(context);
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.end(`: keep-alive\n\n${events.map((event) => writer.write(event)).join('')}${writer.finish()}${tail}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (row: ModelEvent[], after = '') => {
  events = row;
  tail = after;
  return client.responses.stream({ model: 'asked', input: 'Hi' }).finalResponse();
};
const at = (block: number) => ({ choice: 0, block });
const start: ModelEvent = { type: 'start', id: 'chatcmpl-1' };
const ending = (reason: FinishReason): ModelEvent[] => [
  { type: 'finish', choice: 0, reason },
  { type: 'usage', usage: { inputTokens: 9, outputTokens: 4 } },
  { type: 'end' },
];

test('an answer with every kind of block is put together by the official SDK', async () => {
  const final = await ask([
    start,
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-delta', ...at(0), text: 'Hm' },
    { type: 'reasoning-end', ...at(0), signature: 's', boundTo: 'anthropic-messages' },
    { type: 'text-start', ...at(1) },
    { type: 'text-delta', ...at(1), text: 'Let ' },
    { type: 'citation', ...at(1), citation: { url: 'https://a.example', origin: 'gemini', value: {} } },
    { type: 'text-delta', ...at(1), text: 'me' },
    { type: 'text-end', ...at(1), signature: 'thought' },
    { type: 'text-start', ...at(2) },
    { type: 'tool-call-start', ...at(3), id: 'a', name: 'f' },
    { type: 'text-delta', ...at(2), text: ' look.' },
    { type: 'tool-call-start', ...at(4), id: 'b', name: 'patch' },
    { type: 'tool-call-delta', ...at(3), arguments: '{"x":1}' },
    { type: 'tool-call-delta', ...at(4), arguments: '{"input":"free"}' },
    { type: 'text-end', ...at(2) },
    { type: 'tool-call-end', ...at(4) },
    { type: 'tool-call-end', ...at(3), signature: 'thought' },
    { type: 'media', ...at(5), kind: 'image', mediaType: 'image/png', data: 'AAAA' },
    {
      type: 'opaque',
      ...at(6),
      origin: 'openai-responses',
      label: 'web_search_call',
      value: { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    },
    { type: 'refusal-start', ...at(7) },
    { type: 'refusal-delta', ...at(7), text: 'No more.' },
    { type: 'refusal-end', ...at(7) },
    ...ending('tool-calls'),
  ]);
  expect(final.output_text).toBe('Let me look.');
  expect(final.status).toBe('completed');
  expect(final.usage?.total_tokens).toBe(13);
  expect(final.output.map((item) => item.type)).toEqual([
    'reasoning',
    'message',
    'reasoning',
    'message',
    'function_call',
    'custom_tool_call',
    'reasoning',
    'image_generation_call',
    'web_search_call',
    'message',
  ]);
  expect(final.output).toContainEqual(
    expect.objectContaining({ type: 'function_call', call_id: 'a', arguments: '{"x":1}' }),
  );
  expect(final.output).toContainEqual(
    expect.objectContaining({ type: 'custom_tool_call', call_id: 'b', input: 'free' }),
  );
});

test('an answer cut off at its limit is incomplete to the official SDK', async () => {
  const final = await ask([
    start,
    { type: 'text-start', ...at(0) },
    { type: 'text-delta', ...at(0), text: 'Hel' },
    { type: 'text-end', ...at(0) },
    ...ending('length'),
  ]);
  expect(final.status).toBe('incomplete');
  expect(final.incomplete_details).toEqual({ reason: 'max_output_tokens' });
  expect(final.output_text).toBe('Hel');
});

test('an error inside the stream is thrown by the official SDK with its code', async () => {
  const error: ModelEvent = { type: 'error', error: { kind: 'overloaded', status: 529, message: 'Busy' } };
  await expect(ask([start, error])).rejects.toMatchObject({
    code: 'server_is_overloaded',
    message: expect.stringContaining('Busy'),
  });
  const told = dialect.writeStreamError({ kind: 'context-overflow', status: 400, message: 'Long' }, 'call_1');
  await expect(ask([start], told)).rejects.toMatchObject({ code: 'context_length_exceeded' });
});

test('a stream that breaks off is no final response to the official SDK', async () => {
  const final = await ask([start, { type: 'text-start', ...at(0) }, { type: 'text-delta', ...at(0), text: 'Hel' }]);
  expect(final.status).not.toBe('completed');
});
