import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { openaiChat } from '../openai-chat/index.ts';
import { generationOf } from './generation.ts';
import { dashscope as dialect } from './index.ts';

const user = { role: 'user', content: 'Hi' };
const fn = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
});

function written(more: JsonObject, traits = {}) {
  const request = openaiChat.readRequest({ model: 'm', messages: [user], ...more });
  return dialect.writeRequest(request, { model: 'qwen-plus', ...traits });
}

describe('what is asked', () => {
  test('messages are the input, all else is parameters', () => {
    const { body, headers, receipt } = written({
      temperature: 0.3,
      n: 2,
      max_tokens: 64,
      seed: 1,
      enable_search: true,
    });
    expect(body).toEqual({
      model: 'qwen-plus',
      input: { messages: [user] },
      parameters: { result_format: 'message', temperature: 0.3, seed: 1, n: 2, max_tokens: 64, enable_search: true },
    });
    expect(headers).toBeUndefined();
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });

  test('a header asks for the stream, and pieces are to be pieces', () => {
    const { body, headers } = written({ stream: true });
    expect(headers).toEqual({ 'x-dashscope-sse': 'enable' });
    expect(body['parameters']).toMatchObject({ incremental_output: true });
    expect(body['stream']).toBeUndefined();
  });

  test('models that see are asked in parts known by their keys, others hear of no image', () => {
    const content = [
      { type: 'text', text: 'What?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
    ];
    const messages = [{ role: 'user', content }];
    const seen = written({ messages }, { model: 'qwen-vl-max' });
    expect(seen.body['input']).toEqual({
      messages: [{ role: 'user', content: [{ text: 'What?' }, { image: 'data:image/png;base64,AA==' }] }],
    });
    const unseen = written({ messages });
    expect(unseen.body['input']).toEqual({ messages: [{ role: 'user', content: 'What?' }] });
    expect(unseen.receipt.dropped).toEqual(['messages[0].content[1] (image image/png)']);
  });

  test.each([
    ['qwen-plus', 'text-generation'],
    ['qwen3-max', 'text-generation'],
    ['qwen-vl-plus', 'multimodal-generation'],
    ['qwen3-omni-flash', 'multimodal-generation'],
    ['qwen3.6-plus', 'multimodal-generation'],
  ])('%s belongs to %s', (model, generation) => {
    expect(generationOf(model)).toBe(generation);
  });

  test('a demanded call is told as lost, unless there is but one tool', () => {
    const two = written({ tools: [fn('a'), fn('b')], tool_choice: 'required' });
    expect(two.receipt.dropped).toEqual(['tool_choice required']);
    const { body, receipt } = written({ tools: [fn('a')], tool_choice: 'required' });
    expect(body['parameters']).toMatchObject({ tool_choice: { type: 'function', function: { name: 'a' } } });
    expect(receipt).toEqual({ dropped: [], changed: ['tool_choice required→a, the only tool'] });
  });

  test('a schema is told in words to a host that takes none', () => {
    const json_schema = { name: 'n', schema: { type: 'object' } };
    const response_format = { type: 'json_schema', json_schema };
    expect(written({ response_format }).body['parameters']).toMatchObject({ response_format });
    const { body } = written({ response_format }, { takesJsonSchema: false });
    expect(body['parameters']).toMatchObject({ response_format: { type: 'json_object' } });
    expect(JSON.stringify(body['input'])).toContain('JSON Schema');
  });

  test('thinking is a switch and a budget', () => {
    const { body } = written({ enable_thinking: true, thinking_budget: 500 });
    expect(body['parameters']).toMatchObject({ enable_thinking: true, thinking_budget: 500 });
    expect(written({ reasoning_effort: 'none' }).body['parameters']).toMatchObject({ enable_thinking: false });
  });
});

describe('what is answered', () => {
  const read = (text: string) => {
    const reader = dialect.createReader();
    return [...reader.push(Buffer.from(text)), ...reader.finish()];
  };
  const frame = (body: JsonObject, event = 'result', status = 200) =>
    `id:1\nevent:${event}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(body)}\n\n`;
  const piece = (message: JsonObject, reason = 'null', index = 0) =>
    frame({
      output: { choices: [{ message: { role: 'assistant', ...message }, index, finish_reason: reason }] },
      usage: { input_tokens: 5, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } },
      request_id: 'r1',
    });

  test('thoughts, text and counts are read, and why it finished is its end', () => {
    const events = read(
      piece({ content: '', reasoning_content: 'Hm.' }) + piece({ content: 'Hi' }) + piece({ content: '' }, 'stop'),
    );
    expect(events.map(({ type }) => type)).toEqual([
      ...['start', 'reasoning-start', 'reasoning-delta', 'reasoning-end', 'text-start', 'text-delta'],
      ...['usage', 'text-end', 'finish', 'end'],
    ]);
    expect(events.find(({ type }) => type === 'usage')).toEqual({
      type: 'usage',
      usage: { inputTokens: 5, outputTokens: 2, reasoningTokens: 1 },
    });
  });

  test('of two choices both must have finished', () => {
    const one = piece({ content: 'a' }, 'stop', 0) + piece({ content: 'b' }, 'null', 1);
    expect(read(one).at(-1)).toMatchObject({ type: 'finish', choice: 0 });
    expect(read(one + piece({ content: '' }, 'length', 1)).at(-1)).toEqual({ type: 'end' });
  });

  test('an error event ends the answer as one', () => {
    const error = { code: 'Throttling.RateQuota', message: 'Requests rate limit exceeded', request_id: 'r1' };
    expect(read(piece({ content: 'Hi' }) + frame(error, 'error', 429)).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'rate-limit', code: 'Throttling.RateQuota', message: 'Requests rate limit exceeded' },
    });
  });

  test('the older form of an answer is bare text', () => {
    const body = { output: { text: 'Hi', finish_reason: 'stop' }, request_id: 'r1' };
    expect(dialect.readDocument(body)).toMatchObject([
      { type: 'start', id: 'r1' },
      { type: 'text-start' },
      { type: 'text-delta', text: 'Hi' },
      { type: 'text-end' },
      { type: 'finish', reason: 'stop' },
      { type: 'end' },
    ]);
  });

  test.each([
    [400, 'DataInspectionFailed', 'Input data may contain inappropriate content.', 'content-policy'],
    [400, 'InvalidParameter', 'Range of input length should be [1, 30720]', 'context-overflow'],
    [400, 'Arrearage', 'Access denied, please make sure your account is in good standing.', 'billing'],
    [404, 'ModelNotFound', 'Model can not be found.', 'not-found'],
    [429, 'Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.', 'rate-limit'],
    [500, 'InternalError', 'An internal error has occured.', 'server'],
  ])('status %i with %s is told as %s: %s', (status, code, message, kind) => {
    const body = JSON.stringify({ code, message, request_id: 'r1' });
    expect(dialect.readError(status, body, {})).toMatchObject({ kind, status, code, message, requestId: 'r1' });
  });
});
