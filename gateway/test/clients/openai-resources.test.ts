import { collect, cutAfter, echo, embed, startUpstream, type Upstream } from '@xidao/testkit';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';

describe('openai beyond chat', () => {
  let upstream: Upstream;
  let gateway: RunningGateway;
  let client: OpenAI;
  beforeAll(async () => {
    upstream = await startUpstream();
    const up = {
      dialect: 'openai-chat' as const,
      base_url: `${upstream.url}/v1`,
      api_key: 'sk-upstream',
      models: ['small-embedder', { id: 'test-model', display_name: 'Test Model', context_window: 8192 }, 'third-model'],
    };
    gateway = await aGateway({ providers: { up } });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
  });
  beforeEach(() => upstream.answer(echo()));
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
  });

  test('embeds texts, as floats and as the base64 that the SDK asks for unless told otherwise', async () => {
    const input = ['the first text', 'and the second'];
    const vectors = input.map((text) => embed(text));
    for (const ask of [{}, { encoding_format: 'float' }, { encoding_format: 'base64' }] as const) {
      const answer = await client.embeddings.create({ model: 'small-embedder', input, ...ask });
      expect(answer.data.map(({ index }) => index)).toEqual([0, 1]);
      expect(answer.usage).toEqual({ prompt_tokens: 6, total_tokens: 6 });
      const sent = upstream.calls.at(-1)?.json as Record<string, unknown>;
      expect(sent['encoding_format']).toBe(ask.encoding_format ?? 'base64');
      const told = answer.data.map(({ embedding }) =>
        typeof embedding === 'string'
          ? [...new Float32Array(Uint8Array.from(Buffer.from(embedding, 'base64')).buffer)]
          : embedding,
      );
      expect(told).toEqual(vectors);
    }
    const short = await client.embeddings.create({ model: 'small-embedder', input: 'short', dimensions: 8 });
    expect(short.data[0]?.embedding).toEqual(embed('short', 8));
  });

  test('completes a prompt in the old way, whole and streamed', async () => {
    const prompt = 'Once upon a time';
    const whole = await client.completions.create({ model: 'test-model', prompt });
    expect(whole).toMatchObject({ object: 'text_completion', choices: [{ text: prompt, finish_reason: 'stop' }] });
    const stream = await client.completions.create({ model: 'test-model', prompt, stream: true });
    const pieces = (await collect(stream)).map((chunk) => chunk.choices[0]?.text ?? '');
    expect(pieces.join('')).toBe(prompt);
    expect(pieces.length).toBeGreaterThan(3);
  });

  test('moderates', async () => {
    const answer = await client.moderations.create({ input: 'a kind word', model: 'test-model' });
    expect(answer.results).toMatchObject([{ flagged: false }]);
  });

  test('makes images', async () => {
    const answer = await client.images.generate({ model: 'test-model', prompt: 'a dot', n: 2 });
    expect(answer.data?.map(({ b64_json }) => b64_json?.slice(0, 8))).toEqual(['iVBORw0K', 'iVBORw0K']);
  });

  test('speaks: every byte of the sound arrives as it was', async () => {
    const sound = await client.audio.speech.create({ model: 'test-model', input: 'Hello', voice: 'alloy' });
    expect(sound.headers.get('content-type')).toBe('audio/mpeg');
    const bytes = Buffer.from(await sound.arrayBuffer());
    const every = Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value));
    expect(bytes.equals(Buffer.concat([every, every, every, every]))).toBe(true);
  });

  test('does not pass a sound off as whole that was cut', async () => {
    upstream.answer(cutAfter('bytes 300', echo()));
    const hearing = client.audio.speech
      .create({ model: 'test-model', input: 'Hello', voice: 'alloy' })
      .then((sound) => sound.arrayBuffer());
    await expect(hearing).rejects.toThrow();
  });

  test('writes down what a file says, sent as a form', async () => {
    const file = new File([Buffer.from('RIFF of a sound')], 'sound.wav', { type: 'audio/wav' });
    const heard = await client.audio.transcriptions.create({ model: 'test-model', file });
    expect(heard.text).not.toBe('');
    const parts = upstream.calls.at(-1)?.form ?? [];
    expect(parts.find((part) => part.name === 'model')?.bytes.toString()).toBe('test-model');
    expect(parts.find((part) => part.name === 'file')).toMatchObject({ filename: 'sound.wav' });
  });

  test('lists the models that the key may use, and tells each', async () => {
    const listed = await collect(client.models.list());
    const ids = listed.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['small-embedder', 'test-model', 'third-model']));
    expect(listed.every((model) => model.object === 'model' && typeof model.created === 'number')).toBe(true);
    expect(await client.models.retrieve('test-model')).toMatchObject({ id: 'test-model', owned_by: 'up' });
    await expect(client.models.retrieve('test-modle')).rejects.toThrow(OpenAI.NotFoundError);
  });
});
