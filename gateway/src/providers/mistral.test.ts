import { expect, test } from 'vitest';
import { mistral } from './mistral.ts';

const adapt = mistral.adaptRequest!;

test('tool call ids of other providers become nine letters or digits, the call and its result alike', () => {
  const body = adapt(
    {
      model: 'mistral-large-latest',
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'call_PTLP8xhu3uwZk4l3nlnrrJha', type: 'function' }] },
        { role: 'tool', tool_call_id: 'call_PTLP8xhu3uwZk4l3nlnrrJha', content: '42' },
      ],
    },
    'chat',
  ).body as { messages: [{ tool_calls: [{ id: string }] }, { tool_call_id: string }] };
  const id = body.messages[0].tool_calls[0].id;
  expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(body.messages[1].tool_call_id).toBe(id);
});

test("the host's own ids stay", () => {
  const messages = [{ role: 'tool', tool_call_id: 'aB3dE6gH9', content: '42' }];
  expect(adapt({ messages }, 'chat')).toEqual({ body: { messages }, dropped: [] });
});

test('fields that the host refuses take its own names or go', () => {
  expect(
    adapt({ seed: 7, max_completion_tokens: 10, stream_options: { include_usage: true }, temperature: 0 }, 'chat'),
  ).toEqual({ body: { random_seed: 7, max_tokens: 10, temperature: 0 }, dropped: [] });
});

test('developer messages become system messages, and the caller keeps its body as it was', () => {
  const body = { messages: [{ role: 'developer', content: 'Be brief.' }] };
  expect(adapt(body, 'chat').body).toEqual({ messages: [{ role: 'system', content: 'Be brief.' }] });
  expect(body.messages[0]!.role).toBe('developer');
});

test('embeddings pass as they are', () => {
  const body = { model: 'mistral-embed', input: 'x', seed: 1 };
  expect(adapt(body, 'embeddings').body).toBe(body);
});

test('what the host forbids goes, is named where it said something, and what nobody knows stays', () => {
  const adapted = adapt(
    {
      user: 'u-1',
      prompt_cache_key: 'k',
      verbosity: 'low',
      service_tier: null,
      metadata: { kept: '1' },
      prompt_mode: 'reasoning',
      messages: [
        { role: 'user', name: 'Ann', content: 'Hi' },
        { role: 'assistant', content: 'Hello', reasoning_content: 'Think', refusal: null, annotations: [] },
        { role: 'tool', name: 'clock', tool_call_id: 'aB3dE6gH9', content: '42' },
      ],
    },
    'chat',
  );
  expect(adapted.body).toEqual({
    metadata: { kept: '1' },
    prompt_mode: 'reasoning',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'tool', name: 'clock', tool_call_id: 'aB3dE6gH9', content: '42' },
    ],
  });
  expect(adapted.dropped).toEqual([
    'prompt_cache_key',
    'user',
    'verbosity',
    'messages[0].name',
    'messages[1].reasoning_content',
  ]);
});
