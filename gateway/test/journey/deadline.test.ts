import { cutAfter, fails, reply, stallAfter, stallBefore, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, providerAt, textOf } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;
const within = (duration: string) => ({ headers: { 'x-xidao-deadline': duration } });

function inTurn(first: string, second: string): ConfigInput {
  return {
    providers: { first: providerAt(first, 'openai-chat'), second: providerAt(second, 'openai-chat') },
    models: {
      both: {
        strategy: 'priority',
        targets: [
          { provider: 'first', model: MODEL },
          { provider: 'second', model: MODEL },
        ],
      },
    },
    circuit_breaker: { mode: 'fixed', failure_threshold: 1 },
  };
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a provider that begins no answer in time is a 504 that names the header, at the deadline and not later', async () => {
    await using upstream = await startUpstream({ answer: stallBefore('headers') });
    await using gateway = await aGateway(only(upstream, call.dialect));
    for (const stream of [false, true]) {
      const since = performance.now();
      const response = await ask(gateway, call, { stream, ...within('200ms') });
      expect(response.status).toBe(504);
      expect(performance.now() - since).toBeGreaterThan(190);
      expect(await response.text()).toContain('x-xidao-deadline');
      expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ error: 'deadline_exceeded' });
    }
  });
});

test('the first of several may take half of the time, so that another can still answer', async () => {
  await using first = await startUpstream({ answer: stallBefore('headers') });
  await using second = await startUpstream({ answer: reply({ text: 'in time' }) });
  await using gateway = await aGateway(inTurn(first.url, second.url));
  const response = await ask(gateway, chat!, { model: 'both', stream: true, ...within('1s') });
  expect(textOf('openai-chat', await response.text())).toBe('in time');
  const record = await gateway.record(response.headers.get('x-request-id')!);
  expect(record['attempts']).toMatchObject([{ provider: 'first' }, { provider: 'second', verdict: 'answered' }]);
  expect((record['attempts'] as { startedMs: number }[])[1]!.startedMs).toBeGreaterThan(450);
});

test('a client in a hurry is not held against the provider', async () => {
  await using first = await startUpstream({ answer: stallBefore('headers') });
  await using second = await startUpstream({ answer: reply({ text: 'from the second' }) });
  await using gateway = await aGateway(inTurn(first.url, second.url));
  await (await ask(gateway, chat!, { model: 'both', stream: true, ...within('100ms') })).text();
  first.answer(reply({ text: 'from the first' }));
  // One failure would have opened its breaker.
  const response = await ask(gateway, chat!, { model: 'both', stream: true });
  expect(textOf('openai-chat', await response.text())).toBe('from the first');
});

test('a stream that is not over at the deadline ends with an error, and says so', async () => {
  await using upstream = await startUpstream({ answer: stallAfter('text 2', reply({ text: 'one two three' })) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const body = await (await ask(gateway, chat!, { stream: true, ...within('300ms') })).text();
  expect(textOf('openai-chat', body)).toBe('one two');
  expect(body).toContain('upstream_total_timeout');
  expect(body).not.toContain('[DONE]');
});

test('a retry that would come too late is not made', async () => {
  await using upstream = await startUpstream({ answer: status(429, undefined, { 'retry-after': '1' }) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await ask(gateway, chat!, within('500ms'));
  expect(response.status).toBe(429);
  expect(upstream.calls).toHaveLength(1);
});

test('what is no duration is refused, and nobody is asked', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  for (const written of ['soon', '0s', '-1']) {
    const response = await ask(gateway, chat!, within(written));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'x-xidao-deadline' } });
  }
  expect(upstream.calls).toHaveLength(0);
});

test('a deadline that is far away changes nothing', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'hello' }) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await ask(gateway, chat!, { stream: true, ...within('2m') });
  expect(textOf('openai-chat', await response.text())).toBe('hello');
  upstream.answer(fails({ status: 400, message: 'No.' }));
  expect((await ask(gateway, chat!, within('2m'))).status).toBe(400);
  upstream.answer(cutAfter('text 1', reply({ text: 'one two' })));
  expect(await (await ask(gateway, chat!, { stream: true, ...within('2m') })).text()).toContain('upstream_broke_off');
});
