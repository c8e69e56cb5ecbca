import type { DialectName } from '@xidao/dialects';
import { cutAfter, reply, startUpstream, status } from '@xidao/testkit';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { MODEL, only, post } from './dialect-calls.ts';

const PROMPT = 'Once upon a time';

function sdk({ url }: { url: string }): OpenAI {
  return new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
}

describe.each(['anthropic-messages', 'gemini', 'openai-responses', 'bedrock'] as DialectName[])(
  'a legacy completion over %s',
  (dialect) => {
    test('is had by way of chat, whole', async () => {
      await using upstream = await startUpstream({ answer: reply({ text: 'there was a fox.' }) });
      await using gateway = await aGateway(only(upstream, dialect));
      const { data, response } = await sdk(gateway)
        .completions.create({ model: MODEL, prompt: PROMPT, max_tokens: 50, suffix: 'The end.', best_of: 3 })
        .withResponse();
      expect(data).toMatchObject({
        object: 'text_completion',
        model: MODEL,
        choices: [{ index: 0, text: 'there was a fox.', logprobs: null, finish_reason: 'stop' }],
        usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 },
      });
      expect(response.headers.get('x-xidao-translation')).toMatch(/dropped: .*suffix.*best_of/);
      expect(upstream.calls[0]!.body.toString()).toContain(PROMPT);
      expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
        operation: 'completions',
        outcome: 'complete',
        input_tokens: 4,
        output_tokens: 4,
      });
    });

    test.each([true, false])('is streamed, with usage if it is asked for: %j', async (include_usage) => {
      await using upstream = await startUpstream({ answer: reply({ text: 'there was a fox.' }) });
      await using gateway = await aGateway(only(upstream, dialect));
      const stream = await sdk(gateway).completions.create({
        model: MODEL,
        prompt: PROMPT,
        stream: true,
        ...(include_usage && { stream_options: { include_usage } }),
      });
      const chunks: OpenAI.Completion[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(chunks.every((chunk) => chunk.object === 'text_completion')).toBe(true);
      expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe('there was a fox.');
      expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
      expect(chunks.at(-1)!.usage?.total_tokens).toBe(include_usage ? 8 : undefined);
    });

    test('that breaks off is never a clean end', async () => {
      await using upstream = await startUpstream({ answer: cutAfter('text 2', reply({ text: 'one two three four' })) });
      await using gateway = await aGateway(only(upstream, dialect));
      const response = await post(gateway, '/v1/completions', { model: MODEL, prompt: PROMPT, stream: true });
      const text = await response.text();
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
    });

    test('that is refused is refused in the words of OpenAI', async () => {
      await using upstream = await startUpstream({ answer: status(429) });
      await using gateway = await aGateway(only(upstream, dialect));
      await expect(sdk(gateway).completions.create({ model: MODEL, prompt: PROMPT })).rejects.toMatchObject({
        status: 429,
        type: 'rate_limit_error',
      });
    });
  },
);

test('a provider of the same dialect that only chats is asked so', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'there was a fox.' }) });
  // Groq is known to have no completions.
  await using gateway = await aGateway({
    providers: { groq: { api_key: 'sk-up', base_url: `${upstream.url}/v1`, models: [MODEL] } },
  });
  for (const stream of [false, true]) {
    const response = await post(gateway, '/v1/completions', { model: MODEL, prompt: PROMPT, stream, suffix: 'x' });
    expect(response.headers.get('x-xidao-translation')).toBe('dropped: suffix');
    const text = await response.text();
    expect(text).toContain('text_completion');
    expect(text).not.toContain('chat.completion');
    expect(text).not.toContain('"usage":{"prompt_tokens":4,"completion_tokens":4,"total_tokens":8}}\n');
  }
  expect(upstream.calls.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
  expect(upstream.calls[0]!.json).toMatchObject({ messages: [{ role: 'user', content: PROMPT }] });
  expect(upstream.calls[0]!.json).not.toHaveProperty('suffix');
});

test.each([[['one', 'two']], [[1, 2, 3]], [[[1], [2]]]])(
  'the prompt %j, which no chat model takes, is refused before anything is sent',
  async (prompt) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const response = await post(gateway, '/v1/completions', { model: MODEL, prompt });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'prompt', type: 'invalid_request_error' } });
    expect(upstream.calls).toHaveLength(0);
  },
);

test('a strict call is refused where something would be left behind', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'gemini'));
  const body = { model: MODEL, prompt: PROMPT, suffix: 'The end.' };
  const response = await post(gateway, '/v1/completions', body, { 'x-xidao-strict': 'true' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'translation_lossy', param: 'suffix' } });
  expect(upstream.calls).toHaveLength(0);
});
