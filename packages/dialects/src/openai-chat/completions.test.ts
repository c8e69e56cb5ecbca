import { expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import { createCompletionsWriter, readCompletionsRequest, writeCompletionsDocument } from './completions.ts';

const context = { model: 'm', id: 'cmpl-1', nowSeconds: 7, wantsUsage: true };
const events: ModelEvent[] = [
  { type: 'start', id: 'c1', createdAtSeconds: 5 },
  { type: 'reasoning-start', choice: 0, block: 0 },
  { type: 'reasoning-delta', choice: 0, block: 0, text: 'hm' },
  { type: 'reasoning-end', choice: 0, block: 0 },
  { type: 'text-start', choice: 0, block: 1 },
  { type: 'text-delta', choice: 0, block: 1, text: 'Hi' },
  { type: 'text-end', choice: 0, block: 1 },
  { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
  { type: 'finish', choice: 0, reason: 'length' },
  { type: 'end' },
];

test('a prompt is a user message, and what a chat model cannot do is in the receipt', () => {
  const { request, receipt } = readCompletionsRequest({
    model: 'm',
    prompt: ['Say'],
    max_tokens: 5,
    logprobs: 3,
    suffix: 'x',
    echo: false,
  });
  expect(request).toMatchObject({
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Say' }] }],
    maxOutputTokens: 5,
    logprobs: { top: 3 },
    extras: {},
  });
  expect(receipt).toEqual({ dropped: ['suffix'], changed: [] });
});

test.each([[['a', 'b']], [[1, 2]], [undefined]])('the prompt %j is refused with its name', (prompt) => {
  expect(() => readCompletionsRequest({ model: 'm', prompt })).toThrow(expect.objectContaining({ param: 'prompt' }));
});

test('an answer is a text_completion, whole and streamed', () => {
  expect(writeCompletionsDocument(events, context)).toEqual({
    ...{ id: 'c1', object: 'text_completion', created: 5, model: 'm' },
    choices: [{ text: 'Hi', index: 0, logprobs: null, finish_reason: 'length' }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  });
  const writer = createCompletionsWriter(context);
  const frames = events.map((event) => writer.write(event)).join('') + writer.finish();
  const envelope = '{"id":"c1","object":"text_completion","created":5,"model":"m",';
  expect(frames).toBe(
    `data: ${envelope}"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}]}\n\n` +
      `data: ${envelope}"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]}\n\n` +
      `data: ${envelope}"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n` +
      'data: [DONE]\n\n',
  );
});
