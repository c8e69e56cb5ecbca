import { type ClientDialectName, type DialectName, dialects, type JsonObject, type ModelEvent } from '@xidao/dialects';
import { type Cue, corpusIsThere, fromRecording, loadCorpus, raw, startUpstream, type Upstream } from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { eventsOf } from './dialect-calls.ts';

const MODEL = 'test-model';

interface Native {
  dialect: DialectName;
  /** What stands before the path in a base URL of this dialect. */
  base: string;
  path: string;
  contentType: string;
  /** One answer in its own words, in pieces and whole: thoughts, text and a call. */
  stream: string;
  document: JsonObject;
}

const frames = (events: JsonObject[]) =>
  events.map((one) => `event: ${one['type']}\ndata: ${JSON.stringify(one)}\n\n`).join('');
const lines = (objects: JsonObject[]) => objects.map((one) => `${JSON.stringify(one)}\n`).join('');
const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"漢"}' } };
const cohereUsage = {
  billed_units: { input_tokens: 7, output_tokens: 5 },
  tokens: { input_tokens: 70, output_tokens: 9 },
};
const counts = { prompt_eval_count: 7, eval_count: 5 };
const line = (message: JsonObject, more: JsonObject = { done: false }) => ({
  ...{ model: MODEL, created_at: '2026-05-01T00:00:00Z' },
  message: { role: 'assistant', content: '', ...message },
  ...more,
});
const objectCall = { id: 'c1', function: { name: 'look', arguments: { at: '漢' } } };
const piece = (message: JsonObject, reason = 'null') => ({
  output: { choices: [{ message: { content: '', ...message, role: 'assistant' }, index: 0, finish_reason: reason }] },
  usage: { input_tokens: 7, output_tokens: 5, total_tokens: 12 },
  request_id: 'r1',
});

const NATIVES: Native[] = [
  {
    dialect: 'cohere-chat',
    base: '',
    path: '/v2/chat',
    contentType: 'text/event-stream',
    stream: frames([
      { type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } },
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'thinking', thinking: '' } } } },
      { type: 'content-delta', index: 0, delta: { message: { content: { thinking: 'Hm.' } } } },
      { type: 'content-end', index: 0 },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I look.' } } },
      {
        type: 'tool-call-start',
        index: 0,
        delta: { message: { tool_calls: { ...call, function: { name: 'look', arguments: '' } } } },
      },
      { type: 'tool-call-delta', index: 0, delta: { message: { tool_calls: { function: { arguments: '{"at":' } } } } },
      { type: 'tool-call-delta', index: 0, delta: { message: { tool_calls: { function: { arguments: '"漢"}' } } } } },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: cohereUsage } },
    ]),
    document: {
      id: 'a',
      message: {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Hm.' }],
        tool_plan: 'I look.',
        tool_calls: [call],
      },
      finish_reason: 'TOOL_CALL',
      usage: cohereUsage,
    },
  },
  {
    dialect: 'ollama-chat',
    base: '',
    path: '/api/chat',
    contentType: 'application/x-ndjson',
    stream: lines([
      line({ thinking: 'Hm.' }),
      line({ content: 'I ' }),
      line({ content: 'look.' }),
      line({ tool_calls: [objectCall] }),
      line({}, { done: true, done_reason: 'stop', ...counts }),
    ]),
    document: line(
      { content: 'I look.', thinking: 'Hm.', tool_calls: [objectCall] },
      { done: true, done_reason: 'stop', ...counts },
    ),
  },
  {
    dialect: 'dashscope',
    base: '/api/v1',
    path: '/api/v1/services/aigc/text-generation/generation',
    contentType: 'text/event-stream;charset=UTF-8',
    stream: [
      piece({ reasoning_content: 'Hm.' }),
      piece({ content: 'I look.' }),
      piece({ tool_calls: [{ ...call, index: 0, function: { name: 'look', arguments: '{"at":' } }] }),
      piece({ tool_calls: [{ index: 0, id: '', type: 'function', function: { arguments: '"漢"}' } }] }),
      piece({}, 'tool_calls'),
    ]
      .map((one, at) => `id:${at + 1}\nevent:result\n:HTTP_STATUS/200\ndata:${JSON.stringify(one)}\n\n`)
      .join(''),
    document: piece({ reasoning_content: 'Hm.', content: 'I look.', tool_calls: [call] }, 'tool_calls'),
  },
];

const CLIENTS: { dialect: ClientDialectName; path: string; body: JsonObject }[] = [
  {
    dialect: 'openai-chat',
    path: '/v1/chat/completions',
    body: { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, stream_options: { include_usage: true } },
  },
  {
    dialect: 'anthropic-messages',
    path: '/v1/messages',
    body: {
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 4096,
      thinking: { type: 'enabled', budget_tokens: 1024 },
    },
  },
];

function saidIn(events: ModelEvent[]) {
  const said = { text: '', reasoning: '', calls: '', output: 0, input: 0, finish: '', error: '', isWhole: false };
  for (const event of events) {
    if (event.type === 'text-delta') said.text += event.text;
    else if (event.type === 'reasoning-delta') said.reasoning += event.text;
    else if (event.type === 'tool-call-start') said.calls += `${event.name} `;
    else if (event.type === 'tool-call-delta') said.calls += event.arguments;
    else if (event.type === 'usage') {
      said.input = event.usage.inputTokens;
      said.output = event.usage.outputTokens;
    } else if (event.type === 'finish') said.finish = event.reason;
    else if (event.type === 'error') said.error = event.error.kind;
    else if (event.type === 'end') said.isWhole = true;
  }
  return said;
}

const WHOLE = {
  ...{ text: 'I look.', reasoning: 'Hm.', calls: 'look {"at":"漢"}', input: 7, output: 5 },
  ...{ finish: 'tool-calls', error: '', isWhole: true },
};

describe.each(NATIVES)('a provider of $dialect', (native) => {
  let upstream: Upstream;
  let gateway: RunningGateway;
  let answer: Cue;

  beforeAll(async () => {
    upstream = await startUpstream({ answer: (asked) => answer(asked) });
    const entry = { dialect: native.dialect, base_url: upstream.url + native.base, api_key: 'sk-up', models: [MODEL] };
    gateway = await aGateway({ providers: { up: entry } } as Parameters<typeof aGateway>[0]);
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
  });

  const ask = (client: (typeof CLIENTS)[number], stream: boolean) => {
    const { stream_options: options, ...body } = client.body;
    return fetch(gateway.url + client.path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${KEY}`,
        'anthropic-version': '2023-06-01',
      },
      body: JSON.stringify({
        model: MODEL,
        ...body,
        stream,
        ...(stream && options ? { stream_options: options } : {}),
      }),
    });
  };

  describe.each(CLIENTS)('serves clients of $dialect', (client) => {
    test('with a stream', async () => {
      answer = raw({ headers: { 'content-type': native.contentType }, body: native.stream });
      const response = await ask(client, true);
      const events = eventsOf(client.dialect, await response.text());
      expect(saidIn(events)).toMatchObject(WHOLE);
      const asked = upstream.calls.at(-1)!;
      expect(asked.path).toBe(native.path);
      expect(asked.headers['authorization']).toBe('Bearer sk-up');
      const record = await gateway.record(response.headers.get('x-xidao-request-id') ?? '');
      expect(record).toMatchObject({ input_tokens: 7, output_tokens: 5, usage: 'measured' });
    });

    test('with a document', async () => {
      answer = raw({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(native.document) });
      const response = await ask(client, false);
      const events = dialects[client.dialect].readDocument((await response.json()) as JsonObject);
      expect(saidIn(events)).toMatchObject(WHOLE);
    });

    test('and tells them that it broke off', async () => {
      const cut = native.stream.slice(0, native.stream.indexOf('I '));
      answer = raw({ headers: { 'content-type': native.contentType }, body: cut.slice(0, cut.lastIndexOf('\n') + 1) });
      const response = await ask(client, true);
      const said = saidIn(eventsOf(client.dialect, await response.text()));
      expect(said.isWhole).toBe(false);
      expect(said.error).not.toBe('');
    });
  });
});

const RECORDED: { dialect: DialectName; api: string; base: string; id: string }[] = [
  { dialect: 'cohere-chat', api: 'cohere_chat', base: '', id: 'ec0e15caef1e217a' },
  { dialect: 'ollama-chat', api: 'ollama_chat', base: '', id: '9545fc923ae29593' },
  { dialect: 'dashscope', api: 'dashscope_native', base: '/api/v1', id: '2db3039c836da4e8' },
];

if (!corpusIsThere()) console.log('No corpus: recorded answers of native dialects are not played.');

describe.skipIf(!corpusIsThere()).each(RECORDED)('a recorded answer of $dialect', ({ dialect, api, base, id }) => {
  const recording = corpusIsThere() ? loadCorpus({ api }).find((one) => one.id === id)! : undefined!;

  test.each(CLIENTS)('says the same to a client of $dialect', async (client) => {
    await using upstream = await startUpstream({ answer: fromRecording(recording) });
    const entry = { dialect, base_url: upstream.url + base, api_key: 'sk-up', models: [MODEL] };
    await using gateway = await aGateway({ providers: { up: entry } } as Parameters<typeof aGateway>[0]);
    const response = await fetch(gateway.url + client.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: MODEL, ...client.body, stream: true }),
    });
    const before = saidIn(eventsOf(dialect, recording.body ?? ''));
    expect(before.isWhole).toBe(true);
    expect(saidIn(eventsOf(client.dialect, await response.text()))).toEqual(before);
  });
});
