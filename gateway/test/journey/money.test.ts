import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { delay, fails, openRawRequest, raw, reply, stallAfter, stallBefore, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/core/record.ts';
import { KEY } from '../a-gateway.ts';
import { aServer, type RunningServer } from './a-server.ts';
import { ask, DIALECT_CALLS, type DialectCall, eventsOf, MODEL, only, providerAt } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const WORDS = Array.from({ length: 30 }, (_, at) => `word${at}`).join(' ');
const USAGE = { input: 120, output: 45 };
/** Dollars a million: 2 in, 10 out; so two and ten million pico-dollars a token. */
const PRICED = { models: [{ id: MODEL, prices: { input: 2, output: 10 } }] };
const IN = 2_000_000;
const OUT = 10_000_000;

async function firstRecord(server: RunningServer): Promise<CallRecord> {
  await expect.poll(() => server.records.length, { timeout: 20_000 }).toBe(1);
  return server.records[0]!;
}

async function leaveInMidStream(server: RunningServer, call: DialectCall): Promise<void> {
  const exchange = openRawRequest({
    port: server.port,
    path: call.path(MODEL, true),
    headers: { authorization: `Bearer ${KEY}`, ...call.headers },
    body: call.body(MODEL, 'Count to thirty, please.', true),
  });
  await exchange.waitForBody(1);
  exchange.leave();
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a stream whose client leaves is estimated from what went by, and its provider hung up on', async () => {
    await using upstream = await startUpstream({ answer: stallAfter('text 12', reply({ text: WORDS, usage: USAGE })) });
    await using server = await aServer({}, only(upstream, call.dialect, PRICED));
    await leaveInMidStream(server, call);
    await upstream.waitForAbort(upstream.calls[0]!);
    const record = await firstRecord(server);
    expect(record).toMatchObject({ outcome: 'client-left', usageSource: 'estimated' });
    const { inputTokens, outputTokens } = record.usage!;
    expect(inputTokens).toBeGreaterThan(5);
    expect(outputTokens).toBeGreaterThan(0);
    expect(outputTokens).toBeLessThan(60);
    expect(record.costPicoUsd).toBe(inputTokens * IN + outputTokens * OUT);
    expect(record.attempts).toMatchObject([{ usageSource: 'estimated', costPicoUsd: record.costPicoUsd }]);
  });

  test('where hanging up does not stop the bill, the answer is read on to what it cost', async () => {
    await using upstream = await startUpstream({ answer: delay(15, reply({ text: WORDS, usage: USAGE })) });
    await using server = await aServer({}, only(upstream, call.dialect, { ...PRICED, on_disconnect: 'drain' }));
    await leaveInMidStream(server, call);
    const record = await firstRecord(server);
    expect(record).toMatchObject({
      outcome: 'client-left',
      usageSource: 'measured',
      usage: { inputTokens: 120, outputTokens: 45 },
      costPicoUsd: 120 * IN + 45 * OUT,
    });
    expect(record.bytesOut).toBeGreaterThan(0);
  });
});

const [chat] = DIALECT_CALLS as [DialectCall];

test('an answer that is no stream is read to its end as well, where its provider bills it anyway', async () => {
  await using upstream = await startUpstream({ answer: delay(100, reply({ text: WORDS, usage: USAGE })) });
  await using server = await aServer({}, only(upstream, 'openai-chat', { ...PRICED, on_disconnect: 'drain' }));
  const exchange = openRawRequest({
    port: server.port,
    path: chat.path(MODEL, false),
    headers: { authorization: `Bearer ${KEY}` },
    body: chat.body(MODEL, 'Hello', false),
  });
  await upstream.waitForCall();
  exchange.leave();
  expect(await firstRecord(server)).toMatchObject({
    outcome: 'client-left',
    usageSource: 'measured',
    costPicoUsd: 120 * IN + 45 * OUT,
  });
});

function twoTargets(first: string, second: string) {
  return {
    providers: {
      first: providerAt(first, 'openai-chat', { ...PRICED, timeout: { first_byte: '200ms' } }),
      second: providerAt(second, 'openai-chat', PRICED),
    },
    models: {
      both: {
        strategy: 'priority' as const,
        targets: [
          { provider: 'first', model: MODEL },
          { provider: 'second', model: MODEL },
        ],
      },
    },
  };
}

test('what a silent provider may have read is in the cost of the call, and not in the usage of its client', async () => {
  await using first = await startUpstream({ answer: stallBefore('headers', reply({ text: 'x' })) });
  await using second = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using server = await aServer({}, twoTargets(first.url, second.url));
  const response = await ask(server, chat, { model: 'both' });
  await response.text();
  const { attempts, usage, usageSource, costPicoUsd } = await firstRecord(server);
  expect(usage).toMatchObject({ inputTokens: 120, outputTokens: 45 });
  expect(usageSource).toBe('measured');
  const [silent, answered] = attempts;
  expect(silent).toMatchObject({ verdict: 'next-target', usageSource: 'estimated', usage: { outputTokens: 0 } });
  expect(silent!.costPicoUsd).toBe(silent!.usage!.inputTokens * IN);
  expect(answered).toMatchObject({ usageSource: 'measured', costPicoUsd: 120 * IN + 45 * OUT });
  expect(costPicoUsd).toBe(silent!.costPicoUsd! + answered!.costPicoUsd!);
  expect(Number(response.headers.get('x-xidao-cost-usd'))).toBeCloseTo(costPicoUsd! / 1e12, 12);
});

test('the loser of a race has read the prompt, and that is paid for', async () => {
  await using first = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using second = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  const { providers, models } = twoTargets(first.url, second.url);
  const patient = { ...providers, first: providerAt(first.url, 'openai-chat', PRICED) };
  const hedged = { ...models.both, hedge: true };
  await using server = await aServer({}, { providers: patient, models: { both: hedged, calm: models.both } });
  const stream = async (model: string, text: string) => (await ask(server, chat, { model, text, stream: true })).text();
  // A race is run only when it is known how long a first token takes, and when calls have earned a second one.
  for (let call = 0; call < 25; call++) await stream('calm', 'Hello');
  for (let call = 0; call < 19; call++) await stream('both', `Hello, ${'I have a long question. '.repeat(3)}`);
  first.answer(stallBefore('headers'));
  await stream('both', 'Hello');
  await expect.poll(() => server.records.length).toBe(45);
  const { attempts, costPicoUsd, usage } = server.records.at(-1)!;
  expect(attempts).toMatchObject([
    { verdict: 'abandoned', usageSource: 'estimated', usage: { outputTokens: 0 } },
    { verdict: 'answered', usageSource: 'measured', isHedge: true, costPicoUsd: 120 * IN + 45 * OUT },
  ]);
  expect(attempts[0]!.costPicoUsd).toBeGreaterThan(0);
  expect(costPicoUsd).toBe(attempts[0]!.costPicoUsd! + attempts[1]!.costPicoUsd!);
  expect(usage).toMatchObject({ inputTokens: 120, outputTokens: 45 });
});

test('a provider that answers with an error bills nothing', async () => {
  await using first = await startUpstream({ answer: fails({ status: 503 }) });
  await using second = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using server = await aServer({}, twoTargets(first.url, second.url));
  await (await ask(server, chat, { model: 'both' })).text();
  const { attempts, costPicoUsd } = await firstRecord(server);
  expect(attempts[0]).toMatchObject({
    usageSource: 'measured',
    costPicoUsd: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
  });
  expect(costPicoUsd).toBe(120 * IN + 45 * OUT);
});

test('a call that nobody answers has cost what its attempts have', async () => {
  await using upstream = await startUpstream({ answer: fails({ status: 400 }) });
  await using server = await aServer({}, only(upstream, 'openai-chat', PRICED));
  await (await ask(server, chat)).text();
  const record = await firstRecord(server);
  expect(record).toMatchObject({ costPicoUsd: 0, usageSource: 'none' });
  expect(record.usage).toBeUndefined();
});

test('without a price a call has no cost anywhere, and is counted', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using server = await aServer({}, only(upstream, 'openai-chat'));
  const response = await ask(server, chat, { headers: { 'x-xidao-cost': 'true' } });
  await response.text();
  expect(response.headers.get('x-xidao-cost-usd')).toBeNull();
  const record = await firstRecord(server);
  expect(record.isUnpriced).toBe(true);
  expect(record).not.toHaveProperty('costPicoUsd');
  expect(await metric(server, 'xidao_unpriced_calls_total', { provider: 'up' })).toBe(1);
});

test.each([false, true])('the tier that served a call is part of its price (stream: %s)', async (stream) => {
  const usage = { prompt_tokens: 120, completion_tokens: 45, total_tokens: 165 };
  const common = { id: 'c', created: 1, model: MODEL, service_tier: 'priority' };
  const frame = (more: object) =>
    `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...more })}\n\n`;
  const whole = { message: { role: 'assistant', content: '"service_tier": "flex"' }, finish_reason: 'stop', index: 0 };
  const answer = stream
    ? raw({
        headers: { 'content-type': 'text/event-stream' },
        chunks: [
          frame({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] }),
          frame({ choices: [], usage }),
          'data: [DONE]\n\n',
        ],
      })
    : raw({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...common, object: 'chat.completion', choices: [whole], usage }),
      });
  await using upstream = await startUpstream({ answer });
  const tiers = { batch: 0.5, flex: 0.5, priority: 1.75 };
  const prices = { overrides: [{ model: MODEL, input: 2, output: 10, service_tiers: tiers }] };
  await using server = await aServer({}, { ...only(upstream, 'openai-chat', { models: [MODEL] }), prices });
  await (await ask(server, chat, { stream })).text();
  const record = await firstRecord(server);
  expect(record.usage).toMatchObject({ serviceTier: 'priority' });
  expect(record.costPicoUsd).toBe((120 * IN + 45 * OUT) * 1.75);
  expect(record.priceVersion).toMatch(/^\d{4}-\d{2}-\d{2}\.[\da-f]{8}$/);
});

test('a price file that changes holds from the next call on; one that is broken is reported, and changes nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'prices-'));
  const file = path.join(folder, 'prices.yaml');
  const write = (input: string) => writeFile(file, `prices: [{model: ${MODEL}, input: ${input}, output: 0}]\n`);
  await write('1');
  await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using server = await aServer({}, { ...only(upstream, 'openai-chat', { models: [MODEL] }), prices: { file } });
  const costNow = async () => {
    const response = await ask(server, chat);
    await response.text();
    return Number(response.headers.get('x-xidao-cost-usd'));
  };
  expect(await costNow()).toBeCloseTo(120 / 1e6, 12);
  await write('5');
  await expect.poll(costNow, { timeout: 20_000 }).toBeCloseTo(600 / 1e6, 12);
  await write('a lot');
  await expect.poll(() => metric(server, 'xidao_price_file_ok'), { timeout: 20_000 }).toBe(0);
  expect(await costNow()).toBeCloseTo(600 / 1e6, 12);
  await rm(folder, { recursive: true });
});

test('a team is charged by its own rule, and the cost stays what it was', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
  await using server = await aServer(
    {},
    {
      ...only(upstream, 'openai-chat', PRICED),
      keys: [{ name: 'app', key: KEY, team: 'research' }],
      prices: { discounts: [{ team: 'research', percent: -15 }] },
    },
  );
  await (await ask(server, chat)).text();
  const cost = 120 * IN + 45 * OUT;
  expect(await firstRecord(server)).toMatchObject({ costPicoUsd: cost, chargedPicoUsd: 793_500_000 });
});

describe.each(DIALECT_CALLS)('the last line of a stream in $dialect', (call) => {
  const COST = ': xidao-cost-usd=0.00069\n\n';

  test.each([
    ['the client asks', { 'x-xidao-cost': 'true' }, false],
    ['the configuration says so', {}, true],
  ] as const)('tells its cost where %s, and nothing else changes', async (_, headers, isForAll) => {
    await using upstream = await startUpstream({ answer: reply({ text: 'Hello', usage: USAGE }) });
    const config = only(upstream, call.dialect, PRICED);
    await using server = await aServer({}, { ...config, server: { cost_comment: isForAll } });
    await using plain = await aServer({}, config);
    const told = await (await ask(server, call, { stream: true, headers })).text();
    const untold = await (await ask(plain, call, { stream: true })).text();
    const withoutIds = (text: string) =>
      text.replace(/"(?:id|responseId|item_id)": ?"[^"]*"/g, '').replace(/"created(?:_at)?": ?\d+/g, '');
    expect(withoutIds(told)).toBe(withoutIds(untold) + (call.dialect === 'gemini' ? '' : COST));
    expect(eventsOf(call.dialect, told).at(-1)).toEqual({ type: 'end' });
    expect(untold).not.toContain('xidao-cost');
  });
});
