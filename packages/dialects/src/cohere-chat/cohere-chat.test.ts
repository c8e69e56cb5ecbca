import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { openaiChat } from '../openai-chat/index.ts';
import { sseFrame } from '../sse.ts';
import { cohereChat as dialect } from './index.ts';

const MODEL = { model: 'command-x' };
const user = { role: 'user', content: 'Hi' };
const fn = (name: string, more: JsonObject = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} }, ...more },
});

function written(more: JsonObject, traits = {}) {
  const request = openaiChat.readRequest({ model: 'm', messages: [user], ...more });
  return dialect.writeRequest(request, { ...MODEL, ...traits });
}

describe('what is asked', () => {
  test('settings go by the names of this API', () => {
    const { body, receipt } = written({
      top_p: 1,
      top_k: 5,
      stop: 'END',
      seed: 0,
      max_tokens: 9,
      frequency_penalty: 0.5,
    });
    const { model: _, messages: __, ...settings } = body;
    expect(settings).toEqual({
      ...{ p: 0.99, k: 5, stop_sequences: ['END'], seed: 0, max_tokens: 9, frequency_penalty: 0.5, stream: false },
    });
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });

  test('values out of bounds are brought within them, and that is told', () => {
    const { body, receipt } = written({ presence_penalty: -2, stop: ['a', 'b', 'c', 'd', 'e', 'f'] });
    expect(body).toMatchObject({ presence_penalty: 0, stop_sequences: ['a', 'b', 'c', 'd', 'e'] });
    expect(receipt.changed).toEqual(['stop of 6→the first 5', 'presence_penalty -2→0']);
  });

  test('what it has no word for is listed in the words of the client', () => {
    const { receipt } = written({ logit_bias: { 1: 2 }, n: 2, user: 'u', min_p: 0.1, provider: { order: ['x'] } });
    expect(receipt.dropped.toSorted()).toEqual(['logit_bias', 'min_p', 'n', 'provider', 'user']);
  });

  test('its own fields pass through clients of other dialects', () => {
    const documents = [{ id: 'd', data: { text: 'x' } }];
    expect(written({ documents, safety_mode: 'OFF' }).body).toMatchObject({ documents, safety_mode: 'OFF' });
  });

  test('one tool is demanded by declaring no other', () => {
    const { body, receipt } = written({
      tools: [fn('a'), fn('b')],
      tool_choice: { type: 'function', function: { name: 'b' } },
    });
    expect(body['tools']).toEqual([fn('b')]);
    expect(body['tool_choice']).toBe('REQUIRED');
    expect(receipt.changed).toEqual(['tool_choice b→the only tool, and demanded']);
  });

  test('tools are strict when all of them are', () => {
    expect(written({ tools: [fn('a', { strict: true })] }).body['strict_tools']).toBe(true);
    const { body, receipt } = written({ tools: [fn('a', { strict: true }), fn('b')] });
    expect(body['strict_tools']).toBeUndefined();
    expect(receipt.changed).toEqual(['tools[0].strict true→false']);
  });

  test('names that it refuses are written in letters that it takes, with the way back', () => {
    const { body, toolNames } = written({ tools: [fn('fs-read'), fn('fs_read')] });
    const names = (body['tools'] as JsonObject[]).map((tool) => (tool['function'] as JsonObject)['name'] as string);
    expect(names[0]).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    expect(names[1]).toBe('fs_read');
    expect(toolNames?.get(names[0]!)).toBe('fs-read');
  });

  test('a schema is enforced, and told in words where tools forbid it', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema } };
    expect(written({ response_format }).body['response_format']).toEqual({ type: 'json_object', json_schema: schema });
    const { body, receipt } = written({ response_format, tools: [fn('a')] });
    expect(body['response_format']).toBeUndefined();
    expect(JSON.stringify(body['messages'])).toContain('must satisfy this JSON Schema');
    expect(receipt.changed).toEqual(['response_format→told in a system message']);
  });

  test('effort becomes a budget, and none switches thinking off', () => {
    expect(written({ reasoning_effort: 'medium' }).body['thinking']).toEqual({ type: 'enabled', token_budget: 8192 });
    expect(written({ reasoning_effort: 'none' }).body['thinking']).toEqual({ type: 'disabled' });
    const { body, receipt } = written({ reasoning_effort: 'high' }, { reasoning: 'none' });
    expect(body['thinking']).toBeUndefined();
    expect(receipt.dropped).toEqual(['reasoning_effort']);
  });

  test('words beside calls are the plan before them, and results follow', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'a', arguments: '{"x":1}' } };
    const { body } = written({
      messages: [
        user,
        { role: 'assistant', content: 'I look.', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Seen' }] },
      ],
    });
    expect(body['messages']).toEqual([
      user,
      { role: 'assistant', tool_plan: 'I look.', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'Seen' },
    ]);
  });
});

describe('what is answered', () => {
  const read = (...events: JsonObject[]) => {
    const reader = dialect.createReader();
    const bytes = Buffer.from(events.map((event) => sseFrame(JSON.stringify(event), String(event['type']))).join(''));
    return [...reader.push(bytes), ...reader.finish()];
  };
  const start = { type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } };
  const text = { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Ruby' } } } };

  test('a citation stands in the text that it is of, with the address of its source', () => {
    const citations = {
      ...{ start: 0, end: 4, text: 'Ruby', type: 'TEXT_CONTENT' },
      sources: [{ type: 'document', id: 'd', document: { title: 'T', url: 'https://x.test', text: 'Ruby is.' } }],
    };
    const cited = { type: 'citation-start', index: 0, delta: { message: { citations } } };
    const event = read(start, text, cited).find(({ type }) => type === 'citation');
    expect(event).toMatchObject({
      block: 0,
      citation: { url: 'https://x.test', title: 'T', citedText: 'Ruby is.', start: 0, end: 4 },
    });
    const document = {
      message: { content: [{ type: 'text', text: 'Ruby' }], citations: [citations] },
      finish_reason: 'COMPLETE',
    };
    const order = dialect.readDocument(document).map(({ type }) => type);
    expect(order).toEqual(['start', 'text-start', 'text-delta', 'citation', 'text-end', 'finish', 'end']);
  });

  test.each([
    ['ERROR', 'server'],
    ['TIMEOUT', 'timeout'],
  ])('an answer that finishes with %s has failed, and never ends well', (reason, kind) => {
    const events = read(start, text, { type: 'message-end', delta: { finish_reason: reason } });
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind } });
    expect(events.some(({ type }) => type === 'finish' || type === 'end')).toBe(false);
  });

  test('a bare message in a stream is an error', () => {
    expect(read(start, { message: 'too many requests' }).at(-1)).toMatchObject({ error: { kind: 'rate-limit' } });
  });

  test('what is charged is what counts, and what was cached is told where all is counted', () => {
    const tokens = { input_tokens: 1446, output_tokens: 51, reasoning_tokens: 30 };
    const billed = { billed_units: { input_tokens: 43, output_tokens: 21 }, tokens, cached_tokens: 112 };
    expect(dialect.readUsage(billed)).toEqual({ inputTokens: 43, outputTokens: 21, reasoningTokens: 21 });
    expect(dialect.readUsage({ tokens, cached_tokens: 112 })).toEqual({
      ...{ inputTokens: 1446, outputTokens: 51, reasoningTokens: 30, cachedInputTokens: 112 },
    });
    expect(dialect.readUsage({})).toBeUndefined();
  });
});
