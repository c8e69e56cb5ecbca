import { startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { MODEL, only, post } from './dialect-calls.ts';

/** What arrives upstream of a chat body with these bytes. */
async function forwarded(body: string, path = '/v1/chat/completions'): Promise<string> {
  const dialect = path.endsWith('messages') ? 'anthropic-messages' : 'openai-chat';
  await using upstream = await startUpstream();
  await using gateway = await aGateway({ ...only(upstream, dialect) });
  const response = await post(gateway, path, body);
  expect(response.status, await response.text()).toBe(200);
  return upstream.calls[0]!.body.toString();
}

const ODD = `{ "zeta":1,"messages" : [{"role":"user","content":"\\u0041\\ud83d\\ude42 \\/ \\"model\\":\\"x\\""}],
  "seed": 12345678901234567890123, "temperature":1.0e0, "logit_bias":{"50256":-100.0,"a":1,"a":2},
  "model": "up/${MODEL}", "x_new_field":{"b":[],"a":null}, "alpha" : -0.0 }\n`;

test('only the model changes: unknown fields, key order, big numbers, escapes and spaces pass as they are', async () => {
  expect(await forwarded(ODD)).toBe(ODD.replace(`up/${MODEL}`, MODEL));
});

test('a body whose model needs no other name passes byte for byte', async () => {
  const body = ODD.replace('up/', '');
  expect(await forwarded(body)).toBe(body);
});

test('an Anthropic body keeps its system blocks, thinking signatures and cache marks as they are', async () => {
  const body = `{"max_tokens":5,"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"text":"b","type":"text"}],
"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQB+/=="}]},{"role":"user","content":"Hi"}],"model":"${MODEL}"}`;
  expect(await forwarded(body, '/v1/messages')).toBe(body);
});

test('of a stream, only the wish for usage is added besides', async () => {
  const body = `{"stream":true,"seed":12345678901234567890,"model":"up/${MODEL}","messages":[{"role":"user","content":"Hi"}]}`;
  expect(await forwarded(body)).toBe(
    body.replace(`up/${MODEL}`, MODEL).replace('{', '{"stream_options":{"include_usage":true},'),
  );
});

test('stream options of the client keep their other fields', async () => {
  const body = `{"model":"${MODEL}","stream_options":{"include_obfuscation":false},"stream":true,"messages":[{"role":"user","content":"Hi"}]}`;
  expect(JSON.parse(await forwarded(body))).toEqual({
    ...JSON.parse(body),
    stream_options: { include_obfuscation: false, include_usage: true },
  });
});

test.each([
  ['escaped', `{"mod\\u0065l":"up/${MODEL}","messages":[{"role":"user","content":"Hi"}],"x":1}`],
  ['doubled', `{"model":"up/no-such-model","messages":[{"role":"user","content":"Hi"}],"model":"up/${MODEL}","x":1}`],
  [
    'doubled, once escaped',
    `{"model":"up/no-such-model","messages":[{"role":"user","content":"Hi"}],"\\u006dodel":"up/${MODEL}","x":1}`,
  ],
])('where the key "model" is %s, the upstream is told the one model that was checked', async (_, body) => {
  const sent = await forwarded(body);
  expect(JSON.parse(sent)).toEqual({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], x: 1 });
  expect(sent.match(/"model"/g)).toHaveLength(1);
});

test('a doubled model is no way around the list of a key', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway({
    ...only(upstream, 'openai-chat', { models: [MODEL, 'dear-model'] }),
    keys: [{ name: 'narrow', key: 'xd-narrow-key-0000000000000000000000000000000000000', models: [MODEL] }],
  });
  for (const body of [
    `{"model":"${MODEL}","model":"dear-model","messages":[{"role":"user","content":"Hi"}]}`,
    `{"model":"${MODEL}","mod\\u0065l":"dear-model","messages":[{"role":"user","content":"Hi"}]}`,
  ]) {
    const response = await post(gateway, '/v1/chat/completions', body, {
      authorization: 'Bearer xd-narrow-key-0000000000000000000000000000000000000',
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_allowed' } });
  }
  expect(upstream.calls).toHaveLength(0);
});

test('the mission field task_type does not reach the upstream', async () => {
  const body = { model: MODEL, messages: [{ role: 'user', content: 'Hi' }], task_type: 'summary', x: 1 };
  expect(JSON.parse(await forwarded(JSON.stringify(body)))).toEqual({
    model: MODEL,
    messages: [{ role: 'user', content: 'Hi' }],
    x: 1,
  });
});

test('a byte order mark before the body is understood', async () => {
  const body = `\uFEFF{"model":"${MODEL}","messages":[{"role":"user","content":"Hi"}]}`;
  expect(JSON.parse((await forwarded(body)).replace('\uFEFF', ''))).toMatchObject({ model: MODEL });
});

test('the query of a call reaches an upstream of the same dialect', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  await post(gateway, '/v1/messages?beta=true', {
    model: MODEL,
    max_tokens: 5,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  expect(upstream.calls[0]!.path).toBe('/v1/messages');
  expect(upstream.calls[0]!.query.get('beta')).toBe('true');
});

test('a Gemini model is named in the path, and the body passes untouched', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'gemini'));
  const body = '{"contents":[{"parts":[{"text":"Hi"}]}],"generationConfig":{"seed":12345678901234567890},"zz":0.10}';
  const response = await post(gateway, `/v1beta/models/up/${MODEL}:generateContent`, body);
  expect(response.status).toBe(200);
  expect(upstream.calls[0]!.path).toBe(`/v1beta/models/${MODEL}:generateContent`);
  expect(upstream.calls[0]!.body.toString()).toBe(body);
});
