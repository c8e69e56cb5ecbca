import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import { redactText } from '../usage/redact-text.ts';
import type { CallBodies } from '../usage/seal.ts';
import { MOST_BYTES, tapBodies } from './keep-bodies.ts';

type Asked = Parameters<typeof aPrompt>[0];

const asks = (more: Asked = {}): Prompt =>
  aPrompt({
    contentType: 'application/json',
    startedAtMs: 1_000,
    wantsStream: false,
    bytes: Buffer.from('{"model":"fast","messages":[]}'),
    ...more,
  });

function replies(chunks: readonly (string | Uint8Array)[], more: Partial<Reply> = {}): Reply {
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const contentType = more.streamed ? 'text/event-stream' : 'application/json';
  return { status: 200, dialect: 'openai-chat', streamed: false, contentType, headers: {}, body: body(), ...more };
}

/** What is kept of a call that is read to the end, or to a number of chunks. */
async function kept(prompt: Prompt, reply?: Reply, most = Infinity): Promise<{ bodies: CallBodies; passed: Buffer }> {
  return new Promise((resolve, reject) => {
    const passed: Uint8Array[] = [];
    const tap = tapBodies(
      { keep: (_id, _atMs, bodies) => resolve({ bodies, passed: Buffer.concat(passed) }) },
      { groups: [], reason: '', keepsBodies: true },
      prompt,
    );
    const read = async () => {
      if (reply === undefined) return;
      for await (const chunk of tap.watch(reply).body) {
        passed.push(chunk);
        if (passed.length >= most) break;
      }
    };
    read().then(tap.keep, reject);
  });
}

const frame = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;

test('a document passes as it is, and is kept beside what was asked', async () => {
  const { bodies, passed } = await kept(asks(), replies(['{"choices":', '[]}']));
  expect(passed.toString()).toBe('{"choices":[]}');
  expect(bodies).toEqual({ request: '{"model":"fast","messages":[]}', response: '{"choices":[]}' });
});

test('a stream is kept as the document that it comes to, so that nothing hides in the cuts between its frames', async () => {
  const frames = [
    frame('Write to an'),
    frame('n@exam'),
    frame('ple.com'),
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    'data: [DONE]\n\n',
  ];
  const prompt = asks({ wantsStream: true });
  const { bodies, passed } = await kept(prompt, replies(frames, { streamed: true }));
  expect(passed.toString()).toBe(frames.join(''));
  expect(JSON.parse(bodies.response!).choices[0].message.content).toBe('Write to ann@example.com');
  expect(redactText(bodies.response!)).toContain('Write to [e-mail]');
});

test('of a stream that breaks off, or whose client leaves, there is what was told', async () => {
  const { bodies } = await kept(
    asks({ wantsStream: true }),
    replies([frame('one '), frame('two '), frame('three')], { streamed: true }),
    2,
  );
  expect(JSON.parse(bodies.response!).choices[0].message.content).toBe('one two ');
});

test.each([
  [
    'anthropic-messages',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n',
    true,
  ],
  ['gemini', '[{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]}}]}]', false],
] as const)('a stream of %s is read in its own words', async (dialect, told, streamed) => {
  const start =
    dialect === 'gemini'
      ? ''
      : 'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';
  const { bodies } = await kept(asks({ dialect, wantsStream: true }), replies([start + told], { dialect, streamed }));
  expect(bodies.response).toMatch(/^\{.*"text":"Hi"/);
});

test('no more is held of either than the limit, and no half of a word', async () => {
  const long = `{"a":"${'ann '.repeat(MOST_BYTES)}"}`;
  const { bodies, passed } = await kept(
    asks({ bytes: Buffer.from(long) }),
    replies([long.slice(0, 1_000), long.slice(1_000)]),
  );
  expect(passed.length).toBe(long.length);
  for (const text of [bodies.request!, bodies.response!]) {
    expect(text).toMatch(new RegExp(`ann  \\[cut: ${long.length} bytes in all\\]$`));
    expect(text.length).toBeLessThan(MOST_BYTES + 50);
  }
});

test('what is no text is not kept, only told of', async () => {
  const request = { contentType: 'multipart/form-data; boundary=x', bytes: Buffer.alloc(70) };
  const speech = replies([Buffer.alloc(3_000)], { contentType: 'audio/mpeg' });
  expect((await kept(asks({ ...request, operation: 'audio/transcriptions' }), speech)).bodies).toEqual({
    request: '[multipart/form-data; boundary=x, 70 bytes]',
    response: '[audio/mpeg, 3000 bytes]',
  });
});

test('of a call that no one answered there is what was asked', async () => {
  expect((await kept(asks())).bodies).toEqual({ request: '{"model":"fast","messages":[]}' });
});
