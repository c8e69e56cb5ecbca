import { openRawRequest, reply, retryAfter, stallAfter, stallBefore, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { DIALECT_CALLS, type DialectCall, MODEL, only } from './dialect-calls.ts';
import { metric } from './read-metrics.ts';

const SPOKEN = reply({ text: 'one two three four' });

function open(gateway: RunningGateway, call: DialectCall, stream: boolean) {
  return openRawRequest({
    port: gateway.port,
    path: call.path(MODEL, stream),
    headers: { authorization: `Bearer ${KEY}`, ...call.headers },
    body: call.body(MODEL, 'Hello', stream),
  });
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test.each([
    ['before the headers of a stream', true, stallBefore('headers', SPOKEN), 499],
    ['before the headers of a document', false, stallBefore('headers', SPOKEN), 499],
    ['after the headers, before the first byte', true, stallBefore('first-byte', SPOKEN), 499],
    ['in the midst of a stream that stalls', true, stallAfter('text 2', SPOKEN), 200],
    ['in the midst of a document that stalls', false, stallAfter('bytes 20', SPOKEN), 499],
  ] as const)('a client that leaves %s ends the upstream call', async (_, stream, cue, status) => {
    await using upstream = await startUpstream({ answer: cue });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const exchange = open(gateway, call, stream);
    const seen = await upstream.waitForCall();
    await upstream.waitForStall();
    if (status === 200) await exchange.waitForBody(1);
    exchange.leave();
    await upstream.waitForAbort(seen);
    await upstream.waitForConnections(0);
    const record = await gateway.recordWhere(() => true);
    expect(record).toMatchObject({ outcome: 'client-left', model: MODEL, status });
    expect(record['error']).toBeUndefined();
    expect(await metric(gateway, 'llm_active_requests')).toBe(0);
    expect(await metric(gateway, 'xidao_clients_left_total')).toBe(1);
    expect(await metric(gateway, 'llm_requests_total', { status: 'cancelled' })).toBe(1);
  });
});

test.each(['close', 'reset'] as const)('a hundred clients that leave by %s leave nothing behind', async (how) => {
  await using upstream = await startUpstream({ answer: stallAfter('text 1', SPOKEN) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const clients = Array.from({ length: 100 }, () => open(gateway, DIALECT_CALLS[0]!, true));
  await upstream.waitForStall(100);
  await Promise.all(clients.map((client) => client.waitForBody(1)));
  for (const client of clients) client.leave(how);
  await upstream.waitForConnections(0);
  const left = () => gateway.lines.filter(({ outcome }) => outcome === 'client-left').length;
  await gateway.recordWhere(() => left() === 100);
  expect(await metric(gateway, 'llm_active_requests')).toBe(0);
});

test('a client that leaves while its call waits to be tried again is not tried again', async () => {
  await using upstream = await startUpstream({ answer: retryAfter(2) });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const exchange = open(gateway, DIALECT_CALLS[0]!, false);
  const seen = await upstream.waitForCall();
  await upstream.waitForEnd(seen);
  exchange.leave();
  expect(await gateway.recordWhere(() => true)).toMatchObject({ outcome: 'client-left', status: 499 });
  expect(upstream.calls).toHaveLength(1);
});

test('a client that leaves in the midst of its own request leaves nothing behind', async () => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const exchange = openRawRequest({
    port: gateway.port,
    bytes: `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 5000\r\n\r\n{"model":`,
  });
  // The answer to a second client shows that the first one's bytes were read.
  await open(gateway, DIALECT_CALLS[0]!, false).response;
  exchange.leave('reset');
  expect((await open(gateway, DIALECT_CALLS[0]!, false).response).status).toBe(200);
  expect(upstream.calls).toHaveLength(2);
  expect(await metric(gateway, 'llm_active_requests')).toBe(0);
});
