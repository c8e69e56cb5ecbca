import { openRawRequest, raw, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway, KEY } from '../a-gateway.ts';
import { MODEL, only } from './dialect-calls.ts';

const MEGABYTE = 1024 * 1024;
const FRAME = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(16_000)}"},"finish_reason":null}]}\n\n`;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
/** 64 MB: far more than all buffers on the way hold. */
const FRAMES = [...Array.from({ length: 4096 }, () => FRAME), END];
const LENGTH = 4096 * FRAME.length + END.length;

const streaming = raw({ headers: { 'content-type': 'text/event-stream' }, chunks: FRAMES });

function open(port: number) {
  return openRawRequest({
    port,
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KEY}` },
    body: {
      model: MODEL,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
    },
  });
}

/** Resolves when the process has done nothing new for a while: what can be read and written has been. */
async function settled(progress: () => number): Promise<number> {
  for (let before = -1, quiet = 0; quiet < 40; before = progress()) {
    await new Promise<void>((resolve) => setImmediate(() => setTimeout(resolve, 5)));
    quiet = progress() === before ? quiet + 1 : 0;
  }
  return progress();
}

test('a slow reader slows the upstream instead of filling memory, and gets every byte in the end', async () => {
  await using upstream = await startUpstream({ answer: streaming });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const memoryBefore = process.memoryUsage.rss();
  const client = open(gateway.port);
  await client.waitForBody(1);
  client.pauseReading();
  const call = await upstream.waitForCall();
  await settled(() => process.memoryUsage().arrayBuffers);
  expect(call.closed).toBeUndefined();
  expect(process.memoryUsage.rss() - memoryBefore).toBeLessThan(400 * MEGABYTE);
  client.resumeReading();
  const whole = await client.response;
  expect(whole.isComplete).toBe(true);
  expect(whole.body.length).toBe(LENGTH);
  const end = await upstream.waitForEnd(call);
  expect(end.bodyBytes).toBe(LENGTH);
});

test('a slow reader who leaves takes the upstream along, long before its end', async () => {
  await using upstream = await startUpstream({ answer: streaming });
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const client = open(gateway.port);
  await client.waitForBody(1);
  client.pauseReading();
  const call = await upstream.waitForCall();
  await settled(() => process.memoryUsage().arrayBuffers);
  client.leave('reset');
  const end = await upstream.waitForAbort(call);
  // Kernel buffers of both connections, which grow as they please on a busy machine, the gateway's own, and one write under way: well short of the whole.
  expect(end.bodyBytes).toBeLessThan(40 * MEGABYTE);
  expect(await gateway.recordWhere(() => true)).toMatchObject({ outcome: 'client-left' });
  await upstream.waitForConnections(0);
});

test('the pause of a reader is no pause of the provider', async () => {
  await using upstream = await startUpstream({ answer: streaming });
  await using gateway = await aGateway(only(upstream, 'openai-chat', { timeout: { idle: '400ms' } }));
  const client = open(gateway.port);
  await client.waitForBody(1);
  client.pauseReading();
  const call = await upstream.waitForCall();
  // Three times the limit: it is the time itself that is tested.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(call.closed).toBeUndefined();
  client.resumeReading();
  const whole = await client.response;
  expect(whole.text.slice(-200)).toContain('data: [DONE]');
  expect(whole.body.length).toBe(LENGTH);
});
