import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import type { DialectName } from '@xidao/dialects';
import { header, reply, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { MODEL, only, post, providerAt } from './dialect-calls.ts';

const HOW = 'x-xidao-token-count';
const ASKED = { model: MODEL, messages: [{ role: 'user', content: 'three words here' }] };
const GEMINI_ASKED = { contents: [{ role: 'user', parts: [{ text: 'three words here' }] }] };
const GEMINI_PATH = `/v1beta/models/${MODEL}:countTokens`;

describe('a count of the provider itself', () => {
  test.each([
    ['anthropic-messages', '/v1/messages/count_tokens', ASKED, { input_tokens: 3 }],
    ['gemini', GEMINI_PATH, GEMINI_ASKED, { totalTokens: 3 }],
  ] as const)('passes where it speaks the dialect of the client: %s', async (dialect, path, body, told) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, dialect));
    const response = await post(gateway, path, body);
    expect(await response.json()).toMatchObject(told);
    expect(response.headers.get(HOW)).toBe('measured');
    expect(upstream.calls[0]!.json).toEqual(body);
  });

  test('is had from Gemini by a client of Anthropic, of all that would be sent', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const client = new Anthropic({ apiKey: KEY, baseURL: gateway.url, maxRetries: 0 });
    const { data, response } = await client.messages
      .countTokens({
        model: MODEL,
        system: 'Be kind',
        messages: [{ role: 'user', content: 'three words here' }],
        tools: [{ name: 'look', description: 'Looks', input_schema: { type: 'object' } }],
      })
      .withResponse();
    expect(data).toEqual({ input_tokens: 5 });
    expect(response.headers.get(HOW)).toBe('measured');
    const [call] = upstream.calls;
    expect(call!.path).toBe(GEMINI_PATH);
    expect(call!.json).toEqual({
      generateContentRequest: {
        model: `models/${MODEL}`,
        systemInstruction: { parts: [{ text: 'Be kind' }] },
        contents: [{ role: 'user', parts: [{ text: 'three words here' }] }],
        tools: [{ functionDeclarations: [expect.objectContaining({ name: 'look', description: 'Looks' })] }],
      },
    });
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      operation: 'count-tokens',
      outcome: 'complete',
      provider: 'up',
    });
  });

  test('is had from Anthropic by a client of Gemini, without the settings of an answer', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: gateway.url } });
    expect((await client.models.countTokens({ model: MODEL, contents: 'three words here' })).totalTokens).toBe(3);
    const whole = await post(gateway, GEMINI_PATH, {
      generateContentRequest: {
        model: `models/${MODEL}`,
        ...GEMINI_ASKED,
        systemInstruction: { parts: [{ text: 'Be kind' }] },
        generationConfig: { temperature: 1, maxOutputTokens: 9, stopSequences: ['x'] },
      },
    });
    expect(await whole.json()).toMatchObject({ totalTokens: 5 });
    expect(whole.headers.get(HOW)).toBe('measured');
    const asked = upstream.calls[1]!.json as object;
    expect(upstream.calls[1]!.path).toBe('/v1/messages/count_tokens');
    expect(Object.keys(asked).sort()).toEqual(['messages', 'model', 'system']);
  });
});

describe('an estimate', () => {
  test.each(['openai-chat', 'openai-responses', 'bedrock'] as DialectName[])(
    'is given where the provider counts nothing: %s, which is not even asked',
    async (dialect) => {
      await using upstream = await startUpstream();
      await using gateway = await aGateway(only(upstream, dialect));
      for (const [path, body, field] of [
        ['/v1/messages/count_tokens', ASKED, 'input_tokens'],
        [GEMINI_PATH, GEMINI_ASKED, 'totalTokens'],
      ] as const) {
        const response = await post(gateway, path, body);
        expect(response.status).toBe(200);
        expect(response.headers.get(HOW)).toBe('estimated');
        expect(response.headers.get('x-xidao-provider')).toBe('xidao');
        const tokens = ((await response.json()) as Record<string, number>)[field]!;
        expect(tokens).toBeGreaterThanOrEqual(4);
        expect(tokens).toBeLessThanOrEqual(12);
        expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
          outcome: 'complete',
          usage: 'none',
        });
      }
      expect(upstream.calls).toHaveLength(0);
    },
  );

  test('grows with everything that is sent, and needs no output limit', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const client = new Anthropic({ apiKey: KEY, baseURL: gateway.url, maxRetries: 0 });
    const count = async (more: Partial<Anthropic.MessageCountTokensParams>) =>
      (await client.messages.countTokens({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], ...more }))
        .input_tokens;
    const plain = await count({});
    const tools = [{ name: 'look', description: 'Looks at it '.repeat(20), input_schema: { type: 'object' as const } }];
    expect(await count({ system: 'You are kind. '.repeat(10) })).toBeGreaterThan(plain + 20);
    expect(await count({ tools })).toBeGreaterThan(plain + 40);
    const image = { type: 'base64' as const, media_type: 'image/png' as const, data: 'A'.repeat(100_000) };
    const withImage = await count({ messages: [{ role: 'user', content: [{ type: 'image', source: image }] }] });
    expect(withImage).toBeGreaterThan(plain + 500);
    expect(withImage).toBeLessThan(5_000);
  });

  test.each([404, 401, 500, 529])('is given when the provider that should count answers %i', async (code) => {
    await using upstream = await startUpstream({ answer: status(code) });
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const response = await post(gateway, '/v1/messages/count_tokens', ASKED);
    expect(response.status).toBe(200);
    expect(response.headers.get(HOW)).toBe('estimated');
    expect(response.headers.get('x-xidao-attempts')).toBe('2');
  });

  test('is not given for a request that the provider calls wrong', async () => {
    await using upstream = await startUpstream({ answer: status(400) });
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const response = await post(gateway, '/v1/messages/count_tokens', ASKED);
    expect(response.status).toBe(400);
    expect(response.headers.get(HOW)).toBeNull();
  });

  test('of a gateway further on stays an estimate', async () => {
    await using upstream = await startUpstream({ answer: header(HOW, 'estimated', reply({ text: '' })) });
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    expect((await post(gateway, '/v1/messages/count_tokens', ASKED)).headers.get(HOW)).toBe('estimated');
  });
});

describe('refusals', () => {
  test.each([
    ['/v1/messages/count_tokens', { model: MODEL, messages: [{ role: 'stranger', content: 'x' }] }],
    ['/v1/messages/count_tokens', { model: MODEL, messages: 'x' }],
    ['/v1/messages/count_tokens', { model: 'nobody-has-this', messages: [] }],
  ])('%s %j is refused in the words of Anthropic', async (path, body) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const response = await post(gateway, path, body);
    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { message: expect.any(String) } });
  });

  test('other methods are told which one is taken', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    for (const path of ['/v1/messages/count_tokens', GEMINI_PATH]) {
      const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${KEY}` } });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
    }
  });

  test('a key that may not use the model gets no estimate for it', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({
      providers: { up: providerAt(upstream.url, 'openai-chat') },
      keys: [{ name: 'app', key: KEY, models: ['other-*'] }],
    });
    expect((await post(gateway, '/v1/messages/count_tokens', ASKED)).status).toBe(403);
  });
});
