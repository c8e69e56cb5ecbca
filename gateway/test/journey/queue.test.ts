import { reply, stallBefore, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, KEY } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, providerAt } from './dialect-calls.ts';

const [chat] = DIALECT_CALLS;
const URGENT = 'xd-urgent-key-0000000000000000000000000000000000000';
const BATCH = 'xd-batch-key-00000000000000000000000000000000000000';
const HELLO = reply({ text: 'hello' });

const oneAtOnce = (url: string): ConfigInput => only({ url }, 'openai-chat', { max_concurrency: 1 });

const by = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

/** Resolves when so many calls have come to the gateway that it has had turns to let them in or queue them. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
}

test('a call for which there is no room waits, and is answered when there is', async () => {
  await using upstream = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using gateway = await aGateway(oneAtOnce(upstream.url));
  const first = ask(gateway, chat!);
  await upstream.waitForStall(1);
  const second = ask(gateway, chat!);
  await settled();
  expect(upstream.calls).toHaveLength(1);
  upstream.answer(HELLO);
  upstream.resume();
  expect((await first).status).toBe(200);
  const answered = await second;
  expect(answered.status).toBe(200);
  // Waiting is not the gateway's own time.
  const record = await gateway.record(answered.headers.get('x-request-id')!);
  expect(record['overhead_ms']).toBeLessThan(80);
});

test('the more important call goes first, whenever it came', async () => {
  await using upstream = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using gateway = await aGateway({
    ...oneAtOnce(upstream.url),
    keys: [
      { name: 'app', key: KEY },
      { name: 'urgent', key: URGENT, importance: 'interactive' },
      { name: 'nightly', key: BATCH, importance: 'batch' },
    ],
  });
  const first = ask(gateway, chat!, { text: 'first' });
  await upstream.waitForStall(1);
  const waiting = [];
  for (const [text, key] of [
    ['batch', BATCH],
    ['default', KEY],
    ['urgent', URGENT],
  ] as const) {
    waiting.push(ask(gateway, chat!, { text, ...by(key) }));
    await settled();
  }
  upstream.answer(HELLO);
  upstream.resume();
  await Promise.all([first, ...waiting]);
  const order = upstream.calls.map(({ json }) => (json as { messages: { content: string }[] }).messages[0]!.content);
  expect(order).toEqual(['first', 'urgent', 'default', 'batch']);
});

test('past the queue’s bound a call is refused with 503 and a time to come back', async () => {
  await using upstream = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using gateway = await aGateway(oneAtOnce(upstream.url));
  const first = ask(gateway, chat!);
  await upstream.waitForStall(1);
  const waiting = Array.from({ length: 150 }, () => ask(gateway, chat!));
  const refused = await Promise.race([
    ...waiting,
    settled()
      .then(() => settled())
      .then(() => ask(gateway, chat!)),
  ]);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  upstream.answer(HELLO);
  upstream.resume();
  const statuses = (await Promise.all([first, ...waiting])).map(({ status }) => status);
  expect(statuses.every((status) => status === 200)).toBe(true);
});

test('a call whose deadline ends in the queue is refused, and one whose client leaves takes nobody’s place', async () => {
  await using upstream = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using gateway = await aGateway(oneAtOnce(upstream.url));
  const first = ask(gateway, chat!);
  await upstream.waitForStall(1);
  const late = await ask(gateway, chat!, { headers: { 'x-xidao-deadline': '200ms' } });
  expect(late.status).toBe(503);
  const leaving = new AbortController();
  const left = ask(gateway, chat!, { signal: leaving.signal });
  await settled();
  leaving.abort();
  await expect(left).rejects.toThrow();
  upstream.answer(HELLO);
  upstream.resume();
  expect((await first).status).toBe(200);
  expect((await ask(gateway, chat!)).status).toBe(200);
  expect(upstream.calls).toHaveLength(2);
});

test('where one target is full, another with room is asked at once', async () => {
  await using first = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using second = await startUpstream({ answer: HELLO });
  await using gateway = await aGateway({
    providers: {
      first: providerAt(first.url, 'openai-chat', { max_concurrency: 1 }),
      second: providerAt(second.url, 'openai-chat'),
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
  const held = ask(gateway, chat!, { model: 'both' });
  await first.waitForStall(1);
  const answered = await ask(gateway, chat!, { model: 'both' });
  expect(answered.headers.get('x-xidao-provider')).toBe('second');
  first.resume();
  expect((await held).status).toBe(200);
});

test('a client that leaves in the middle of its answer gives its place back', async () => {
  await using upstream = await startUpstream({ answer: stallBefore('headers', HELLO) });
  await using gateway = await aGateway(oneAtOnce(upstream.url));
  const leaving = new AbortController();
  const left = ask(gateway, chat!, { stream: true, signal: leaving.signal });
  await upstream.waitForStall(1);
  upstream.answer(HELLO);
  leaving.abort();
  await expect(left).rejects.toThrow();
  expect((await ask(gateway, chat!)).status).toBe(200);
});
