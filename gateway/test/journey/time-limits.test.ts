import { delay, neverAccepts, reply, stallAfter, stallBefore, startUpstream } from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, eventsOf, framesOf, MODEL, only, textOf } from './dialect-calls.ts';
import { listen } from './official-sdks.ts';
import { metric } from './read-metrics.ts';

const SPOKEN = reply({ text: 'one two three four' });

let closed: Awaited<ReturnType<typeof neverAccepts>>;
beforeAll(async () => {
  closed = await neverAccepts();
});
afterAll(() => closed.close());

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a connection that is never taken is a 504 that names timeout.connect', async () => {
    await using gateway = await aGateway(only(closed, call.dialect, { timeout: { connect: '100ms' } }));
    const response = await ask(gateway, call);
    expect(response.status).toBe(504);
    expect(await response.text()).toContain('timeout.connect');
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      error: 'upstream_connect_timeout',
      status: 504,
    });
    expect(await metric(gateway, 'llm_requests_total', { status: 'timeout' })).toBe(1);
  });

  test.each([false, true])(
    'silence before the first byte is a 504 that names timeout.first_byte (stream: %s)',
    async (stream) => {
      await using upstream = await startUpstream({ answer: stallBefore('headers', SPOKEN) });
      await using gateway = await aGateway(only(upstream, call.dialect, { timeout: { first_byte: '100ms' } }));
      const response = await ask(gateway, call, { stream });
      expect(response.status).toBe(504);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).toContain('timeout.first_byte');
      await upstream.waitForConnections(0);
      expect(upstream.calls).toHaveLength(1);
      expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
        error: 'upstream_first_byte_timeout',
      });
    },
  );

  test('headers without a body are no first byte', async () => {
    await using upstream = await startUpstream({ answer: stallBefore('first-byte', SPOKEN) });
    await using gateway = await aGateway(only(upstream, call.dialect, { timeout: { first_byte: '100ms' } }));
    const response = await ask(gateway, call, { stream: true });
    expect(response.status).toBe(504);
    expect(await response.text()).toContain('timeout.first_byte');
  });

  test('a pause in the midst of a stream ends it with an error that names timeout.idle', async () => {
    await using upstream = await startUpstream({ answer: stallAfter('text 2', SPOKEN) });
    await using gateway = await aGateway(only(upstream, call.dialect, { timeout: { idle: '150ms' } }));
    const response = await ask(gateway, call, { stream: true });
    const body = await response.text();
    expect(framesOf(body).rest).toBe('');
    expect(textOf(call.dialect, body)).toBe('one two');
    expect(eventsOf(call.dialect, body).at(-1)).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('timeout.idle') },
    });
    await upstream.waitForConnections(0);
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      outcome: 'broken-off',
      error: 'upstream_idle_timeout',
    });
    const heard = await listen(call.dialect, { url: gateway.url, model: MODEL });
    expect(heard.error?.message).toContain('timeout.idle');
  });

  test('a pause in the midst of a document is a 504 that names timeout.idle', async () => {
    await using upstream = await startUpstream({ answer: stallAfter('bytes 20', SPOKEN) });
    await using gateway = await aGateway(only(upstream, call.dialect, { timeout: { idle: '100ms' } }));
    const response = await ask(gateway, call);
    expect(response.status).toBe(504);
    expect(await response.text()).toContain('timeout.idle');
  });

  test('a stream that goes on and on ends with an error that names timeout.total', async () => {
    const endless = reply({ text: 'on and on '.repeat(1000) });
    await using upstream = await startUpstream({ answer: delay(10, endless) });
    await using gateway = await aGateway(only(upstream, call.dialect, { timeout: { total: '300ms' } }));
    const response = await ask(gateway, call, { stream: true });
    const body = await response.text();
    expect(textOf(call.dialect, body)).toMatch(/^on and on/);
    expect(eventsOf(call.dialect, body).at(-1)).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('timeout.total') },
    });
    expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({
      error: 'upstream_total_timeout',
    });
  });
});

test('a limit of 0 waits, and the others still hold', async () => {
  const [chat] = DIALECT_CALLS;
  await using upstream = await startUpstream({ answer: stallAfter('text 1', SPOKEN) });
  await using gateway = await aGateway(
    only(upstream, 'openai-chat', { timeout: { first_byte: 0, total: 0, idle: '100ms' } }),
  );
  const response = await ask(gateway, chat!, { stream: true });
  expect(await response.text()).toContain('timeout.idle');
});
