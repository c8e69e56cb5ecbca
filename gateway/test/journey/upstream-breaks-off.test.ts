import { type Cue, cutAfter, endAfter, errorAfter, gzip, halfJson, raw, reply, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, eventsOf, framesOf, MODEL, only, post, textOf } from './dialect-calls.ts';
import { listen } from './official-sdks.ts';
import { metric } from './read-metrics.ts';

const TEXT = 'one two 杭州 three';
const SPOKEN = reply({ text: TEXT });
const TOOLS = reply({
  text: 'Let me see.',
  toolCalls: [{ name: 'look', arguments: { city: 'Hangzhou', day: 'today' } }],
});

/** Where content has been sent: nothing can be taken back, so the client must be told. */
const IN_THE_MIDST: [where: string, cue: Cue, text: string][] = [
  ['after some text', cutAfter('text 2', SPOKEN), 'one two'],
  ['inside a character', cutAfter('inside-utf8', SPOKEN), 'one two'],
  ['inside a tool call', cutAfter('inside-tool-call', TOOLS), 'Let me see.'],
  ['after some text, by a clean end', endAfter('text 2', SPOKEN), 'one two'],
  ['inside a character, by a clean end', endAfter('inside-utf8', SPOKEN), 'one two'],
  ['inside a tool call, by a clean end', endAfter('inside-tool-call', TOOLS), 'Let me see.'],
  ['after some compressed text', gzip(cutAfter('text 2', SPOKEN)), 'one two'],
  ['after a text that quotes an end mark', endAfter('text 2', reply({ text: 'say [DONE] now please' })), 'say [DONE]'],
];

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test.each(IN_THE_MIDST)(
    'a stream that is cut %s ends with an error, never as if it were whole',
    async (_, cue, text) => {
      await using upstream = await startUpstream({ answer: cue });
      await using gateway = await aGateway(only(upstream, call.dialect));
      const response = await ask(gateway, call, { stream: true });
      expect(response.status).toBe(200);
      const body = await response.text();
      expect(framesOf(body).rest).toBe('');
      expect(body).not.toContain('data: [DONE]');
      expect(textOf(call.dialect, body)).toBe(text);
      const events = eventsOf(call.dialect, body);
      expect(events.at(-1)).toMatchObject({ type: 'error' });
      expect(events.some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
      const record = await gateway.record(response.headers.get('x-request-id')!);
      expect(record).toMatchObject({ outcome: 'broken-off', status: 200, error: 'upstream_broke_off' });
      expect(upstream.calls).toHaveLength(1);
      expect(await metric(gateway, 'llm_active_requests')).toBe(0);
      expect(await metric(gateway, 'llm_errors_total', { error_type: 'upstream_broke_off' })).toBe(1);
    },
  );

  test.each(IN_THE_MIDST)('the official SDK throws at a stream that is cut %s', async (_, cue, text) => {
    await using upstream = await startUpstream({ answer: cue });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const heard = await listen(call.dialect, { url: gateway.url, model: MODEL });
    expect(heard.error, JSON.stringify(heard)).toBeInstanceOf(Error);
    expect(heard.error!.message).toMatch(/broke off|before its answer was complete/);
    expect(heard.text).toBe(text);
  });

  test.each<[string, Cue]>([
    ['after the headers', cutAfter('headers', SPOKEN)],
    ['by ending without a word', endAfter('headers', SPOKEN)],
    // Gemini has no preamble: its first chunk is content.
    ...(call.dialect === 'gemini' ? [] : [['after the preamble', cutAfter('chunk 1', SPOKEN)] as [string, Cue]]),
  ])('a stream that is cut %s is answered by another attempt', async (_, cue) => {
    await using upstream = await startUpstream({ answer: SPOKEN });
    upstream.next(cue);
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call, { stream: true });
    const body = await response.text();
    expect(textOf(call.dialect, body)).toBe(TEXT);
    expect(eventsOf(call.dialect, body).filter(({ type }) => type === 'error')).toEqual([]);
    expect(upstream.calls).toHaveLength(2);
    expect(response.headers.get('x-xidao-attempts')).toBe('2');
  });

  test('an error that the provider tells in its stream passes, is on record, and nothing follows it', async () => {
    await using upstream = await startUpstream({ answer: errorAfter('text 1', { status: 500 }, SPOKEN) });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call, { stream: true });
    const body = await response.text();
    expect(eventsOf(call.dialect, body).at(-1)).toMatchObject({ type: 'error' });
    expect(eventsOf(call.dialect, body).filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      outcome: 'failed',
      error: 'provider_stream_error',
    });
    const heard = await listen(call.dialect, { url: gateway.url, model: MODEL });
    expect(heard.error).toBeInstanceOf(Error);
  });

  test.each<[string, Cue]>([
    ['cut', cutAfter('bytes 30', SPOKEN)],
    ['half JSON', halfJson(SPOKEN)],
    ['cut while compressed', gzip(cutAfter('bytes 30', SPOKEN))],
  ])('a document that is %s is asked for again, and if it stays so, a 502', async (_, cue) => {
    await using upstream = await startUpstream({ answer: cue });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call);
    expect(response.status).toBe(502);
    expect(upstream.calls).toHaveLength(2);
    upstream.next(cue, SPOKEN);
    const second = await ask(gateway, call);
    expect(second.status).toBe(200);
    expect(second.headers.get('x-xidao-attempts')).toBe('2');
  });
});

test('a stream that is complete but for [DONE] is passed as it is', async () => {
  const [chat] = DIALECT_CALLS;
  for (const point of ['finish', 'usage'] as const) {
    await using upstream = await startUpstream({ answer: endAfter(point, SPOKEN) });
    await using gateway = await aGateway(only(upstream, 'openai-chat'));
    const response = await ask(gateway, chat!, { stream: true });
    const body = await response.text();
    expect(body).not.toContain('error');
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ outcome: 'complete' });
  }
});

test('comments after the last event do not make a whole stream look cut', async () => {
  const chunks = [
    'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n',
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    ...Array.from({ length: 5 }, () => ': still here\n\n'),
  ];
  await using upstream = await startUpstream({
    answer: raw({ headers: { 'content-type': 'text/event-stream' }, chunks }),
  });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  expect(await (await ask(gateway, DIALECT_CALLS[0]!, { stream: true })).text()).toBe(chunks.join(''));
});

test('a last event of several megabytes is known for what it is', async () => {
  const completed = `event: response.completed\ndata: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"${'x'.repeat(3_000_000)}"}]}],"usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}}}\n\n`;
  await using upstream = await startUpstream({
    answer: raw({
      headers: { 'content-type': 'text/event-stream' },
      chunks: [completed.slice(0, 700), completed.slice(700)],
    }),
  });
  await using gateway = await aGateway(only(upstream, 'openai-responses'));
  const response = await ask(gateway, DIALECT_CALLS[1]!, { stream: true });
  expect(await response.text()).toBe(completed);
  expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
    outcome: 'complete',
    output_tokens: 9,
  });
});

test('a corrupt compressed answer is the provider’s fault and said so', async () => {
  const garbage = raw({ headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: '{"a":1}' });
  await using upstream = await startUpstream({ answer: garbage });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/chat/completions', DIALECT_CALLS[0]!.body(MODEL, 'Hi', false));
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: expect.stringMatching(/^upstream_/) } });
});
