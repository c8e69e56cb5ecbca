import { reply, stallBefore, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, providerAt, textOf } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;

function racing(first: string, second: string, hedge = true): ConfigInput {
  const targets = [
    { provider: 'first', model: MODEL },
    { provider: 'second', model: MODEL },
  ];
  return {
    providers: { first: providerAt(first, 'openai-chat'), second: providerAt(second, 'anthropic-messages') },
    models: { both: { strategy: 'priority', hedge, targets }, calm: { strategy: 'priority', targets } },
  };
}

async function stream(
  gateway: RunningGateway,
  { model = 'both', text = 'Hello' } = {},
): Promise<{ text: string; record: Record<string, unknown> }> {
  const response = await ask(gateway, chat!, { model, text, stream: true });
  const told = textOf('openai-chat', await response.text());
  return { text: told, record: await gateway.record(response.headers.get('x-request-id')!) };
}

const LEARNED = 25 + 19;

/**
 * Enough calls to know how long a first token takes. The second request that they pay for is smaller than their own would be, so that none of them, should it be slow
 * by chance, can spend it.
 */
async function learn(gateway: RunningGateway): Promise<void> {
  for (let call = 0; call < 25; call++) await stream(gateway, { model: 'calm' });
  const text = `Hello, ${'I have a long question. '.repeat(3)}`;
  for (let call = 0; call < 19; call++) await stream(gateway, { text });
}

describe('with hedge: true', () => {
  test('a first token that is late is raced by the second target, and the slower connection is closed', async () => {
    await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
    await using second = await startUpstream({ answer: reply({ text: 'from the second' }) });
    await using gateway = await aGateway(racing(first.url, second.url));
    await learn(gateway);
    first.answer(stallBefore('headers'));
    const { text, record } = await stream(gateway);
    expect(text).toBe('from the second');
    expect(record).toMatchObject({
      outcome: 'complete',
      provider: 'second',
      attempts: [
        { provider: 'first', verdict: 'abandoned' },
        { provider: 'second', verdict: 'answered', isHedge: true },
      ],
    });
    expect(await first.waitForAbort(await first.waitForCall(LEARNED + 1))).toMatchObject({ how: 'aborted-by-client' });
  });

  test('the first wins where it is faster after all, and the second is let go', async () => {
    await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
    await using second = await startUpstream({ answer: stallBefore('headers') });
    await using gateway = await aGateway(racing(first.url, second.url));
    await learn(gateway);
    first.answer(stallBefore('headers', reply({ text: 'from the first' })));
    const answer = stream(gateway);
    const hedge = await second.waitForCall(1);
    await first.waitForStall(1);
    first.resume();
    expect(await answer).toMatchObject({ text: 'from the first', record: { provider: 'first' } });
    await second.waitForAbort(hedge);
  });

  test('second requests cost at most 5 % of the input: one in twenty calls, and no more', async () => {
    await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
    await using second = await startUpstream({ answer: reply({ text: 'from the second' }) });
    await using gateway = await aGateway(racing(first.url, second.url));
    await learn(gateway);
    first.answer(stallBefore('headers', reply({ text: 'from the first' })));
    expect((await stream(gateway)).text).toBe('from the second');
    const next = stream(gateway);
    await first.waitForStall(2);
    first.resume();
    expect((await next).text).toBe('from the first');
    expect(second.calls).toHaveLength(1);
  });

  test('where a provider is at its limit, nobody is asked twice', async () => {
    await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
    await using second = await startUpstream({ answer: reply({ text: 'from the second' }) });
    await using gateway = await aGateway(racing(first.url, second.url));
    await learn(gateway);
    first.next(status(429, undefined, { 'retry-after-ms': '1' }));
    expect((await stream(gateway)).text).toBe('from the second');
    first.answer(stallBefore('headers', reply({ text: 'from the first' })));
    const slow = stream(gateway);
    await first.waitForStall(1);
    first.resume();
    expect((await slow).text).toBe('from the first');
    expect(second.calls).toHaveLength(1);
  });

  test('when the first fails while the second is on its way, the second answers', async () => {
    await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
    await using second = await startUpstream({ answer: stallBefore('headers', reply({ text: 'from the second' })) });
    await using gateway = await aGateway(racing(first.url, second.url));
    await learn(gateway);
    first.answer(stallBefore('headers', status(500)));
    const answer = stream(gateway);
    await second.waitForStall(1);
    await first.waitForStall(1);
    first.resume();
    await first.waitForEnd(await first.waitForCall(LEARNED + 1));
    second.resume();
    expect(await answer).toMatchObject({ text: 'from the second', record: { provider: 'second' } });
  });
});

test('without it, a slow first token is waited for', async () => {
  await using first = await startUpstream({ answer: reply({ text: 'from the first' }) });
  await using second = await startUpstream({ answer: reply({ text: 'from the second' }) });
  await using gateway = await aGateway(racing(first.url, second.url, false));
  await learn(gateway);
  first.answer(stallBefore('headers', reply({ text: 'from the first' })));
  const answer = stream(gateway);
  await first.waitForStall(1);
  first.resume();
  expect((await answer).text).toBe('from the first');
  expect(second.calls).toHaveLength(0);
});
