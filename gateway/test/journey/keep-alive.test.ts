import { type Cue, openRawRequest, reply, splitAt, stallAfter, stallBefore, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { KEY } from '../a-gateway.ts';
import { aServer } from './a-server.ts';
import { DIALECT_CALLS, type DialectCall, MODEL, only, textOf } from './dialect-calls.ts';

const SPOKEN = reply({ text: 'one two three four' });
const SIGNS: Partial<Record<DialectCall['dialect'], string>> = {
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  'anthropic-messages': 'event: ping\ndata: {"type": "ping"}\n\n',
};

async function open(call: DialectCall, cue: Cue) {
  const upstream = await startUpstream({ answer: cue });
  const server = await aServer({ keepAliveMs: 30 }, only(upstream, call.dialect));
  const exchange = openRawRequest({
    port: server.port,
    path: call.path(MODEL, true),
    headers: { authorization: `Bearer ${KEY}`, ...call.headers },
    body: call.body(MODEL, 'Hello', true),
  });
  return { upstream, server, exchange };
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  const sign = SIGNS[call.dialect];

  test.skipIf(sign === undefined)('a quiet stream shows signs of life, in the manner of its dialect', async () => {
    const { upstream, server, exchange } = await open(call, stallAfter('text 2', SPOKEN));
    await upstream.waitForStall();
    const count = () => exchange.received().text.split(sign!).length - 1;
    while (count() < 3) await exchange.waitForBody(exchange.received().body.length + 1);
    upstream.resume();
    const { text, isComplete } = await exchange.response;
    expect(isComplete).toBe(true);
    expect(textOf(call.dialect, text)).toBe('one two three four');
    expect(text.endsWith(sign!)).toBe(false);
    await server[Symbol.asyncDispose]();
    await upstream.close();
  });

  test('between the halves of a frame there is none', async () => {
    const { upstream, server, exchange } = await open(
      call,
      stallAfter('inside-utf8', splitAt('every-byte', reply({ text: 'one two 杭州 four' }))),
    );
    await upstream.waitForStall();
    if (sign === undefined) upstream.resume();
    else {
      const size = exchange.received().body.length;
      await exchange.waitForBody(size + 2 * sign.length);
      upstream.resume();
    }
    const { text } = await exchange.response;
    const plain = sign === undefined ? text : text.replaceAll(sign, '');
    expect(textOf(call.dialect, plain)).toBe('one two 杭州 four');
    // Every sign stands between two blank lines.
    if (sign !== undefined) for (const before of text.split(sign).slice(0, -1)) expect(before).toMatch(/\n\n$|^$/);
    await server[Symbol.asyncDispose]();
    await upstream.close();
  });
});

test('before the answer has begun there is none, as its status is not known yet', async () => {
  const { upstream, server, exchange } = await open(DIALECT_CALLS[0]!, stallBefore('headers', SPOKEN));
  await upstream.waitForStall();
  const other = await open(DIALECT_CALLS[0]!, stallAfter('text 1', SPOKEN));
  // While another stream of the same age has shown life, this one has not.
  await other.exchange.waitForBody(800);
  expect(exchange.received().head).toBe('');
  upstream.resume();
  expect((await exchange.response).isComplete).toBe(true);
  other.upstream.resume();
  await other.exchange.response;
  for (const one of [server, other.server]) await one[Symbol.asyncDispose]();
  for (const one of [upstream, other.upstream]) await one.close();
});
