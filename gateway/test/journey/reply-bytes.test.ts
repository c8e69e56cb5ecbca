import {
  atOnce,
  bom,
  type Cue,
  comments,
  crlf,
  gzip,
  noFinalNewline,
  openRawRequest,
  reply,
  splitAt,
  stallAfter,
  startUpstream,
  usageEveryChunk,
} from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, only, textOf } from './dialect-calls.ts';

const TEXT = 'Grüße aus 杭州: "data: [DONE]" und\n\nevent: error 🙂';
const SPOKEN = reply({ text: TEXT, reasoning: 'Let me think.', usage: { input: 7, output: 11 } });

/** What the upstream says to somebody who asks it directly. */
async function directly(cue: Cue, call: (typeof DIALECT_CALLS)[number], stream: boolean): Promise<Buffer> {
  await using upstream = await startUpstream({ answer: cue });
  const response = await fetch(upstream.url + call.path(MODEL, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(call.body(MODEL, 'Hello', stream)),
  });
  return Buffer.from(await response.arrayBuffer());
}

const SPELLINGS: Record<string, (cue: Cue) => Cue> = {
  plainly: (cue) => cue,
  'in one piece': atOnce,
  'byte by byte': (cue) => splitAt('every-byte', cue),
  'with CRLF': crlf,
  'with comments': comments,
  'after a byte order mark': bom,
  'without its final empty line': noFinalNewline,
  compressed: gzip,
  'with usage on every chunk': usageEveryChunk,
};

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a document passes byte for byte', async () => {
    await using upstream = await startUpstream({ answer: SPOKEN });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(await directly(SPOKEN, call, false));
    expect(response.headers.get('content-length')).not.toBeNull();
  });

  test.each(Object.entries(SPELLINGS))('a stream that comes %s passes byte for byte', async (_, spell) => {
    const cue = spell(SPOKEN);
    await using upstream = await startUpstream({ answer: cue });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call, { stream: true });
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.toString()).toBe((await directly(cue, call, true)).toString());
    expect(textOf(call.dialect, body)).toBe(TEXT);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ outcome: 'complete' });
  });

  test('what has arrived of a stream reaches the client while the upstream still stalls', async () => {
    await using upstream = await startUpstream({ answer: stallAfter('text 2', reply({ text: 'one two three four' })) });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const exchange = openRawRequest({
      port: gateway.port,
      path: call.path(MODEL, true),
      headers: { authorization: `Bearer ${KEY}`, ...call.headers },
      body: call.body(MODEL, 'Hello', true),
    });
    await upstream.waitForStall();
    const [upstreamCall] = upstream.calls;
    const isThere = () => textOf(call.dialect, exchange.received().body) === 'one two';
    let bytes = 1;
    while (!isThere()) bytes = (await exchange.waitForBody(bytes)).body.length + 1;
    expect(upstreamCall!.closed).toBeUndefined();
    upstream.resume();
    const whole = await exchange.response;
    expect(whole.isComplete).toBe(true);
    expect(textOf(call.dialect, whole.body)).toBe('one two three four');
  });
});
