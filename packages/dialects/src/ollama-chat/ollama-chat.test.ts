import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { jsonLine } from '../ndjson.ts';
import { openaiChat } from '../openai-chat/index.ts';
import { ollamaChat as dialect } from './index.ts';

const user = { role: 'user', content: 'Hi' };
const fn = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } };

function written(more: JsonObject, traits = {}) {
  const request = openaiChat.readRequest({ model: 'm', messages: [user], ...more });
  return dialect.writeRequest(request, { model: 'qwen3:8b', ...traits });
}

describe('what is asked', () => {
  test('settings are options, the limit is num_predict, and own options pass', () => {
    const { body, receipt } = written({
      ...{ temperature: 0, top_p: 0.5, stop: ['END'], max_tokens: 64, repetition_penalty: 1.1, keep_alive: '5m' },
      options: { num_ctx: 8192, temperature: 1 },
    });
    expect(body).toEqual({
      ...{ model: 'qwen3:8b', messages: [user], stream: false, keep_alive: '5m' },
      options: { num_ctx: 8192, temperature: 0, repeat_penalty: 1.1, top_p: 0.5, stop: ['END'], num_predict: 64 },
    });
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });

  test('that nothing is to stream is said, as streaming is what happens unasked', () => {
    expect(written({}).body['stream']).toBe(false);
    expect(dialect.readRequest({ model: 'm', messages: [user] }).stream).toBe(true);
  });

  test('arguments are objects; what is none goes into one, and that is told', () => {
    const turn = (json: string) => ({
      messages: [
        user,
        {
          role: 'assistant',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: json } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'Seen' },
      ],
    });
    const { body } = written(turn('{"a":[1]}'));
    expect((body['messages'] as JsonObject[]).slice(1)).toEqual([
      { role: 'assistant', content: '', tool_calls: [{ id: 'c1', function: { name: 'look', arguments: { a: [1] } } }] },
      { role: 'tool', content: 'Seen', tool_name: 'look', tool_call_id: 'c1' },
    ]);
    const cut = written(turn('{"a":'));
    expect(JSON.stringify(cut.body)).toContain('"arguments":{"arguments":"{\\"a\\":"}');
    expect(cut.receipt.changed).toEqual(['arguments of look that are no JSON object→{"arguments": …}']);
  });

  test('images are bare base64, and those at addresses are told as lost', () => {
    const image = (url: string) => ({ type: 'image_url', image_url: { url } });
    const content = [
      { type: 'text', text: 'What?' },
      image('data:image/png;base64,AA=='),
      image('https://x.test/a.png'),
    ];
    const { body, receipt } = written({ messages: [{ role: 'user', content }] });
    expect(body['messages']).toEqual([{ role: 'user', content: 'What?', images: ['AA=='] }]);
    expect(receipt.dropped).toEqual(['messages[0].content[2] (image by URL)']);
  });

  test('a format is the schema itself', () => {
    const schema = { type: 'object', properties: {} };
    expect(written({ response_format: { type: 'json_object' } }).body['format']).toBe('json');
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema } };
    expect(written({ response_format }).body['format']).toEqual(schema);
  });

  test('a choice among tools is told as lost, or kept by declaring none', () => {
    expect(written({ tools: [fn], tool_choice: 'required' }).receipt.dropped).toEqual(['tool_choice']);
    const { body, receipt } = written({ tools: [fn], tool_choice: 'none' });
    expect(body['tools']).toBeUndefined();
    expect(receipt.changed).toEqual(['tool_choice none→no tools declared']);
  });

  test('only the models that know levels are told one', () => {
    expect(written({ reasoning_effort: 'low' }, { model: 'gpt-oss:20b' }).body['think']).toBe('low');
    expect(written({ reasoning_effort: 'none' }).body['think']).toBe(false);
    const { body, receipt } = written({ reasoning_effort: 'low' });
    expect(body['think']).toBe(true);
    expect(receipt.changed).toEqual(['reasoning_effort→think, without a budget']);
  });
});

describe('what is answered', () => {
  const read = (...lines: JsonObject[]) => {
    const reader = dialect.createReader();
    return [...reader.push(Buffer.from(lines.map(jsonLine).join(''))), ...reader.finish()];
  };
  const line = (message: JsonObject, more: JsonObject = {}) => ({
    ...{ model: 'm', created_at: '2026-05-01T00:00:00.5Z', message: { role: 'assistant', ...message }, done: false },
    ...more,
  });

  test('calls without ids get one each, the same at every reading, and finish the answer', () => {
    const call = (city: string) => ({ tool_calls: [{ function: { name: 'look', arguments: { city } } }] });
    const lines = [line(call('Rome')), line(call('Rome')), line({ content: '' }, { done: true, done_reason: 'stop' })];
    const events = read(...lines);
    const ids = events.flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : []));
    expect(new Set(ids).size).toBe(2);
    expect(read(...lines)).toEqual(events);
    expect(events.slice(-2)).toMatchObject([{ type: 'finish', reason: 'tool-calls' }, { type: 'end' }]);
  });

  test('an error in mid-stream ends the answer as one', () => {
    const events = read(line({ content: 'Hel' }), { error: 'an error was encountered while running the model' });
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'server' } });
    expect(events.some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
  });

  test('a line that is no JSON is an error, not a silence', () => {
    const reader = dialect.createReader();
    expect(reader.push(Buffer.from('{"model":\n'))).toMatchObject([{ type: 'error' }]);
  });

  test('the answer to a bare prompt is read too', () => {
    const body = { model: 'm', response: 'Hello', done: true, done_reason: 'length', eval_count: 3 };
    expect(dialect.readDocument(body).slice(2)).toMatchObject([
      { type: 'text-delta', text: 'Hello' },
      { type: 'text-end' },
      { type: 'usage', usage: { inputTokens: 0, outputTokens: 3 } },
      { type: 'finish', reason: 'length' },
      { type: 'end' },
    ]);
  });

  test.each([
    [404, 'model "x" not found, try pulling it first', 'not-found'],
    [400, 'registry.ollama.ai/library/x does not support tools', 'invalid-request'],
    [401, 'unauthorized', 'authentication'],
    [429, 'you have reached your session usage limit', 'rate-limit'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'overloaded'],
  ])('status %i with %s is %s', (status, error, kind) => {
    expect(dialect.readError(status, JSON.stringify({ error }), {})).toMatchObject({ kind, status, message: error });
  });
});
