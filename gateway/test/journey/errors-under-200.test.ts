import { type Cue, raw, rawRequest, startUpstream, type Upstream } from '@xidao/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';

let upstream: Upstream;
let answer: Cue;
let gateway: RunningGateway;

beforeEach(async () => {
  upstream = await startUpstream({ answer: (asked) => answer(asked) });
  const provider = (dialect: 'openai-chat' | 'gemini', version: string) => ({
    dialect,
    base_url: upstream.url + version,
    api_key: 'sk-upstream',
  });
  gateway = await aGateway({ providers: { chat: provider('openai-chat', '/v1'), google: provider('gemini', '') } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream.close();
});

const json = (body: unknown): Cue =>
  raw({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function ask(client: 'openai-chat' | 'anthropic-messages', model: string) {
  const path = client === 'openai-chat' ? '/v1/chat/completions' : '/v1/messages';
  const body = { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
  const headers = { authorization: `Bearer ${gateway.key}` };
  const answer = await rawRequest({ port: gateway.port, path, headers, body });
  return { status: answer.status, text: answer.text, body: JSON.parse(answer.text) };
}

describe('a document that tells an error under status 200', () => {
  const filtered = { error: { message: 'The prompt was filtered.', code: 'content_filter', status: 400 } };

  test('goes out under the status that the error stands for, in the provider’s own bytes', async () => {
    answer = json(filtered);
    const { status, text } = await ask('openai-chat', 'chat/m');
    expect(status).toBe(400);
    expect(text).toBe(JSON.stringify(filtered));
  });

  test('is worded for a client of another dialect, under its status', async () => {
    answer = json(filtered);
    const { status, body } = await ask('anthropic-messages', 'chat/m');
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(body.error.message).toBe('Blocked by content filtering policy: The prompt was filtered.');
  });

  test('is the provider’s failure where it says nothing else', async () => {
    answer = json({ error: { message: 'Something went wrong.' } });
    expect((await ask('openai-chat', 'chat/m')).status).toBe(500);
  });
});

test('a list of chunks from a host that does not know `alt=sse` is an answer to a client of another dialect', async () => {
  const chunk = (text: string, more = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
  });
  const usageMetadata = { promptTokenCount: 2, candidatesTokenCount: 3, totalTokenCount: 5 };
  answer = json([chunk('Grüße '), { ...chunk('an alle', { finishReason: 'STOP' }), usageMetadata }]);
  const { status, body } = await ask('openai-chat', 'google/m');
  expect(status).toBe(200);
  expect(body.choices[0]).toMatchObject({ message: { content: 'Grüße an alle' }, finish_reason: 'stop' });
  expect(body.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 3 });
});
