import { type raw, reply, startUpstream, status, type Upstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, providerAt } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;

function watched(first: Upstream, second: Upstream, every = '50ms'): ConfigInput {
  return {
    providers: {
      first: providerAt(first.url, 'openai-chat', { health_check: every }),
      second: providerAt(second.url, 'openai-chat', { health_check: 0 }),
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
    circuit_breaker: { mode: 'fixed', failure_threshold: 3, recovery_timeout: '10m' },
  };
}

/** Answers questions for the list of models by one cue, and everything else as usual. */
function listing(cue: ReturnType<typeof raw>): ReturnType<typeof raw> {
  return (asked) => (asked.operation === 'models' ? cue : reply({ text: 'hello' }))(asked);
}

async function attempts(gateway: RunningGateway): Promise<[string | null, string | null]> {
  const { headers } = await ask(gateway, chat!, { model: 'both' });
  return [headers.get('x-xidao-provider'), headers.get('x-xidao-attempts')];
}

test('a host that is gone is found out before anybody calls it', async () => {
  await using first = await startUpstream({ answer: listing(status(502)) });
  await using second = await startUpstream({ answer: reply({ text: 'hello' }) });
  await using gateway = await aGateway(watched(first, second));
  // The first round learns who is idle; three more prove it.
  await first.waitForCall(3);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await attempts(gateway)).toEqual(['second', '1']);
});

test('a host that refuses its key is found out at once; one whose key may only not list models is not', async () => {
  for (const [code, expected] of [
    [401, 'second'],
    [403, 'first'],
    [404, 'first'],
  ] as const) {
    await using first = await startUpstream({ answer: listing(status(code)) });
    await using second = await startUpstream({ answer: reply({ text: 'hello' }) });
    await using gateway = await aGateway(watched(first, second));
    await first.waitForCall(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await attempts(gateway), `${code}`).toEqual([expected, '1']);
  }
});

test('it is asked with its key, and nobody is asked who need not be', async () => {
  await using first = await startUpstream({ answer: reply({ text: 'hello' }) });
  await using second = await startUpstream({ answer: reply({ text: 'hello' }) });
  await using gateway = await aGateway(watched(first, second));
  const check = await first.waitForCall(1);
  expect([check.method, check.path]).toEqual(['GET', '/v1/models']);
  expect(check.headers.authorization).toMatch(/^Bearer /);
  await first.waitForCall(3);
  expect(second.calls).toHaveLength(0);
  expect(await attempts(gateway)).toEqual(['first', '1']);
});
