import { type Cue, lateUsage, raw, reply, startUpstream, usageEveryChunk } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, framesOf, MODEL, only, post, providerAt } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const USAGE = { input: 120, output: 45, cached: 20, reasoning: 5 };
const PRICED = [{ id: MODEL, prices: { input: 2, output: 10, cached_input: 0.5 } }];
/** 100 fresh tokens at $2, 20 cached ones at $0.50 and 45 at $10 a million. */
const COST_USD = (100 * 2 + 20 * 0.5 + 45 * 10) / 1e6;

async function recordOf(gateway: RunningGateway, response: Response) {
  await response.text();
  return gateway.record(response.headers.get('x-request-id')!);
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test.each([false, true])('counts and cost are on record and in the metrics (stream: %s)', async (stream) => {
    await using upstream = await startUpstream({ answer: reply({ text: 'one two', usage: USAGE }) });
    await using gateway = await aGateway(only(upstream, call.dialect, { models: PRICED }));
    const response = await ask(gateway, call, { stream });
    const record = await recordOf(gateway, response);
    expect(record).toMatchObject({ input_tokens: 120, output_tokens: 45, cached_tokens: 20, usage: 'measured' });
    expect(record['cost_usd']).toBeCloseTo(COST_USD, 12);
    if (!stream) expect(Number(response.headers.get('x-xidao-cost-usd'))).toBeCloseTo(COST_USD, 12);
    const labels = { model: MODEL, provider: 'up' };
    expect(await metric(gateway, 'llm_tokens_total', { ...labels, token_type: 'input' })).toBe(120);
    expect(await metric(gateway, 'llm_tokens_total', { ...labels, token_type: 'output' })).toBe(45);
    expect(await metric(gateway, 'llm_tokens_total', { ...labels, token_type: 'cached' })).toBe(20);
    expect(await metric(gateway, 'llm_cost_usd_total', labels)).toBeCloseTo(COST_USD, 12);
  });

  test.each<[string, (cue: Cue) => Cue]>([
    ['on every chunk', usageEveryChunk],
    ['only after the finish', lateUsage],
  ])('counts told %s are taken once, never summed', async (_, told) => {
    await using upstream = await startUpstream({ answer: told(reply({ text: 'one two three four', usage: USAGE })) });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const record = await recordOf(gateway, await ask(gateway, call, { stream: true }));
    expect(record).toMatchObject({ input_tokens: 120, output_tokens: 45, usage: 'measured', outcome: 'complete' });
  });

  test.each([false, true])('zero stays zero (stream: %s)', async (stream) => {
    await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: { input: 0, output: 0 } }) });
    await using gateway = await aGateway(only(upstream, call.dialect, { models: PRICED }));
    const record = await recordOf(gateway, await ask(gateway, call, { stream }));
    expect(record).toMatchObject({ input_tokens: 0, output_tokens: 0, usage: 'measured', cost_usd: 0 });
  });
});

const CHAT = { model: MODEL, messages: [{ role: 'user', content: 'Hi' }], stream: true };

test('the usage chunk is asked for, and hidden from who did not ask', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'one two', usage: USAGE }) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/chat/completions', CHAT);
  const { frames } = framesOf(await response.text());
  expect(upstream.calls[0]!.json).toMatchObject({ stream_options: { include_usage: true } });
  expect(frames.filter((frame) => frame.includes('"prompt_tokens"'))).toEqual([]);
  expect(frames.at(-1)).toBe('data: [DONE]\n\n');
  expect(frames.every((frame) => frame.includes('[DONE]') || frame.includes('"choices":[{'))).toBe(true);
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ output_tokens: 45 });
});

test('who asked for the usage chunk gets it, with its empty choices', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'one two', usage: USAGE }) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/chat/completions', { ...CHAT, stream_options: { include_usage: true } });
  const { frames } = framesOf(await response.text());
  expect(JSON.parse(frames.at(-2)!.slice(5))).toMatchObject({ choices: [], usage: { prompt_tokens: 120 } });
});

test('a usage chunk that holds no choices at all is hidden as well', async () => {
  await using upstream = await startUpstream({ answer: lateUsage(reply({ text: 'one two', usage: USAGE })) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/chat/completions', CHAT);
  const { frames } = framesOf(await response.text());
  expect(frames.every((frame) => frame.includes('[DONE]') || frame.includes('"choices":[{'))).toBe(true);
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ output_tokens: 45 });
});

test('a provider that refuses stream options is not asked for usage', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'one two' }) });

  await using gateway = await aGateway({
    providers: { mistral: { ...providerAt(upstream.url, 'openai-chat'), models: [MODEL] } },
  });
  const response = await post(gateway, '/v1/chat/completions', CHAT);
  expect(response.status).toBe(200);
  await response.text();
  const sent = upstream.calls[0]!.json as Record<string, unknown>;
  expect(sent).not.toHaveProperty('stream_options');
});

test('a quoted usage in the text of an answer is no usage', async () => {
  const text = '{"usage": {"prompt_tokens": 999999, "completion_tokens": 999999}, "choices":[]}';
  await using upstream = await startUpstream({ answer: reply({ text, chunks: 'whole', usage: USAGE }) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  for (const stream of [true, false]) {
    const response = await post(gateway, '/v1/chat/completions', { ...CHAT, stream });
    expect(await recordOf(gateway, response)).toMatchObject({ input_tokens: 120, output_tokens: 45 });
  }
});

test('an Anthropic stream whose end tells no input keeps what its start told', async () => {
  const frames = [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"cache_creation_input_tokens":10,"output_tokens":1}}}\n\n',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n',
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ];
  await using upstream = await startUpstream({
    answer: raw({ headers: { 'content-type': 'text/event-stream' }, chunks: frames }),
  });
  await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
  const [, , messages] = DIALECT_CALLS;
  const record = await recordOf(gateway, await ask(gateway, messages!, { stream: true }));
  expect(record).toMatchObject({ input_tokens: 135, output_tokens: 15, cached_tokens: 100 });
});

test('the same call costs the same in every dialect, though each counts cached tokens its own way', async () => {
  const costs: unknown[] = [];
  for (const call of DIALECT_CALLS) {
    await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: USAGE }) });
    await using gateway = await aGateway(only(upstream, call.dialect, { models: PRICED }));
    costs.push((await recordOf(gateway, await ask(gateway, call)))['cost_usd']);
  }
  expect(new Set(costs).size).toBe(1);
});

test('a model of the catalogue is priced by it, and an unknown one has no cost rather than none', async () => {
  await using upstream = await startUpstream({ answer: reply({ text: 'x', usage: { input: 1000, output: 100 } }) });
  await using gateway = await aGateway({
    providers: { openai: { api_key: 'sk-x', base_url: `${upstream.url}/v1` } },
  });
  const listed = (await (
    await fetch(`${gateway.url}/v1/models/gpt-4o-mini`, { headers: { authorization: `Bearer ${gateway.key}` } })
  ).json()) as { pricing: { input: number; output: number } };
  const priced = await post(gateway, '/v1/chat/completions', { ...CHAT, stream: false, model: 'gpt-4o-mini' });
  const expected = (1000 * listed.pricing.input + 100 * listed.pricing.output) / 1e6;
  expect(expected).toBeGreaterThan(0);
  expect(Number(priced.headers.get('x-xidao-cost-usd'))).toBeCloseTo(expected, 12);
  const unknown = await post(gateway, '/v1/chat/completions', { ...CHAT, stream: false, model: 'openai/no-such-one' });
  expect(unknown.headers.get('x-xidao-cost-usd')).toBeNull();
  const record = await recordOf(gateway, unknown);
  expect(record).not.toHaveProperty('cost_usd');
  expect(await metric(gateway, 'xidao_unpriced_calls_total', { provider: 'openai' })).toBe(1);
});
