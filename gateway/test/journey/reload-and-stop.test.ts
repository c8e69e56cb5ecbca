import { openRawRequest, raw, reply, stallAfter, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/load.ts';
import type { Config, ConfigInput } from '../../src/config/schema.ts';
import { aGateway, KEY } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, providerAt, textOf } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const [chat] = DIALECT_CALLS;

function checked(input: ConfigInput): Config {
  const { config, problems } = checkConfig(
    { keys: [{ name: 'app', key: KEY }], ...input },
    { knownProviders: ['mock'] },
  );
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return config;
}

test('a reload drops no call, and the next one sees the new configuration', async () => {
  await using upstream = await startUpstream({ answer: stallAfter('text 1', reply({ text: 'one two three' })) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const streams = Array.from({ length: 10 }, () => ask(gateway, chat!, { stream: true }));
  await upstream.waitForStall(10);
  gateway.gateway.reload(
    checked({ providers: { renamed: providerAt(upstream.url, 'openai-chat', { models: ['new-model'] }) } }),
  );
  expect((await ask(gateway, chat!)).status).toBe(404);
  upstream.next(reply({ text: 'under the new one' }));
  const after = await ask(gateway, chat!, { model: 'new-model' });
  expect(after.headers.get('x-xidao-provider')).toBe('renamed');
  upstream.resume();
  for (const response of await Promise.all(streams)) {
    expect(response.headers.get('x-xidao-provider')).toBe('up');
    expect(textOf('openai-chat', await response.text())).toBe('one two three');
  }
  await gateway.recordWhere(() => gateway.lines.filter(({ provider }) => provider === 'up').length === 10);
  expect(await metric(gateway, 'llm_requests_total', { status: 'success' })).toBe(11);
  expect(await metric(gateway, 'xidao_config_reloads_total', { outcome: 'applied' })).toBe(1);
  expect(await metric(gateway, 'llm_active_requests')).toBe(0);
});

test('connections of a provider outlive a reload', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  await (await ask(gateway, chat!)).text();
  gateway.gateway.reload(checked(only(upstream, 'openai-chat')));
  await (await ask(gateway, chat!)).text();
  expect(upstream.connectionsSeen()).toBe(1);
});

test('keys of the configuration come and go with it', async () => {
  await using gateway = await aGateway();
  const config = checked({ keys: [{ name: 'new', key: 'xd-new-key' }] });
  gateway.gateway.reload(config);
  expect((await ask(gateway, chat!, { model: 'mock/echo' })).status).toBe(401);
  const withNew = await ask(gateway, chat!, { model: 'mock/echo', headers: { authorization: 'Bearer xd-new-key' } });
  expect(withNew.status).toBe(200);
});

test('a stop lets calls under way end, and refuses new ones as such', async () => {
  await using upstream = await startUpstream({ answer: stallAfter('text 1', reply({ text: 'one two three' })) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const stream = await ask(gateway, chat!, { stream: true });
  await upstream.waitForStall();
  const stopped = gateway.gateway.stop();
  for (const call of DIALECT_CALLS) {
    const refused = await ask(gateway, call, { model: 'mock/echo' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.text()).toContain('stopping');
  }
  const ready = await fetch(`${gateway.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ reason: 'stopping' });
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  upstream.resume();
  expect(textOf('openai-chat', await stream.text())).toBe('one two three');
  await stopped;
  await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  expect(gateway.lines.filter(({ outcome }) => outcome === 'complete')).toHaveLength(1);
});

test('a stop waits no longer than it was told to', async () => {
  await using upstream = await startUpstream({ answer: stallAfter('text 1', reply({ text: 'one two three' })) });
  await using gateway = await aGateway({ ...only(upstream, 'openai-chat'), server: { drain_timeout: '50ms' } });
  const stream = await ask(gateway, chat!, { stream: true });
  await upstream.waitForStall();
  await gateway.gateway.stop();
  await expect(stream.text()).rejects.toThrow();
  const records = gateway.lines.filter(({ message }) => message === 'call');
  expect(records).toHaveLength(1);
  expect(records[0]!['outcome']).not.toBe('complete');
});

test('a stop lets a large document reach a slow reader whole', async () => {
  const text = 'x'.repeat(30_000_000);
  const body = JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  });
  await using upstream = await startUpstream({
    answer: raw({ headers: { 'content-type': 'application/json' }, body }),
  });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const exchange = openRawRequest({
    port: gateway.port,
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KEY}` },
    body: chat!.body(MODEL, 'Hi', false),
  });
  await exchange.waitForHead();
  exchange.pauseReading();
  const stopped = gateway.gateway.stop();
  exchange.resumeReading();
  const whole = await exchange.response;
  expect(whole.isComplete).toBe(true);
  expect(whole.body.length).toBe(body.length);
  await stopped;
});

test('a large document to a client that leaves is not told as complete', async () => {
  const body = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(30_000_000) } }] });
  await using upstream = await startUpstream({
    answer: raw({ headers: { 'content-type': 'application/json' }, body }),
  });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const exchange = openRawRequest({
    port: gateway.port,
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KEY}` },
    body: chat!.body(MODEL, 'Hi', false),
  });
  await exchange.waitForHead();
  exchange.pauseReading();
  exchange.leave('reset');
  expect(await gateway.recordWhere(() => true)).toMatchObject({ outcome: 'client-left' });
});
