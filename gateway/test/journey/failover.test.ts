import {
  blackHole,
  type Cue,
  closeWithoutAnswer,
  cutAfter,
  deadPort,
  empty,
  errorAfter,
  fails,
  halfJson,
  html,
  overloadedFirst,
  raw,
  redirect,
  reply,
  resetBeforeHeaders,
  retryAfter,
  startUpstream,
  status,
  wrongContentType,
} from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, type DialectCall, MODEL, providerAt, textOf } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const GOOD = reply({ text: 'from the second' });

/** `first` and `second` serve the same model; `both` is an alias for them in this order. */
function inTurn(call: DialectCall, first: string, second: string): ConfigInput {
  return {
    providers: {
      first: providerAt(first, call.dialect, { timeout: { first_byte: '300ms' } }),
      second: providerAt(second, call.dialect),
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
  };
}

async function textIn(response: Response, call: DialectCall, stream: boolean): Promise<string> {
  const body = await response.text();
  return stream ? textOf(call.dialect, body) : body;
}

const FAULTS: Record<string, Cue> = {
  'a 429': status(429),
  'a 429 that says to come back late': retryAfter(3600),
  'a 500': status(500),
  'a 502 page': html(502),
  'a 503': status(503),
  'a 529': status(529),
  'a 401 of its own': status(401),
  'a 404 of its own': status(404),
  'a closed connection': closeWithoutAnswer(),
  'a reset': resetBeforeHeaders(),
  'an HTML page as 200': html(200),
  'nothing as 200': empty(),
  'a redirect': redirect('http://127.0.0.1:1/'),
  'overload inside a 200': overloadedFirst(),
  'a rate limit inside a 200': overloadedFirst('rate-limit'),
  'a plain text as 200': raw({ headers: { 'content-type': 'text/plain' }, body: 'upstream connect error' }),
};

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test.each([false, true])(
    'each fault before the first content is answered by the next target (stream: %s)',
    async (stream) => {
      await using first = await startUpstream();
      await using second = await startUpstream({ answer: GOOD });
      for (const [name, cue] of Object.entries(FAULTS)) {
        // A gateway that has seen no fault yet: after the first it would not ask that target again at once.
        await using gateway = await aGateway(inTurn(call, first.url, second.url));
        first.answer(cue);
        const before = first.calls.length;
        const response = await ask(gateway, call, { model: 'both', stream });
        expect(response.status, name).toBe(200);
        expect(await textIn(response, call, stream), name).toContain('from the second');
        expect(first.calls.length - before, name).toBe(1);
        expect(response.headers.get('x-xidao-attempts'), name).toBe('2');
        expect(response.headers.get('x-xidao-provider'), name).toBe('second');
        const record = await gateway.record(response.headers.get('x-request-id')!);
        expect(record, name).toMatchObject({
          outcome: 'complete',
          provider: 'second',
          attempts: [
            { provider: 'first', model: MODEL, verdict: 'next-target', why: expect.stringMatching(/./) },
            { provider: 'second', model: MODEL, verdict: 'answered', status: 200 },
          ],
        });
        expect(await metric(gateway, 'llm_active_requests'), name).toBe(0);
        expect(await metric(gateway, 'xidao_attempts_total', { provider: 'first', verdict: 'next-target' }), name).toBe(
          1,
        );
      }
    },
  );

  test('half a document and a cut one are answered by the next target', async () => {
    await using first = await startUpstream();
    await using second = await startUpstream({ answer: GOOD });
    await using gateway = await aGateway(inTurn(call, first.url, second.url));
    for (const cue of [halfJson(), cutAfter('headers'), cutAfter('bytes 20')]) {
      first.answer(cue);
      const response = await ask(gateway, call, { model: 'both' });
      expect(await response.text()).toContain('from the second');
    }
  });

  test('a wrong content type does not matter where the bytes are right', async () => {
    await using first = await startUpstream({
      answer: wrongContentType('text/plain', reply({ text: 'from the first' })),
    });
    await using second = await startUpstream({ answer: GOOD });
    await using gateway = await aGateway(inTurn(call, first.url, second.url));
    for (const stream of [false, true]) {
      const response = await ask(gateway, call, { model: 'both', stream });
      expect(await textIn(response, call, stream)).toContain('from the first');
    }
    expect(second.calls).toHaveLength(0);
  });

  test('a provider that is not there, or never answers, is passed over', async () => {
    const dead = await deadPort();
    const silent = await blackHole();
    await using second = await startUpstream({ answer: GOOD });
    try {
      for (const [place, why] of [
        [dead, /ECONNREFUSED/],
        [silent, /timeout\.first_byte/],
      ] as const) {
        await using gateway = await aGateway(inTurn(call, place.url, second.url));
        const response = await ask(gateway, call, { model: 'both', stream: true });
        expect(textOf(call.dialect, await response.text())).toBe('from the second');
        const { attempts } = await gateway.record(response.headers.get('x-request-id')!);
        expect((attempts as { why: string }[])[0]!.why).toMatch(why);
      }
    } finally {
      await dead.close();
      await silent.close();
    }
  });

  test('what is the caller’s own fault is not tried elsewhere', async () => {
    await using first = await startUpstream({ answer: status(400) });
    await using second = await startUpstream({ answer: GOOD });
    await using gateway = await aGateway(inTurn(call, first.url, second.url));
    const response = await ask(gateway, call, { model: 'both' });
    expect(response.status).toBe(400);
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toHaveLength(0);
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      attempts: [{ verdict: 'passed-on', status: 400 }],
    });
  });

  test.each([
    ['is cut', cutAfter('text 1', reply({ text: 'once and only once' }))],
    ['tells an error', errorAfter('text 1', { status: 529 }, reply({ text: 'once and only once' }))],
  ] as const)('once text is out, a stream that %s is not begun again elsewhere', async (_, cue) => {
    await using first = await startUpstream({ answer: cue });
    await using second = await startUpstream({ answer: GOOD });
    await using gateway = await aGateway(inTurn(call, first.url, second.url));
    const response = await ask(gateway, call, { model: 'both', stream: true });
    expect(textOf(call.dialect, await response.text())).toBe('once');
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toHaveLength(0);
  });

  test.each([429, 400, 404, 529, 500, 503, 401, 403])(
    'the last provider’s own %i passes byte for byte, with its retry advice',
    async (code) => {
      const cue: Cue = async (asked) => {
        const made = await status(code)(asked);
        return { ...made, headers: [...made.headers, ['retry-after', '77'], ['x-ratelimit-remaining-tokens', '0']] };
      };
      await using upstream = await startUpstream({ answer: cue });
      await using gateway = await aGateway({ providers: { up: providerAt(upstream.url, call.dialect) } });
      for (const stream of [false, true]) {
        const response = await ask(gateway, call, { stream });
        const direct = await ask({ url: upstream.url }, call, { stream });
        expect(response.status).toBe(code);
        // Only the upstream's own number of the call differs.
        const unnumbered = (text: string) => text.replace(/req_\d+/, 'req_');
        expect(unnumbered(await response.text())).toBe(unnumbered(await direct.text()));
        expect(response.headers.get('content-type')).toBe(direct.headers.get('content-type'));
        expect(response.headers.get('retry-after')).toBe('77');
        expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('0');
        const record = await gateway.record(response.headers.get('x-request-id')!);
        expect(record).toMatchObject({ status: code, outcome: 'failed', error: expect.stringMatching(/^provider_/) });
        expect(record['attempts']).toMatchObject([{ verdict: 'passed-on', status: code }]);
      }
    },
  );
});

const [chat] = DIALECT_CALLS;

test('a short Retry-After is waited for, and the same provider then answers', async () => {
  await using upstream = await startUpstream({ answer: GOOD });
  upstream.next(retryAfter(1));
  await using gateway = await aGateway({ providers: { up: providerAt(upstream.url, 'openai-chat') } });
  const response = await ask(gateway, chat!);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-xidao-attempts')).toBe('2');
  expect(upstream.calls[1]!.startedAt - upstream.calls[0]!.startedAt).toBeGreaterThan(950);
  const record = await gateway.record(response.headers.get('x-request-id')!);
  expect(record['attempts']).toMatchObject([{ verdict: 'retry', status: 429 }, { verdict: 'answered' }]);
  // Waiting for a provider is not the gateway's own time.
  expect(record['overhead_ms']).toBeLessThan(500);
});

test('a long Retry-After is told to the client at once', async () => {
  await using upstream = await startUpstream({ answer: retryAfter(30) });
  await using gateway = await aGateway({ providers: { up: providerAt(upstream.url, 'openai-chat') } });
  const response = await ask(gateway, chat!);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(upstream.calls).toHaveLength(1);
});

test('a stray fault is made good by the same provider', async () => {
  for (const cue of [status(500), status(503), resetBeforeHeaders(), html(200), overloadedFirst()]) {
    await using upstream = await startUpstream({ answer: GOOD });
    upstream.next(cue);
    await using gateway = await aGateway({ providers: { up: providerAt(upstream.url, 'openai-chat') } });
    const response = await ask(gateway, chat!, { stream: true });
    expect(textOf('openai-chat', await response.text())).toBe('from the second');
    expect(upstream.calls).toHaveLength(2);
  }
});

test('a fallback of an alias comes after its targets, and one provider’s model after the other’s by priority', async () => {
  await using one = await startUpstream({ answer: status(500) });
  await using two = await startUpstream({ answer: status(500) });
  await using three = await startUpstream({ answer: reply({ text: 'third' }) });
  await using gateway = await aGateway({
    providers: {
      three: providerAt(three.url, 'openai-chat', { priority: 3 }),
      one: providerAt(one.url, 'openai-chat', { priority: 1 }),
      two: providerAt(two.url, 'openai-chat', { priority: 2 }),
    },
    models: {
      named: { targets: [{ provider: 'two', model: MODEL }], fallback: ['spare'] },
      spare: { provider: 'three', model: MODEL },
    },
  });
  const byPriority = await gateway.record((await ask(gateway, chat!)).headers.get('x-request-id')!);
  expect((byPriority['attempts'] as { provider: string }[]).map(({ provider }) => provider)).toEqual([
    'one',
    'two',
    'three',
  ]);
  const byAlias = await gateway.record((await ask(gateway, chat!, { model: 'named' })).headers.get('x-request-id')!);
  expect((byAlias['attempts'] as { provider: string }[]).map(({ provider }) => provider)).toEqual(['two', 'three']);
});

test('when nothing is left, the last error that a provider told is passed on, not a connection that failed after it', async () => {
  const dead = await deadPort();
  await using first = await startUpstream({ answer: fails({ status: 429, message: 'No more today.' }) });
  await using gateway = await aGateway(inTurn(chat!, first.url, dead.url));
  const response = await ask(gateway, chat!, { model: 'both' });
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ error: { message: 'No more today.' } });
  await dead.close();
});
