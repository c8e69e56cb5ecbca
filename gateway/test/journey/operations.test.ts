import { cutAfter, raw, readMultipart, reply, splitAt, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { MODEL, only, post } from './dialect-calls.ts';

/** A gateway before an OpenAI-like upstream, and what the upstream says to somebody who asks it directly. */
async function both(
  path: string,
  body: unknown,
  run: (facts: { through: Buffer; direct: Buffer; response: Response; gateway: RunningGateway }) => unknown,
  cue?: Parameters<typeof startUpstream>[0],
): Promise<void> {
  await using upstream = await startUpstream(cue);
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, path, body);
  const through = Buffer.from(await response.arrayBuffer());
  await using other = await startUpstream(cue);
  const direct = Buffer.from(
    await (
      await fetch(other.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).arrayBuffer(),
  );
  await run({ through, direct, response, gateway });
}

test.each([
  ['embeddings', { model: MODEL, input: ['one', 'two words'], encoding_format: 'float' }, { input_tokens: 3 }],
  ['completions', { model: MODEL, prompt: 'Once upon a time' }, { input_tokens: 4, output_tokens: 4 }],
  ['moderations', { model: MODEL, input: 'Hello there' }, {}],
  ['images/generations', { model: MODEL, prompt: 'a cat', n: 2 }, { input_tokens: 2, output_tokens: 32 }],
])('%s passes byte for byte, and its usage is known', async (operation, body, usage) => {
  await both(`/v1/${operation}`, body, async ({ through, direct, response, gateway }) => {
    expect(response.status).toBe(200);
    expect(through.toString()).toBe(direct.toString());
    const record = await gateway.record(response.headers.get('x-request-id')!);
    expect(record).toMatchObject({ operation, outcome: 'complete', ...usage });
  });
});

test('a legacy completion streams byte for byte', async () => {
  const body = { model: MODEL, prompt: 'Once upon a time', stream: true, stream_options: { include_usage: true } };
  await both('/v1/completions', body, async ({ through, direct, response, gateway }) => {
    expect(through.toString()).toBe(direct.toString());
    expect(through.toString()).toContain('[DONE]');
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      outcome: 'complete',
      input_tokens: 4,
      output_tokens: 4,
    });
  });
});

test('the alias of the mission for moderations works, with and without a model', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway({
    ...only(upstream, 'openai-chat', { models: [MODEL, 'omni-moderation-latest'] }),
  });
  for (const body of [{ model: MODEL, input: 'x' }, { input: 'x' }]) {
    const response = await post(gateway, '/v1/content/moderation', body);
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('results');
  }
  expect(upstream.calls.map(({ path }) => path)).toEqual(['/v1/moderations', '/v1/moderations']);
});

test('speech passes as the binary that it is', async () => {
  await both('/v1/audio/speech', { model: MODEL, input: 'Hello', voice: 'alloy' }, ({ through, direct, response }) => {
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(through).toHaveLength(1024);
    expect(through.equals(direct)).toBe(true);
  });
});

test('speech that is cut is never a clean end', async () => {
  await using upstream = await startUpstream({ answer: cutAfter('bytes 300') });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/audio/speech', { model: MODEL, input: 'Hello', voice: 'alloy' });
  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow();
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ outcome: 'broken-off' });
});

test.each([
  ['the name of the upstream', MODEL],
  ['a name that must be replaced', `up/${MODEL}`],
])('a transcription form passes with its file untouched, under %s', async (_, model) => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const sound = Uint8Array.from({ length: 2000 }, (__, index) => (index * 7) % 256);
  const form = new FormData();
  form.append('file', new Blob([sound], { type: 'audio/wav' }), 'model');
  form.append('model', model);
  form.append('language', 'zh');
  const response = await post(gateway, '/v1/audio/transcriptions', form);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ text: 'Heard 2000 bytes of model' });
  const [seen] = upstream.calls;
  const parts = readMultipart(seen!.headers['content-type'], seen!.body)!;
  const field = (name: string) => parts.find((part) => part.name === name)!.bytes;
  expect(field('model').toString()).toBe(MODEL);
  expect(field('language').toString()).toBe('zh');
  expect(Buffer.from(field('file')).equals(sound)).toBe(true);
});

test('a form without a model is refused as one', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const form = new FormData();
  form.append('file', new Blob(['sound']), 'a.wav');
  const response = await post(gateway, '/v1/audio/transcriptions', form);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'missing_model', param: 'model' } });
});

// The events of OpenAI's Images API: no [DONE] ends them.
const IMAGE_EVENTS = [
  'event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"AAAA","partial_image_index":0}\n\n',
  'event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"BBBB","usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}}\n\n',
];

test('an image that comes in pieces streams to its end, and the upstream is asked for nothing it does not know', async () => {
  await using upstream = await startUpstream({
    answer: raw({ headers: { 'content-type': 'text/event-stream' }, chunks: IMAGE_EVENTS }),
  });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const body = { model: MODEL, prompt: 'a cat', stream: true, partial_images: 1 };
  const response = await post(gateway, '/v1/images/generations', body);
  expect(await response.text()).toBe(IMAGE_EVENTS.join(''));
  expect(upstream.calls[0]!.json).toEqual(body);
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
    outcome: 'complete',
    output_tokens: 9,
  });
});

test('Anthropic count_tokens passes byte for byte', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const body = { model: MODEL, messages: [{ role: 'user', content: 'three words here' }] };
  const response = await post(gateway, '/v1/messages/count_tokens', body);
  expect(await response.json()).toEqual({ input_tokens: 3 });
  expect(upstream.calls[0]!.path).toBe('/v1/messages/count_tokens');
});

test.each(['countTokens', 'embedContent'])('Gemini %s passes byte for byte', async (method) => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'gemini'));
  const body =
    method === 'countTokens' ? { contents: [{ parts: [{ text: 'a b' }] }] } : { content: { parts: [{ text: 'a' }] } };
  const response = await post(gateway, `/v1beta/models/${MODEL}:${method}`, body);
  expect(response.status).toBe(200);
  const direct = await post({ url: upstream.url }, `/v1beta/models/${MODEL}:${method}`, body);
  expect(await response.text()).toBe(await direct.text());
  expect(upstream.calls[0]!.path).toBe(`/v1beta/models/${MODEL}:${method}`);
});

test('Gemini batchEmbedContents reaches the method of that name', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'gemini'));
  const body = { requests: [{ model: `models/${MODEL}`, content: { parts: [{ text: 'a' }] } }] };
  const response = await post(gateway, `/v1beta/models/${MODEL}:batchEmbedContents`, body);
  expect(response.status).toBe(200);
  expect(await response.json()).toHaveProperty('embeddings');
  expect(upstream.calls[0]!.path).toBe(`/v1beta/models/${MODEL}:batchEmbedContents`);
});

test('a Gemini client that does not ask for events is given the JSON list that it expects, as it arrives', async () => {
  const cue = reply({ text: 'one two three' });
  await using upstream = await startUpstream({ answer: splitAt('every-byte', cue) });
  await using gateway = await aGateway(only(upstream, 'gemini'));
  const body = { contents: [{ parts: [{ text: 'Hi' }] }] };
  const response = await post(gateway, `/v1beta/models/${MODEL}:streamGenerateContent`, body);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const chunks = (await response.json()) as { candidates: { content: { parts: { text: string }[] } }[] }[];
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.map((chunk) => chunk.candidates[0]!.content.parts[0]!.text).join('')).toBe('one two three');
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
    outcome: 'complete',
    output_tokens: 3,
  });
});
