import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { gemini } from './index.ts';

const context: ReplyContext = { model: 'm', id: 'resp_1', nowSeconds: 1, wantsUsage: true };

const ANSWER: ModelEvent[] = [
  { type: 'start', id: 'msg_1', createdAtSeconds: 1_700_000_000 },
  { type: 'reasoning-start', choice: 0, block: 0 },
  { type: 'reasoning-delta', choice: 0, block: 0, text: 'Thinking' },
  { type: 'reasoning-end', choice: 0, block: 0, signature: 'foreign', boundTo: 'anthropic-messages' },
  { type: 'text-start', choice: 0, block: 1 },
  { type: 'text-delta', choice: 0, block: 1, text: 'Hello ' },
  { type: 'text-delta', choice: 0, block: 1, text: '"wörld" 😀\n' },
  { type: 'text-end', choice: 0, block: 1 },
  { type: 'tool-call-start', choice: 0, block: 2, id: 'toolu_1', name: 'look' },
  { type: 'tool-call-start', choice: 0, block: 3, id: 'toolu_2', name: 'listen' },
  { type: 'tool-call-delta', choice: 0, block: 2, arguments: '{"at":' },
  { type: 'tool-call-delta', choice: 0, block: 2, arguments: '"sky"}' },
  { type: 'tool-call-end', choice: 0, block: 2 },
  { type: 'tool-call-end', choice: 0, block: 3 },
  { type: 'usage', usage: { inputTokens: 10, outputTokens: 7, cachedInputTokens: 4, reasoningTokens: 2 } },
  { type: 'finish', choice: 0, reason: 'tool-calls' },
  { type: 'end' },
];
const BROKEN: ModelEvent[] = [
  ...ANSWER.slice(0, 6),
  { type: 'error', error: { kind: 'overloaded', status: 529, message: 'Overloaded' } },
];

describe('the official SDK', () => {
  let server: Server;
  let client: GoogleGenAI;
  let events = ANSWER;
  const asked: ModelRequest[] = [];

  beforeAll(async () => {
    // The SDK's `text` warns of every part that is none.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked.push(gemini.readRequest(JSON.parse(Buffer.concat(chunks).toString()) as JsonObject));
      if (!request.url?.includes(':streamGenerateContent')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(gemini.writeDocument(events, context)));
        return;
      }
      response.setHeader('content-type', 'text/event-stream');
      const writer = gemini.createWriter(context);
      for (const event of events) response.write(writer.write(event));
      response.end(writer.finish());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl } });
  });
  afterAll(() => {
    server.close();
    vi.restoreAllMocks();
  });

  test('reads a document', async () => {
    events = ANSWER;
    const reply = await client.models.generateContent({ model: 'm', contents: 'Hi' });
    expect(reply.text).toBe('Hello "wörld" 😀\n');
    expect(reply.functionCalls).toEqual([
      { id: 'toolu_1', name: 'look', args: { at: 'sky' } },
      { id: 'toolu_2', name: 'listen', args: {} },
    ]);
    expect(reply.usageMetadata).toMatchObject({
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 2,
      totalTokenCount: 17,
    });
    expect(reply.candidates?.[0]?.finishReason).toBe('STOP');
    expect([reply.responseId, reply.modelVersion]).toEqual(['msg_1', 'm']);
  });

  test('holds a conversation over a stream and gives back what it was told, signatures too', async () => {
    events = ANSWER;
    const chat = client.chats.create({
      model: 'm',
      config: { maxOutputTokens: 50, thinkingConfig: { includeThoughts: true } },
    });
    let text = '';
    let last: unknown;
    for await (const chunk of await chat.sendMessageStream({ message: 'Hi' })) {
      text += chunk.text ?? '';
      last = chunk.candidates?.[0]?.finishReason;
    }
    expect(text).toBe('Hello "wörld" 😀\n');
    expect(last).toBe('STOP');
    asked.length = 0;
    await chat.sendMessage({
      message: [
        { functionResponse: { id: 'toolu_1', name: 'look', response: { result: 'blue' } } },
        { functionResponse: { id: 'toolu_2', name: 'listen', response: { error: 'deaf' } } },
      ],
    });
    expect(asked[0]?.maxOutputTokens).toBe(50);
    expect(asked[0]?.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Thinking', signature: 'foreign', boundTo: 'anthropic-messages' },
          { type: 'text', text: 'Hello "wörld" 😀\n' },
          { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":"sky"}' },
          { type: 'tool-call', id: 'toolu_2', name: 'listen', arguments: '{}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', callId: 'toolu_1', name: 'look', parts: [{ type: 'text', text: 'blue' }] },
          {
            type: 'tool-result',
            callId: 'toolu_2',
            name: 'listen',
            parts: [{ type: 'text', text: 'deaf' }],
            isError: true,
          },
        ],
      },
    ]);
  });

  test('throws on an error in mid-stream', async () => {
    events = BROKEN;
    const read = async () => {
      for await (const _ of await client.models.generateContentStream({ model: 'm', contents: 'Hi' }));
    };
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(503);
  });
});
