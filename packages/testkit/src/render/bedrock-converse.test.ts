import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, corpusIsThere, loadCorpus } from '../corpus.ts';
import { reply } from '../cues.ts';
import { asObject, type JsonObject } from '../json.ts';
import { rawRequest } from '../raw-request.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { eventStreamMessage } from './event-stream.ts';

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

const body = { messages: [{ role: 'user', content: [{ text: 'Say one two three' }] }] };
const model = encodeURIComponent('anthropic.claude-v1:0');
const converse = (how = 'converse') => rawRequest({ port: upstream.port, path: `/model/${model}/${how}`, body });
const script = {
  text: 'It rains.',
  reasoning: 'Look outside',
  toolCalls: [{ id: 'tooluse_a', name: 'weather', arguments: { city: 'Oslo' } }],
  usage: { input: 50, output: 40, cached: 20, cacheWrite: 5 },
};

/** Reads messages as the AWS event-stream specification has them, checking both checksums. */
function readMessages(bytes: Buffer): { headers: Record<string, string>; payload: string }[] {
  if (bytes.length === 0) return [];
  const [total, headersLength] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
  expect(bytes.readUInt32BE(8)).toBe(crc32(bytes.subarray(0, 8)));
  expect(bytes.readUInt32BE(total - 4)).toBe(crc32(bytes.subarray(0, total - 4)));
  const headers: Record<string, string> = {};
  for (let at = 12; at < 12 + headersLength; ) {
    const nameEnd = at + 1 + bytes[at]!;
    expect(bytes[nameEnd]).toBe(7);
    const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1);
    headers[bytes.toString('utf8', at + 1, nameEnd)] = bytes.toString('utf8', nameEnd + 3, valueEnd);
    at = valueEnd;
  }
  const payload = bytes.toString('utf8', 12 + headersLength, total - 4);
  return [{ headers, payload }, ...readMessages(bytes.subarray(total))];
}

test('answers Converse with content blocks, the stop reason and the counts', async () => {
  upstream.next(reply(script));
  const { json } = await converse();
  expect(json).toMatchObject({
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Look outside' } } },
          { text: 'It rains.' },
          { toolUse: { toolUseId: 'tooluse_a', name: 'weather', input: { city: 'Oslo' } } },
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 25, outputTokens: 40, totalTokens: 90, cacheReadInputTokens: 20, cacheWriteInputTokens: 5 },
  });
  expect(upstream.calls.at(-1)?.path).toContain('anthropic.claude-v1%3A0');
});

test('streams Converse as event-stream messages with true checksums', async () => {
  upstream.next(reply(script));
  const response = await converse('converse-stream');
  expect(response.headers['content-type']).toBe('application/vnd.amazon.eventstream');
  const events = readMessages(response.body).map(({ headers, payload }): [string, JsonObject] => {
    return [headers[':event-type'] ?? '', JSON.parse(payload)];
  });
  const deltas = events.filter(([type]) => type === 'contentBlockDelta').map(([, event]) => asObject(event['delta']));
  expect(deltas.map((delta) => delta['text'] ?? '').join('')).toBe('It rains.');
  expect(deltas.map((delta) => asObject(delta['toolUse'])['input'] ?? '').join('')).toBe('{"city":"Oslo"}');
  expect(events.filter(([type]) => type === 'contentBlockStop').map(([, event]) => event['contentBlockIndex'])).toEqual(
    [0, 1, 2],
  );
  expect([events[0]?.[0], events.at(-2), events.at(-1)?.[0]]).toEqual([
    'messageStart',
    ['messageStop', { stopReason: 'tool_use', p: 'abcdefgh' }],
    'metadata',
  ]);
});

describe.skipIf(!corpusIsThere())('beside the recordings', () => {
  test('frames a message just as the provider framed it', () => {
    const recorded = bodyOf(loadCorpus({ api: 'converse_stream' })[0]!);
    const messages = readMessages(recorded);
    expect(messages.length).toBeGreaterThan(3);
    expect(Buffer.concat(messages.map(({ headers, payload }) => eventStreamMessage(headers, payload)))).toEqual(
      recorded,
    );
  });
});
