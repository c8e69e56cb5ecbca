import { cutAfter, reply, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { MODEL, only, post, providerAt } from './dialect-calls.ts';

const path = '/v1/chat/completions';
const STRICT = { 'x-xidao-strict': 'true' };
/** A chat with what Anthropic has no word for. */
const lossy = (more: Record<string, unknown> = {}) => ({
  model: MODEL,
  messages: [{ role: 'user', content: 'Hello' }],
  logit_bias: { '42': 1 },
  seed: 7,
  ...more,
});
const plain = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10 };

describe('a strict call', () => {
  test('that would lose something is refused with all of it, and nothing is sent', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    for (const stream of [false, true]) {
      const answered = await post(gateway, path, lossy({ stream }), STRICT);
      const { error } = (await answered.json()) as { error: Record<string, string> };
      expect(answered.status).toBe(400);
      expect(error).toMatchObject({ code: 'translation_lossy', type: 'invalid_request_error' });
      expect(error['message']).toContain('logit_bias');
      expect(error['message']).toContain('seed');
      expect(answered.headers.get('x-should-retry')).toBe('false');
    }
    expect(upstream.calls).toHaveLength(0);
  });

  test('that loses nothing passes', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    expect((await post(gateway, path, plain, STRICT)).status).toBe(200);
  });

  test('in the same dialect passes whatever it holds', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    expect((await post(gateway, path, lossy({ unheard_of: 1 }), STRICT)).status).toBe(200);
    expect(upstream.calls[0]?.json).toMatchObject({ logit_bias: { '42': 1 }, unheard_of: 1 });
  });

  test('in the same dialect is refused where the host forbids something', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({
      providers: { mistral: { api_key: 'k', base_url: `${upstream.url}/v1`, models: [MODEL] } },
    });
    const answered = await post(gateway, path, lossy(), STRICT);
    expect(await answered.json()).toMatchObject({ error: { code: 'translation_lossy', param: 'logit_bias' } });
    expect(upstream.calls).toHaveLength(0);
  });

  test('is so for every client of a model that the configuration calls strict, and for no other', async () => {
    await using upstream = await startUpstream();
    const models = {
      careful: { provider: 'up', model: MODEL, strict: true },
      easy: { provider: 'up', model: MODEL },
    };
    await using gateway = await aGateway({ ...only(upstream, 'anthropic-messages'), models });
    const refused = await post(gateway, path, lossy({ model: 'careful' }), { 'x-xidao-strict': 'false' });
    expect(await refused.json()).toMatchObject({ error: { code: 'translation_lossy' } });
    expect((await post(gateway, path, lossy({ model: 'easy' }))).status).toBe(200);
  });

  test('goes to the target that can carry everything, and its receipt is empty', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({
      providers: {
        messages: providerAt(upstream.url, 'anthropic-messages'),
        chat: providerAt(upstream.url, 'openai-chat'),
      },
      models: {
        both: {
          strategy: 'priority',
          targets: [
            { provider: 'messages', model: MODEL },
            { provider: 'chat', model: MODEL },
          ],
        },
      },
    });
    const answered = await post(gateway, path, lossy({ model: 'both' }), STRICT);
    expect(answered.status).toBe(200);
    expect(answered.headers.get('x-xidao-provider')).toBe('chat');
    expect(answered.headers.get('x-xidao-translation')).toBeNull();
    expect(upstream.calls.map((call) => call.path)).toEqual(['/v1/chat/completions']);
  });

  test('gets the provider’s own error where the target that could carry it failed', async () => {
    await using upstream = await startUpstream({ answer: status(401) });
    await using gateway = await aGateway({
      providers: {
        chat: providerAt(upstream.url, 'openai-chat'),
        messages: providerAt(upstream.url, 'anthropic-messages'),
      },
      models: {
        both: {
          strategy: 'priority',
          targets: [
            { provider: 'chat', model: MODEL },
            { provider: 'messages', model: MODEL },
          ],
        },
      },
    });
    const answered = await post(gateway, path, lossy({ model: 'both' }), STRICT);
    expect(answered.status).toBe(401);
    expect(upstream.calls.map((call) => call.path)).toEqual(['/v1/chat/completions']);
  });
});

describe('a call that is not strict', () => {
  test.each([false, true])('tells in header and record what was lost (streamed: %s)', async (stream) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const answered = await post(gateway, path, lossy({ stream }));
    await answered.text();
    expect(answered.headers.get('x-xidao-translation')).toMatch(/^dropped: .*logit_bias/);
    expect(answered.headers.get('x-xidao-translation')).toContain('seed');
    const record = await gateway.record(answered.headers.get('x-request-id')!);
    expect(record['translation']).toMatchObject({ dropped: expect.arrayContaining(['logit_bias', 'seed']) });
  });

  test('tells nothing where nothing was lost', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const answered = await post(gateway, path, plain);
    expect(answered.headers.get('x-xidao-translation')).toBeNull();
    expect(await gateway.record(answered.headers.get('x-request-id')!)).not.toHaveProperty('translation');
  });

  test('that goes on to another target is told of that one’s losses', async () => {
    await using broken = await startUpstream({ answer: cutAfter('first-byte', reply({ text: 'Hi' })) });
    await using upstream = await startUpstream();
    await using gateway = await aGateway({
      providers: {
        messages: providerAt(broken.url, 'anthropic-messages'),
        chat: providerAt(upstream.url, 'openai-chat'),
      },
      models: {
        both: {
          strategy: 'priority',
          targets: [
            { provider: 'messages', model: MODEL },
            { provider: 'chat', model: MODEL },
          ],
        },
      },
    });
    const answered = await post(gateway, path, lossy({ model: 'both' }));
    expect(answered.headers.get('x-xidao-provider')).toBe('chat');
    expect(answered.headers.get('x-xidao-translation')).toBeNull();
  });

  test('is told what a host of its own dialect forbids', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({
      providers: { mistral: { api_key: 'k', base_url: `${upstream.url}/v1`, models: [MODEL] } },
    });
    const answered = await post(gateway, path, lossy());
    expect(answered.headers.get('x-xidao-translation')).toBe('dropped: logit_bias');
    expect(upstream.calls[0]?.json).toEqual({ model: MODEL, messages: lossy().messages, random_seed: 7 });
  });
});
