import type { DialectName } from '@xidao/dialects';
import { onePixelPng, type RecordedCall, raw, reply, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { MODEL, only, post } from './dialect-calls.ts';

const PNG = Buffer.from(onePixelPng, 'base64');
const png = raw({ headers: { 'content-type': 'image/png' }, body: PNG });
const pdf = raw({ headers: { 'content-type': 'application/octet-stream' }, body: '%PDF-1.7 …' });
const answer = reply({ text: 'Seen.' });

/** A model, a host of images, and a gateway between them that may fetch from this machine. */
async function aScene(dialect: DialectName, config: ConfigInput = { media: { allow_private: true } }) {
  const model = await startUpstream({ answer });
  const images = await startUpstream({ answer: png });
  const gateway = await aGateway({ ...only(model, dialect), ...config });
  return {
    model,
    images,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await images.close();
      await model.close();
    },
  };
}

const chat = (...urls: string[]) => ({
  model: MODEL,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
      ],
    },
  ],
});

/** The texts of a body that are the image in base64, inside a data URL or alone. */
function imagesIn(call: RecordedCall | undefined): number {
  return call!.body.toString().split(onePixelPng).length - 1;
}

describe('a model that opens no addresses', () => {
  test.each<DialectName>(['gemini', 'bedrock'])(
    '%s gets what stands at them inline, with its type',
    async (dialect) => {
      await using scene = await aScene(dialect);
      const answered = await post(scene.gateway, '/v1/chat/completions', chat(`${scene.images.url}/cat`));
      expect(answered.status).toBe(200);
      expect(imagesIn(scene.model.calls[0])).toBe(1);
      expect(scene.model.calls[0]!.body.toString()).toMatch(/"image\/png"|"format":"png"/);
      expect(answered.headers.get('x-xidao-translation')).toBeNull();
    },
  );

  test('also from inside the results of tools, and from Anthropic and Responses clients', async () => {
    await using scene = await aScene('gemini');
    const source = { type: 'url', url: `${scene.images.url}/a` };
    const anthropic = await post(scene.gateway, '/v1/messages', {
      model: MODEL,
      max_tokens: 100,
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source }] }],
        },
      ],
    });
    expect(anthropic.status).toBe(200);
    const responses = await post(scene.gateway, '/v1/responses', {
      model: MODEL,
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: `${scene.images.url}/b` }] }],
    });
    expect(responses.status).toBe(200);
    expect(scene.model.calls.map(imagesIn)).toEqual([1, 1]);
  });

  test('each address is fetched once in a call, and not again in the next turn', async () => {
    await using scene = await aScene('gemini');
    const { url } = scene.images;
    await post(scene.gateway, '/v1/chat/completions', chat(`${url}/a`, `${url}/a`, `${url}/b`));
    await post(scene.gateway, '/v1/chat/completions', chat(`${url}/a`, `${url}/b`));
    expect(scene.images.calls.map(({ path }) => path).sort()).toEqual(['/a', '/b']);
    expect(scene.model.calls.map(imagesIn)).toEqual([3, 2]);
  });

  test('no more than four are fetched at once', async () => {
    await using scene = await aScene('gemini');
    let [open, most] = [0, 0];
    const releases: (() => void)[] = [];
    scene.images.answer(async (asked) => {
      open += 1;
      most = Math.max(most, open);
      // The first four wait for one another; each later one is let in by one that leaves.
      await new Promise<void>((resolve) => {
        releases.push(resolve);
        if (releases.length >= 4) for (const release of releases) release();
      });
      open -= 1;
      return png(asked);
    });
    const urls = Array.from({ length: 10 }, (_, at) => `${scene.images.url}/${at}`);
    const answered = await post(scene.gateway, '/v1/chat/completions', chat(...urls));
    expect(answered.status).toBe(200);
    expect(most).toBe(4);
  });

  test('a client of the same dialect is helped as well, and its body is else as it was', async () => {
    await using scene = await aScene('openai-chat', {
      media: { allow_private: true },
    });
    await using ollama = await aGateway({
      providers: { ollama: { dialect: 'openai-chat', base_url: `${scene.model.url}/v1`, models: [MODEL] } },
      media: { allow_private: true },
    });
    const asked = { ...chat(`${scene.images.url}/a`), keep_alive: '5m', temperature: 0.5 };
    expect((await post(ollama, '/v1/chat/completions', asked)).status).toBe(200);
    const data = `data:image/png;base64,${onePixelPng}`;
    expect(scene.model.calls[0]!.json).toEqual({ ...chat(data), keep_alive: '5m', temperature: 0.5 });
  });

  test('what it opens itself it opens itself', async () => {
    await using scene = await aScene('gemini');
    await using gateway = await aGateway({
      providers: { gemini: { base_url: scene.model.url, api_key: 'k', dialect: 'gemini', models: [MODEL] } },
    });
    const video = 'https://www.youtube.com/watch?v=9hE5-98ZeCg';
    const content = [{ type: 'video_url', video_url: { url: video } }];
    const asked = { model: MODEL, messages: [{ role: 'user', content }] };
    expect((await post(gateway, '/v1/chat/completions', asked)).status).toBe(200);
    expect(scene.model.calls[0]!.body.toString()).toContain(`"fileUri":"${video}"`);
  });
});

test('a model that opens addresses gets them as they are; a document goes inline to Chat, which has no address for it', async () => {
  await using scene = await aScene('openai-chat');
  scene.images.answer(pdf);
  const document = { type: 'document', source: { type: 'url', url: `${scene.images.url}/report` } };
  const image = { type: 'image', source: { type: 'url', url: 'https://images.invalid/cat.png' } };
  const messages = [{ role: 'user', content: [document, image] }];
  const answered = await post(scene.gateway, '/v1/messages', { model: MODEL, max_tokens: 10, messages });
  expect(answered.status).toBe(200);
  const sent = scene.model.calls[0]!.body.toString();
  expect(sent).toContain('"url":"https://images.invalid/cat.png"');
  expect(sent).toContain(`data:application/pdf;base64,${Buffer.from('%PDF-1.7 …').toString('base64')}`);
});

describe('what cannot be fetched is the client’s error, and nothing is sent', () => {
  test('with the place in the client’s body, the reason, and no secret of the address', async () => {
    await using scene = await aScene('gemini');
    scene.images.answer(status(404));
    const answered = await post(scene.gateway, '/v1/chat/completions', chat(`${scene.images.url}/cat?sig=secret`));
    const { error } = (await answered.json()) as { error: Record<string, string> };
    expect(answered.status).toBe(400);
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      code: 'image_fetch_failed',
      param: 'messages[0].content[1].image_url.url',
    });
    expect(error['message']).toContain('its host answered with status 404');
    expect(error['message']).not.toContain('secret');
    expect(scene.model.calls).toHaveLength(0);
    const record = await scene.gateway.record(answered.headers.get('x-request-id')!);
    expect(record).toMatchObject({ error: 'image_fetch_failed', outcome: 'refused', status: 400 });
  });

  test('this machine and its network are closed unless the configuration opens them', async () => {
    await using scene = await aScene('gemini', {});
    const answered = await post(scene.gateway, '/v1/chat/completions', chat(`${scene.images.url}/cat`));
    expect(answered.status).toBe(400);
    expect(await answered.text()).toContain('not public');
    expect(scene.images.connectionsSeen()).toBe(0);
  });

  test('in the words of Anthropic, and for something that is no image', async () => {
    await using scene = await aScene('gemini');
    scene.images.answer(raw({ headers: { 'content-type': 'text/html' }, body: '<html>Please log in</html>' }));
    const image = { type: 'image', source: { type: 'url', url: `${scene.images.url}/cat` } };
    const messages = [{ role: 'user', content: [image] }];
    const answered = await post(scene.gateway, '/v1/messages', { model: MODEL, max_tokens: 10, messages });
    expect(answered.status).toBe(400);
    expect(await answered.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('it is no image but text/html') },
    });
  });

  test('a file over the configured size', async () => {
    await using scene = await aScene('gemini', { media: { allow_private: true, max_size: 10 } });
    const answered = await post(scene.gateway, '/v1/chat/completions', chat(`${scene.images.url}/cat`));
    expect(await answered.text()).toContain('media.max_size');
    expect(scene.model.calls).toHaveLength(0);
  });
});

test('a client that leaves takes the fetch with it', async () => {
  await using scene = await aScene('gemini');
  let entered = () => {};
  const asked = new Promise<void>((resolve) => {
    entered = resolve;
  });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  scene.images.answer(async (call) => {
    entered();
    await held;
    return png(call);
  });
  const leaving = new AbortController();
  const call = fetch(`${scene.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}` },
    body: JSON.stringify(chat(`${scene.images.url}/cat`)),
    signal: leaving.signal,
  }).catch(() => 'left');
  await asked;
  leaving.abort();
  expect(await call).toBe('left');
  const record = await scene.gateway.recordWhere((line) => line['status'] === 499);
  expect(record['outcome']).toBe('client-left');
  release();
  expect(scene.model.calls).toHaveLength(0);
});
