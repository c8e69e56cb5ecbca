import type { DialectName } from '@xidao/dialects';
import { cutAfter, reply, startUpstream } from '@xidao/testkit';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { Gateway } from '../../src/gateway.ts';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { MODEL, only, post, providerAt } from './dialect-calls.ts';

const OTHER_KEY = 'xd-other-key-11111111111111111111111111111111111111';
const KEYS = [
  { name: 'app', key: KEY },
  { name: 'other', key: OTHER_KEY },
];

function sdk({ url }: { url: string }, apiKey = KEY): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}

/** What went to the provider, as text. */
function sent(upstream: { calls: readonly { body: Buffer }[] }, index: number): string {
  return upstream.calls[index]!.body.toString();
}

function textOfItem(item: unknown): string {
  return (item as { content: [{ text: string }] }).content[0].text;
}

/** The SDK's type of a response leaves this field out. */
function storeOf(response: object): unknown {
  return (response as { store?: unknown }).store;
}

function get(gateway: { url: string }, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${KEY}`, ...init.headers } });
}

const FOREIGN: DialectName[] = ['anthropic-messages', 'gemini', 'openai-chat', 'bedrock'];

describe.each(FOREIGN)('responses over %s', (dialect) => {
  test.each([false, true])('go on from one to the next (streamed: %j)', async (stream) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, dialect));
    const client = sdk(gateway);
    const create = async (body: { input: string; instructions?: string; previous_response_id?: string }) => {
      if (!stream) return client.responses.create({ model: MODEL, ...body });
      return client.responses.stream({ model: MODEL, ...body }).finalResponse();
    };
    upstream.answer(reply({ text: 'A red kite.' }));
    const first = await create({ input: 'What did you see?', instructions: 'Talk like a sailor.' });
    upstream.answer(reply({ text: 'Over the hill.' }));
    const second = await create({ input: 'Where?', previous_response_id: first.id });
    upstream.answer(reply({ text: 'At noon.' }));
    const third = await create({ input: 'When?', previous_response_id: second.id });

    expect(second.previous_response_id).toBe(first.id);
    expect(third.previous_response_id).toBe(second.id);
    expect(third.output_text).toBe('At noon.');
    const conversation = sent(upstream, 2);
    const said = ['What did you see?', 'A red kite.', 'Where?', 'Over the hill.', 'When?'];
    const places = said.map((text) => conversation.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    // As in OpenAI's API, instructions hold for their own turn.
    expect(sent(upstream, 0)).toContain('sailor');
    expect(conversation).not.toContain('sailor');
    // Kept here, so no provider need know of it, and nothing was lost.
    expect(conversation).not.toMatch(/previous_response_id|"store"/);
  });

  test('are there to be read, listed and taken away', async () => {
    await using upstream = await startUpstream({ answer: reply({ text: 'A red kite.' }) });
    await using gateway = await aGateway(only(upstream, dialect));
    const client = sdk(gateway);
    const made = await client.responses.create({
      model: MODEL,
      input: [{ role: 'user', content: 'What did you see?' }],
      metadata: { topic: 'birds' },
    });
    expect(storeOf(made)).toBe(true);
    const { output_text: _, _request_id: __, ...told } = made as typeof made & { _request_id?: unknown };
    expect(await client.responses.retrieve(made.id)).toMatchObject(told);

    const second = await client.responses.create({ model: MODEL, input: 'Where?', previous_response_id: made.id });
    const items = await client.responses.inputItems.list(second.id, { order: 'asc' });
    expect(items.data.map((item) => textOfItem(item))).toEqual(['What did you see?', 'A red kite.', 'Where?']);
    expect(items.data[1]!.id).toBe(made.output[0]!.id);

    await client.responses.delete(second.id);
    await expect(client.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(second.id)).rejects.toMatchObject({ status: 404 });
    expect((await client.responses.retrieve(made.id)).id).toBe(made.id);
  });
});

test('a tool loop goes on by its results alone', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const client = sdk(gateway);
  const tools = [
    { type: 'function' as const, name: 'weather', parameters: { type: 'object', properties: {} }, strict: false },
  ];
  upstream.answer(reply({ toolCalls: [{ name: 'weather', arguments: { place: 'Rome' } }] }));
  const first = await client.responses.create({ model: MODEL, input: 'Weather in Rome?', tools });
  const call = first.output.find((item) => item.type === 'function_call')!;
  upstream.answer(reply({ text: 'It is sunny.' }));
  const second = await client.responses.create({
    model: MODEL,
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
    tools,
  });
  expect(second.output_text).toBe('It is sunny.');
  const body = upstream.calls[1]!.json as { messages: { role: string; content: unknown }[] };
  expect(body.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(JSON.stringify(body.messages[1])).toContain('"Rome"');
  expect(JSON.stringify(body.messages[2])).toContain('tool_result');
});

describe('reasoning that is bound to its provider', () => {
  const thinking = reply({
    reasoning: 'Hmm.',
    signature: Buffer.from('bound').toString('base64'),
    text: 'Four.',
    toolCalls: [{ name: 'check', arguments: {} }],
  });
  const tools = [{ type: 'function' as const, name: 'check', parameters: { type: 'object' }, strict: false }];

  test.each(['anthropic-messages', 'gemini'] as const)(
    'is kept over turns at %s, and shown to nobody who has not asked',
    async (dialect) => {
      await using upstream = await startUpstream({ answer: thinking });
      await using gateway = await aGateway(only(upstream, dialect));
      const client = sdk(gateway);
      const first = await client.responses.create({
        model: MODEL,
        input: 'Two and two?',
        reasoning: { effort: 'high' },
        tools,
      });
      const call = first.output.find((item) => item.type === 'function_call')!;
      expect(JSON.stringify(first)).not.toContain('encrypted_content');
      const kept = await client.responses.retrieve(first.id);
      expect(kept.output).toEqual(first.output);
      const whole = await client.responses.retrieve(first.id, { include: ['reasoning.encrypted_content'] });
      expect(JSON.stringify(whole)).toContain('encrypted_content');

      upstream.answer(reply({ text: 'Checked.' }));
      await client.responses.create({
        model: MODEL,
        previous_response_id: first.id,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'yes' }],
        reasoning: { effort: 'high' },
        tools,
      });
      expect(sent(upstream, 1)).toContain(Buffer.from('bound').toString('base64'));
    },
  );
});

describe('what is not kept', () => {
  test('store: false keeps nothing, and says so', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const client = sdk(gateway);
    const made = await client.responses.create({ model: MODEL, input: 'Hi', store: false });
    expect(storeOf(made)).toBe(false);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.responses.create({ model: MODEL, input: 'On', previous_response_id: made.id }),
    ).rejects.toMatchObject({ status: 404 });
    expect(upstream.calls).toHaveLength(1);
  });

  test('storage.responses_ttl: 0 keeps nothing for anybody', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, 'gemini'), storage: { responses_ttl: 0 } });
    const made = await sdk(gateway).responses.create({ model: MODEL, input: 'Hi' });
    expect(storeOf(made)).toBe(false);
    await expect(sdk(gateway).responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  test('an answer that broke off is no response', async () => {
    await using upstream = await startUpstream({ answer: cutAfter('text 2', reply({ text: 'one two three four' })) });
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const ids: string[] = [];
    await expect(async () => {
      const stream = await sdk(gateway).responses.create({ model: MODEL, input: 'Hi', stream: true });
      for await (const event of stream) if (event.type === 'response.created') ids.push(event.response.id);
    }).rejects.toThrow();
    expect(ids).toHaveLength(1);
    await expect(sdk(gateway).responses.retrieve(ids[0]!)).rejects.toMatchObject({ status: 404 });
  });
});

describe('whose it is', () => {
  test('another key can neither go on from it, nor read it, nor take it away', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway({ ...only(upstream, 'gemini'), keys: KEYS });
    const made = await sdk(gateway).responses.create({ model: MODEL, input: 'A secret' });
    const stranger = sdk(gateway, OTHER_KEY);
    await expect(
      stranger.responses.create({ model: MODEL, input: 'Tell me', previous_response_id: made.id }),
    ).rejects.toMatchObject({
      status: 404,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      type: 'invalid_request_error',
      message: `404 Previous response with id '${made.id}' not found.`,
    });
    await expect(stranger.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.inputItems.list(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.delete(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.cancel(made.id)).rejects.toMatchObject({ status: 404 });
    expect(upstream.calls).toHaveLength(1);
    expect((await sdk(gateway).responses.retrieve(made.id)).id).toBe(made.id);
    expect(
      (await get(gateway, `/v1/responses/${made.id}`, { headers: { authorization: 'Bearer xd-nobody' } })).status,
    ).toBe(401);
  });

  test('a conversation of which a part was taken away says which', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const client = sdk(gateway);
    const first = await client.responses.create({ model: MODEL, input: 'One' });
    const second = await client.responses.create({ model: MODEL, input: 'Two', previous_response_id: first.id });
    await client.responses.delete(first.id);
    await expect(
      client.responses.create({ model: MODEL, input: 'Three', previous_response_id: second.id }),
    ).rejects.toMatchObject({ status: 404, message: `404 Previous response with id '${first.id}' not found.` });
  });
});

test('a restart keeps them', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'Before.' }) });
  const config: ConfigInput = { keys: KEYS, ...only(upstream, 'anthropic-messages') };
  await using gateway = await aGateway(config);
  const made = await sdk(gateway).responses.create({ model: MODEL, input: 'Hi' });
  await gateway.gateway.stop();
  const again = await Gateway.create(config, { dataFolder: gateway.dataFolder, log: { write: () => {} } });
  const { port } = await again.run({ host: '127.0.0.1', port: 0 });
  try {
    const client = sdk({ url: `http://127.0.0.1:${port}` });
    expect((await client.responses.retrieve(made.id)).output).toEqual(made.output);
    await client.responses.create({ model: MODEL, input: 'And now?', previous_response_id: made.id });
    expect(sent(upstream, 1)).toContain('Before.');
  } finally {
    await again.stop();
  }
});

test('many calls at once are all kept, and each is there the moment its answer is', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const client = sdk(gateway);
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const made = await client.responses.stream({ model: MODEL, input: `number ${index}` }).finalResponse();
      const next = await client.responses.create({ model: MODEL, input: 'On', previous_response_id: made.id });
      const { data } = await client.responses.inputItems.list(next.id, { order: 'asc' });
      expect(data).toHaveLength(3);
      expect(JSON.stringify(data[0])).toContain(`number ${index}"`);
    }),
  );
});

describe('a provider that speaks the Responses API', () => {
  test('is given its own response ids untouched, and nothing is kept for it', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'openai-responses'));
    const body = { model: MODEL, input: 'On', previous_response_id: 'resp_68af4030592c81938ec0a5fbab4a3e9f' };
    const answer = await post(gateway, '/v1/responses', body);
    expect(answer.status).toBe(200);
    expect(upstream.calls[0]!.json).toEqual(body);
    const { id } = (await answer.json()) as { id: string };
    expect(id).not.toMatch(/^resp_call_/);
    expect((await get(gateway, `/v1/responses/${id}`)).status).toBe(404);
  });

  test('answers the calls that rest on its own responses, though others stand before it', async () => {
    await using foreign = await startUpstream();
    await using own = await startUpstream({ answer: reply({ text: 'Mine.' }) });
    await using gateway = await aGateway({
      providers: {
        foreign: providerAt(foreign.url, 'anthropic-messages'),
        own: providerAt(own.url, 'openai-responses'),
      },
      models: {
        both: {
          strategy: 'priority',
          targets: [
            { provider: 'foreign', model: MODEL },
            { provider: 'own', model: MODEL },
          ],
        },
      },
    });
    const made = await sdk(gateway).responses.create({ model: 'both', input: 'On', previous_response_id: 'resp_68af' });
    expect(made.output_text).toBe('Mine.');
    expect(foreign.calls).toHaveLength(0);
    const there = await sdk(gateway).responses.create({ model: 'both', input: 'On' });
    expect(there.id).toMatch(/^resp_call_/);
  });

  test('goes on with a conversation that is kept here: it stays here, and the provider keeps none of it', async () => {
    await using foreign = await startUpstream({
      answer: reply({ reasoning: 'Hm.', signature: 'c2ln', text: 'From Claude.' }),
    });
    await using own = await startUpstream({ answer: reply({ text: 'From GPT.' }) });
    await using gateway = await aGateway({
      providers: {
        foreign: providerAt(foreign.url, 'anthropic-messages'),
        own: providerAt(own.url, 'openai-responses'),
      },
    });
    const client = sdk(gateway);
    const first = await client.responses.create({ model: `foreign/${MODEL}`, input: 'One' });
    for (const stream of [false, true]) {
      const body = { model: `own/${MODEL}`, input: 'Two', previous_response_id: first.id };
      const second = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body);
      expect(second).toMatchObject({ previous_response_id: first.id, store: true, output_text: 'From GPT.' });
      expect(second.id).toMatch(/^resp_call_/);
      const third = await client.responses.create({
        model: `foreign/${MODEL}`,
        input: 'Three',
        previous_response_id: second.id,
      });
      expect(third.output_text).toBe('From Claude.');
    }
    const asked = own.calls[0]!.json as Record<string, unknown>;
    expect(asked).toMatchObject({ store: false });
    expect(asked).not.toHaveProperty('previous_response_id');
    expect(JSON.stringify(asked['input'])).toContain('From Claude.');
    expect(JSON.stringify(asked)).not.toMatch(/resp_call_|msg_call_|rs_call_|xidao:/);
    expect(sent(foreign, 1)).toContain('From GPT.');
  });
});

test('reasoning that no provider has sealed goes back to its kind of provider, and to none of the Responses API', async () => {
  await using chat = await startUpstream({ answer: reply({ reasoning: 'Let me think.', text: 'Six.' }) });
  await using own = await startUpstream();
  await using gateway = await aGateway({
    providers: { chat: providerAt(chat.url, 'openai-chat'), own: providerAt(own.url, 'openai-responses') },
  });
  const first = await sdk(gateway).responses.create({ model: `chat/${MODEL}`, input: 'Two and four?' });
  const body = { model: `own/${MODEL}`, input: 'Sure?', previous_response_id: first.id };
  const second = await post(gateway, '/v1/responses', body);
  expect(second.headers.get('x-xidao-translation')).toBe(
    'dropped: previous_response_id (reasoning of another provider)',
  );
  expect(sent(own, 0)).toContain('Six.');
  expect(sent(own, 0)).not.toContain('Let me think.');
  expect((await post(gateway, '/v1/responses', body, { 'x-xidao-strict': 'true' })).status).toBe(400);
});

describe('what only OpenAI holds', () => {
  test.each([
    [{ previous_response_id: 'resp_68af4030' }, 404, 'previous_response_not_found', 'previous_response_id'],
    [{ conversation: 'conv_1' }, 400, 'invalid_request', 'conversation'],
    [{ conversation: { id: 'conv_1' } }, 400, 'invalid_request', 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 400, 'invalid_request', 'prompt'],
  ])('%j is refused for a foreign provider, not dropped', async (more, status, code, param) => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const response = await post(gateway, '/v1/responses', { model: MODEL, input: 'Hi', ...more });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, param } });
    expect(upstream.calls).toHaveLength(0);
  });

  test('background: true is answered at once; the receipt says so and the response does not claim it', async () => {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const response = await post(gateway, '/v1/responses', { model: MODEL, input: 'Hi', background: true });
    expect(response.headers.get('x-xidao-translation')).toContain('background');
    const made = (await response.json()) as { id: string };
    expect(made).toMatchObject({ status: 'completed', background: false });
    await expect(sdk(gateway).responses.cancel(made.id)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('background'),
    });
  });
});

describe('the paths of kept responses', () => {
  async function withItems(run: (facts: { gateway: RunningGateway; client: OpenAI; id: string }) => Promise<void>) {
    await using upstream = await startUpstream();
    await using gateway = await aGateway(only(upstream, 'gemini'));
    const client = sdk(gateway);
    const input = Array.from({ length: 25 }, (_, index) => ({ role: 'user' as const, content: `item ${index}` }));
    const { id } = await client.responses.create({ model: MODEL, input });
    await run({ gateway, client, id });
  }

  test('pages are walked by the SDK, in both orders', async () => {
    await withItems(async ({ client, id }) => {
      const textsIn = async (order: 'asc' | 'desc', limit: number) => {
        const texts: string[] = [];
        for await (const item of client.responses.inputItems.list(id, { order, limit })) texts.push(textOfItem(item));
        return texts;
      };
      const all = Array.from({ length: 25 }, (_, index) => `item ${index}`);
      expect(await textsIn('asc', 10)).toEqual(all);
      expect(await textsIn('desc', 7)).toEqual(all.toReversed());
      const page = await client.responses.inputItems.list(id);
      expect(page.data).toHaveLength(20);
      expect(page.has_more).toBe(true);
      expect(textOfItem(page.data[0])).toBe('item 24');
    });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_unknown'])(
    '%s is refused with its name',
    async (query) => {
      await withItems(async ({ gateway, id }) => {
        const response = await get(gateway, `/v1/responses/${id}/input_items?${query}`);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          error: { param: query.split('=')[0], type: 'invalid_request_error' },
        });
      });
    },
  );

  test('methods: HEAD as GET without a body, others refused with those that are allowed', async () => {
    await withItems(async ({ gateway, id }) => {
      const path = `/v1/responses/${id}`;
      const head = await get(gateway, path, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(Number(head.headers.get('content-length'))).toBe(
        Buffer.byteLength(await (await get(gateway, path)).text()),
      );
      expect(head.headers.get('x-request-id')).toMatch(/^call_/);
      const cases: [method: string, path: string, allow: string][] = [
        ['POST', path, 'GET, HEAD, DELETE'],
        ['PUT', path, 'GET, HEAD, DELETE'],
        ['POST', `${path}/input_items`, 'GET, HEAD'],
        ['DELETE', `${path}/input_items`, 'GET, HEAD'],
        ['GET', `${path}/cancel`, 'POST'],
        ['GET', '/v1/responses', 'POST'],
      ];
      for (const [method, where, allow] of cases) {
        const body = method === 'GET' ? {} : { body: '{"a":1}' };
        const response = await get(gateway, where, { method, ...body });
        expect([method, where, response.status, response.headers.get('allow')]).toEqual([method, where, 405, allow]);
        expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
      }
    });
  });

  test.each([
    ['POST', '/v1/responses/compact'],
    ['GET', '/v1/responses/resp_1/what'],
    ['GET', '/v1/responses/resp_1/input_items/more'],
  ])('%s %s is a clean 404 in JSON', async (method, path) => {
    await using gateway = await aGateway();
    const response = await get(gateway, path, { method, ...(method === 'POST' && { body: '{}' }) });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'path_not_found', type: 'invalid_request_error' } });
  });

  test('what is not there is said in the words of OpenAI', async () => {
    await using gateway = await aGateway();
    const response = await get(gateway, '/v1/responses/resp_call_nobody');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        message: "Response with id 'resp_call_nobody' not found.",
        type: 'invalid_request_error',
        code: 'response_not_found',
      },
    });
    expect((await get(gateway, '/openai/v1/responses/resp_call_nobody')).status).toBe(404);
  });

  test('the built-in mock is gone on from like any other', async () => {
    await using gateway = await aGateway();
    const first = await sdk(gateway).responses.create({ model: 'mock/echo', input: 'One' });
    const second = await sdk(gateway).responses.create({
      model: 'mock/echo',
      input: 'Two',
      previous_response_id: first.id,
    });
    expect(second.output_text).toBe('Two');
    expect((await sdk(gateway).responses.inputItems.list(second.id)).data).toHaveLength(3);
  });
});
