import {
  atOnce,
  cutAfter,
  delay,
  fails,
  header,
  reply,
  stallBefore,
  startUpstream,
  status,
  type Upstream,
} from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, post, providerAt, textOf } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;
type Strategy = NonNullable<NonNullable<ConfigInput['models']>[string]>['strategy'];
type Target = { weight?: number; priority?: number };

/** `both`: the two upstreams under one name. */
function both(
  urls: readonly [string, string],
  strategy: Strategy,
  more: { first?: Target; second?: Target; prices?: [number, number]; rest?: ConfigInput } = {},
): ConfigInput {
  const served = (price: number | undefined) =>
    price === undefined ? {} : { models: [{ id: MODEL, prices: { input: price, output: price } }] };
  return {
    providers: {
      first: providerAt(urls[0], 'openai-chat', served(more.prices?.[0])),
      second: providerAt(urls[1], 'openai-chat', served(more.prices?.[1])),
    },
    models: {
      both: {
        strategy,
        targets: [
          { provider: 'first', model: MODEL, ...more.first },
          { provider: 'second', model: MODEL, ...more.second },
        ],
      },
    },
    ...more.rest,
  };
}

/** Who answered each of `count` calls, one after the other. */
async function whoAnswers(gateway: RunningGateway, count: number): Promise<string[]> {
  const who: string[] = [];
  for (let call = 0; call < count; call++) {
    const response = await ask(gateway, chat!, { model: 'both', stream: true });
    await response.text();
    who.push(response.headers.get('x-xidao-provider')!);
  }
  return who;
}

const share = (who: string[], name: string) => who.filter((one) => one === name).length;

async function twoUpstreams(): Promise<
  AsyncDisposable & { first: Upstream; second: Upstream; urls: [string, string] }
> {
  const first = await startUpstream({ answer: reply({ text: 'first' }) });
  const second = await startUpstream({ answer: reply({ text: 'second' }) });
  return {
    first,
    second,
    urls: [first.url, second.url],
    async [Symbol.asyncDispose]() {
      await first.close();
      await second.close();
    },
  };
}

describe('strategies', () => {
  test('round_robin: each in turn', async () => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(both(pair.urls, 'round_robin'));
    expect(await whoAnswers(gateway, 6)).toEqual(['first', 'second', 'first', 'second', 'first', 'second']);
  });

  test('weighted: by weight, and spread evenly', async () => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(both(pair.urls, 'weighted', { first: { weight: 3 } }));
    const who = await whoAnswers(gateway, 8);
    expect(share(who, 'first')).toBe(6);
    expect(share(who.slice(0, 4), 'first')).toBe(3);
  });

  test('priority: always in the order listed, and a lower number before', async () => {
    await using pair = await twoUpstreams();
    await using listed = await aGateway(both(pair.urls, 'priority'));
    expect(share(await whoAnswers(listed, 5), 'first')).toBe(5);
    await using numbered = await aGateway(
      both(pair.urls, 'round_robin', { first: { priority: 2 }, second: { priority: 1 } }),
    );
    expect(share(await whoAnswers(numbered, 5), 'second')).toBe(5);
  });

  test('least_outstanding: where fewer calls are under way', async () => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(both(pair.urls, 'least_outstanding'));
    pair.first.answer(stallBefore('headers', reply({ text: 'first' })));
    pair.second.answer(stallBefore('headers', reply({ text: 'second' })));
    const held = ask(gateway, chat!, { model: 'both' });
    await Promise.race([pair.first.waitForStall(1), pair.second.waitForStall(1)]);
    const busy = pair.first.calls.length === 1 ? pair.first : pair.second;
    const idle = busy === pair.first ? pair.second : pair.first;
    idle.answer(reply({ text: 'idle' }));
    for (let call = 0; call < 5; call++) await (await ask(gateway, chat!, { model: 'both' })).text();
    expect(idle.calls).toHaveLength(5);
    busy.resume();
    await held;
  });

  test('price: the cheaper the more often', async () => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(both(pair.urls, 'price', { prices: [1, 20] }));
    expect(share(await whoAnswers(gateway, 40), 'first')).toBeGreaterThan(28);
  });

  test('latency: the one whose first token comes sooner gets most', async () => {
    await using pair = await twoUpstreams();
    pair.second.answer(delay(120, atOnce(reply({ text: 'second' }))));
    await using gateway = await aGateway(both(pair.urls, 'latency'));
    expect(share(await whoAnswers(gateway, 30), 'first')).toBeGreaterThan(20);
  });
});

describe('several keys of a provider', () => {
  const keyed = (url: string): ConfigInput => ({
    providers: {
      up: {
        dialect: 'openai-chat',
        base_url: `${url}/v1`,
        api_keys: [
          { key: 'sk-one', weight: 3 },
          { key: 'sk-two', weight: 1 },
        ],
        models: [MODEL],
      },
    },
    models: { both: { strategy: 'weighted', targets: [{ provider: 'up', model: MODEL }] } },
  });
  const keysSeen = ({ calls }: Upstream) => calls.map(({ headers }) => String(headers.authorization).slice(7));

  test('they share the calls by weight', async () => {
    await using upstream = await startUpstream({ answer: reply({ text: 'hello' }) });
    await using gateway = await aGateway(keyed(upstream.url));
    await whoAnswers(gateway, 8);
    expect(keysSeen(upstream).filter((key) => key === 'sk-one')).toHaveLength(6);
  });

  test('a 429 of one key is answered by the other, and the first is left alone for as long as it said', async () => {
    await using upstream = await startUpstream();
    upstream.answer((asked) =>
      (asked.call.headers.authorization === 'Bearer sk-one'
        ? status(429, undefined, { 'retry-after': '60' })
        : reply({ text: 'hello' }))(asked),
    );
    await using gateway = await aGateway(keyed(upstream.url));
    const who = await whoAnswers(gateway, 6);
    expect(who).toHaveLength(6);
    expect(keysSeen(upstream)).toEqual(['sk-one', ...Array.from({ length: 6 }, () => 'sk-two')]);
  });
});

describe('limits of a provider', () => {
  test('a limit that its headers tell is respected before it is hit', async () => {
    await using pair = await twoUpstreams();
    const spent = header('x-ratelimit-reset-requests', '60s', reply({ text: 'first' }));
    pair.first.answer(header('x-ratelimit-remaining-requests', '0', spent));
    await using gateway = await aGateway(both(pair.urls, 'priority'));
    expect(await whoAnswers(gateway, 4)).toEqual(['first', 'second', 'second', 'second']);
  });

  test('the only target is waited for, where that is a matter of a moment', async () => {
    await using upstream = await startUpstream({ answer: reply({ text: 'hello' }) });
    const spent = header('x-ratelimit-reset-requests', '400ms', reply({ text: 'hello' }));
    upstream.next(header('x-ratelimit-remaining-requests', '0', spent));
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    await (await ask(gateway, chat!)).text();
    await (await ask(gateway, chat!)).text();
    expect(upstream.calls[1]!.startedAt - upstream.calls[0]!.startedAt).toBeGreaterThan(350);
  });

  test('and asked all the same where it is not', async () => {
    await using upstream = await startUpstream({ answer: reply({ text: 'hello' }) });
    const spent = header('x-ratelimit-reset-requests', '60s', reply({ text: 'hello' }));
    upstream.next(header('x-ratelimit-remaining-requests', '0', spent));
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    expect((await ask(gateway, chat!)).status).toBe(200);
    expect((await ask(gateway, chat!)).status).toBe(200);
  });

  test('a 503 that says when to come back is not asked before', async () => {
    await using pair = await twoUpstreams();
    pair.first.answer(status(503, undefined, { 'retry-after': '60' }));
    await using gateway = await aGateway(both(pair.urls, 'priority'));
    await whoAnswers(gateway, 4);
    expect(pair.first.calls).toHaveLength(1);
  });
});

describe('breakers', () => {
  test('fixed: after so many failures in a row a target is passed over, and asked again after its time', async () => {
    await using pair = await twoUpstreams();
    pair.first.answer(status(500));
    const breaker = { failure_threshold: 2, recovery_timeout: '300ms' };
    await using gateway = await aGateway(both(pair.urls, 'priority', { rest: { circuit_breaker: breaker } }));
    expect(share(await whoAnswers(gateway, 4), 'second')).toBe(4);
    expect(pair.first.calls).toHaveLength(2);
    pair.first.answer(reply({ text: 'first' }));
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(share(await whoAnswers(gateway, 3), 'first')).toBe(3);
  });

  test('adaptive: a target that fails always is soon left alone', async () => {
    await using pair = await twoUpstreams();
    pair.first.answer(status(500));
    await using gateway = await aGateway(both(pair.urls, 'priority'));
    expect(share(await whoAnswers(gateway, 40), 'second')).toBe(40);
    expect(pair.first.calls.length).toBeLessThan(20);
  });

  test('streams that break off after their beginning count as failures', async () => {
    await using pair = await twoUpstreams();
    pair.first.answer(cutAfter('text 1', reply({ text: 'one two three' })));
    const breaker = { failure_threshold: 2, recovery_timeout: '1m' };
    await using gateway = await aGateway(both(pair.urls, 'priority', { rest: { circuit_breaker: breaker } }));
    expect(await whoAnswers(gateway, 4)).toEqual(['first', 'first', 'second', 'second']);
  });

  test('the last target of a model is never shut', async () => {
    await using upstream = await startUpstream({ answer: status(500) });
    const breaker = { failure_threshold: 1, recovery_timeout: '10m' };
    await using gateway = await aGateway({ ...only(upstream, 'openai-chat'), circuit_breaker: breaker });
    expect((await ask(gateway, chat!)).status).toBe(500);
    upstream.answer(reply({ text: 'hello' }));
    expect((await ask(gateway, chat!)).status).toBe(200);
  });
});

test('retries are a tenth of the calls and three a second besides, so that a provider in trouble is not drowned', async () => {
  await using upstream = await startUpstream({ answer: status(500) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const calls = 100;
  const statuses = await Promise.all(Array.from({ length: calls }, async () => (await ask(gateway, chat!)).status));
  expect(new Set(statuses)).toEqual(new Set([500]));
  expect(upstream.calls.length).toBeGreaterThan(calls);
  // 10 s of three a second, and a tenth.
  expect(upstream.calls.length).toBeLessThanOrEqual(calls + 30 + calls / 10);
});

describe('chains of their own', () => {
  const TOO_LONG = fails({
    status: 400,
    code: 'context_length_exceeded',
    message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
  });
  const REFUSED = fails({
    status: 400,
    code: 'content_filter',
    message: 'The response was filtered due to the prompt triggering content management policy.',
  });

  function chains(small: Upstream, next: Upstream, large: Upstream, mild: Upstream): ConfigInput {
    const at = ({ url }: Upstream, dialect: 'openai-chat' | 'anthropic-messages' = 'openai-chat') =>
      providerAt(url, dialect);
    return {
      providers: { small: at(small), next: at(next), large: at(large, 'anthropic-messages'), mild: at(mild) },
      models: {
        both: {
          provider: 'small',
          model: MODEL,
          fallback: ['after'],
          context_fallback: ['larger'],
          content_fallback: ['milder'],
        },
        after: { provider: 'next', model: MODEL },
        larger: { provider: 'large', model: MODEL },
        milder: { provider: 'mild', model: MODEL },
      },
    };
  }

  test.each([
    ['a prompt that is too long', TOO_LONG, 'large'],
    ['content that is refused', REFUSED, 'mild'],
    ['any other failure', status(500), 'next'],
  ] as const)('%s goes to the models named for it, in whatever dialect', async (_, cue, expected) => {
    await using small = await startUpstream({ answer: cue });
    await using next = await startUpstream({ answer: reply({ text: 'next' }) });
    await using large = await startUpstream({ answer: reply({ text: 'large' }) });
    await using mild = await startUpstream({ answer: reply({ text: 'mild' }) });
    await using gateway = await aGateway(chains(small, next, large, mild));
    for (const stream of [false, true]) {
      const response = await ask(gateway, chat!, { model: 'both', stream });
      const body = await response.text();
      expect(stream ? textOf('openai-chat', body) : body).toContain(expected);
      expect(response.headers.get('x-xidao-provider')).toBe(expected);
    }
    const others = { next, large, mild };
    for (const [name, upstream] of Object.entries(others))
      expect(upstream.calls.length, name).toBe(name === expected ? 2 : 0);
  });

  test('where nobody in that chain has room either, the client is told why, in its own dialect', async () => {
    await using small = await startUpstream({ answer: TOO_LONG });
    await using large = await startUpstream({
      answer: fails({ status: 400, message: 'prompt is too long: 9000 tokens' }),
    });
    await using gateway = await aGateway(chains(small, small, large, small));
    const response = await ask(gateway, chat!, { model: 'both' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
    expect([small.calls.length, large.calls.length]).toEqual([1, 1]);
  });
});

describe('what a model can do', () => {
  const different = (first: string, second: string, facts: object): ConfigInput => ({
    providers: {
      first: providerAt(first, 'openai-chat', { models: [{ id: MODEL, ...facts }] }),
      second: providerAt(second, 'openai-chat'),
    },
    models: {
      both: {
        strategy: 'priority',
        targets: [
          { provider: 'first', model: MODEL },
          { provider: 'second', model: MODEL },
        ],
      },
    },
  });

  test.each([
    [
      'a prompt longer than its context',
      { context_window: 100 },
      { messages: [{ role: 'user', content: 'word '.repeat(500) }] },
    ],
    [
      'an image for a model of text',
      { input_modalities: ['text'] },
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }],
          },
        ],
      },
    ],
    [
      'tools for a model that calls none',
      { tools: false },
      {
        messages: [{ role: 'user', content: 'Hi' }],
        tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }],
      },
    ],
  ])('%s is not sent there at all', async (_, facts, body) => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(different(pair.first.url, pair.second.url, facts));
    const response = await post(gateway, '/v1/chat/completions', { model: 'both', ...body });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-xidao-attempts')).toBe('1');
    expect([pair.first.calls.length, pair.second.calls.length]).toEqual([0, 1]);
    // What it can do is sent there as always.
    await post(gateway, '/v1/chat/completions', { model: 'both', messages: [{ role: 'user', content: 'Hi' }] });
    expect(pair.first.calls).toHaveLength(1);
  });
});

describe('time to move on', () => {
  test('a model that is known to answer at once is not waited for to the end, while another is there', async () => {
    await using pair = await twoUpstreams();
    await using gateway = await aGateway(both(pair.urls, 'priority'));
    await whoAnswers(gateway, 25);
    pair.first.answer(stallBefore('headers'));
    const since = performance.now();
    // Its own limit is 60 s.
    expect(await whoAnswers(gateway, 1)).toEqual(['second']);
    expect(performance.now() - since).toBeLessThan(5_000);
  });
});

test('what goes on from a response that a provider keeps goes to that provider, whatever the strategy', async () => {
  const responses = DIALECT_CALLS[1]!;
  await using one = await startUpstream({ answer: reply({ text: 'one', id: 'resp_of_one' }) });
  await using two = await startUpstream({ answer: reply({ text: 'two', id: 'resp_of_two' }) });
  await using gateway = await aGateway({
    providers: { one: providerAt(one.url, 'openai-responses'), two: providerAt(two.url, 'openai-responses') },
    models: {
      both: {
        strategy: 'round_robin',
        targets: [
          { provider: 'one', model: MODEL },
          { provider: 'two', model: MODEL },
        ],
      },
    },
  });
  const asked = async (body: object) => {
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.key}` },
      body: JSON.stringify({ ...responses.body('both', 'Hello', false), ...body }),
    });
    return { provider: response.headers.get('x-xidao-provider'), id: ((await response.json()) as { id: string }).id };
  };
  for (const stream of [false, true]) {
    const first = stream
      ? await askStream(gateway.url, gateway.key, responses.body('both', 'Hello', true))
      : await asked({});
    for (let turn = 0; turn < 4; turn++)
      expect((await asked({ previous_response_id: first.id })).provider).toBe(first.provider);
  }
});

async function askStream(url: string, key: string, body: object): Promise<{ provider: string | null; id: string }> {
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { provider: response.headers.get('x-xidao-provider'), id: /"id":"(resp_[^"]+)"/.exec(text)![1]! };
}
