import type { DialectName } from '@xidao/dialects';
import { reply, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { MODEL, only, post, textOf } from './dialect-calls.ts';

/** As Cursor sends it to the path of Chat Completions: the body of a Responses call, with Chat's `stream_options`. */
const BODY = {
  model: MODEL,
  input: [
    { role: 'system', content: 'You edit code.' },
    { role: 'user', content: [{ type: 'input_text', text: 'Rename it.' }] },
    { type: 'function_call', call_id: 'call_1', name: 'read_file', arguments: '{"path":"a.ts"}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'const a = 1;' },
  ],
  tools: [{ type: 'function', name: 'read_file', parameters: { type: 'object', properties: {} }, strict: false }],
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_retention: '24h',
  user: 'u',
};

const PROVIDERS: [dialect: DialectName, path: string][] = [
  ['openai-chat', '/v1/chat/completions'],
  ['openai-responses', '/v1/responses'],
  ['anthropic-messages', '/v1/messages'],
];

describe.each(PROVIDERS)('a body of the Responses API on the path of Chat, over %s', (dialect, path) => {
  test('is answered whole in the shape of Chat', async () => {
    await using upstream = await startUpstream({
      answer: reply({ text: 'Done.', toolCalls: [{ name: 'read_file', arguments: { path: 'b.ts' } }] }),
    });
    await using gateway = await aGateway(only(upstream, dialect));
    const response = await post(gateway, '/v1/chat/completions', BODY);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          message: { role: 'assistant', content: 'Done.', tool_calls: [{ function: { name: 'read_file' } }] },
          finish_reason: 'tool_calls',
        },
      ],
      usage: { total_tokens: expect.any(Number) },
    });
    const [call] = upstream.calls;
    expect(call!.path).toBe(path);
    const sent = call!.body.toString();
    for (const said of ['You edit code.', 'Rename it.', 'const a = 1;', 'call_1']) expect(sent).toContain(said);
  });

  test.each([true, false])('is streamed in the shape of Chat, with usage if it is asked for: %j', async (asks) => {
    await using upstream = await startUpstream({ answer: reply({ text: 'one two three' }) });
    await using gateway = await aGateway(only(upstream, dialect));
    const body = { ...BODY, stream: true, ...(asks && { stream_options: { include_usage: true } }) };
    const response = await post(gateway, '/v1/chat/completions', body);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await response.text();
    expect(text).toContain('"chat.completion.chunk"');
    expect(text).not.toContain('response.');
    expect(textOf('openai-chat', text)).toBe('one two three');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(/"usage":\s*\{/.test(text)).toBe(asks);
    // The Responses API knows the field otherwise, and refuses this value.
    if (dialect === 'openai-responses') expect(upstream.calls[0]!.json).not.toHaveProperty('stream_options');
  });
});

test('is kept by nobody unless the client says so', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-responses'));
  const { store: _, ...body } = BODY;
  await post(gateway, '/v1/chat/completions', body);
  expect(upstream.calls[0]!.json).toMatchObject({ store: false });
});

test('what is wrong with it is told as OpenAI tells it', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const response = await post(gateway, '/v1/chat/completions', {
    model: MODEL,
    input: [{ role: 'nobody', content: 'x' }],
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param: 'input[0].role', type: 'invalid_request_error' } });
  const neither = await post(gateway, '/v1/chat/completions', { model: MODEL });
  expect(await neither.json()).toMatchObject({ error: { param: 'messages' } });
  const both = await post(gateway, '/v1/chat/completions', {
    model: MODEL,
    messages: [{ role: 'user', content: 'From messages' }],
    input: 'From input',
  });
  expect(both.status).toBe(200);
  expect(upstream.calls[0]!.body.toString()).toContain('From messages');
});
