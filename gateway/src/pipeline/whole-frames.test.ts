import { expect, test } from 'vitest';
import { howItEnded } from './how-it-ended.ts';
import { isUsageChunk, wholeFrames } from './whole-frames.ts';

const FRAMES = [
  'data: {"choices":[{"delta":{"content":"a \\"choices\\":[] é"}}]}\n\n',
  ': comment\n\n',
  'data: {"choices":[],"prompt_filter_results":[{}]}\n\n',
  'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}\r\n\r\n',
];
const USAGE_FRAME = 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n';
const DONE = 'data: [DONE]\n\n';
const SHOWN = FRAMES.join('') + DONE;
const SENT = Buffer.from(FRAMES.join('') + USAGE_FRAME + DONE);

const failures: number[] = [];

async function passed(chunks: Uint8Array[], { hides = true } = {}): Promise<{ seen: Uint8Array[]; error: unknown }> {
  async function* body() {
    yield* chunks;
  }
  const seen: Uint8Array[] = [];
  try {
    for await (const chunk of wholeFrames(body(), {
      hides: hides ? isUsageChunk : undefined,
      howItEnded: (tail) => howItEnded('openai-chat', tail),
      onFailed: () => failures.push(1),
    })) {
      seen.push(chunk);
    }
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: undefined };
}

const textOf = ({ seen }: { seen: Uint8Array[] }) => Buffer.concat(seen).toString();

test('hides the usage chunk and nothing else, wherever the bytes are cut', async () => {
  for (let cut = 0; cut <= SENT.length; cut++) {
    expect(textOf(await passed([SENT.subarray(0, cut), SENT.subarray(cut)])), `cut at ${cut}`).toBe(SHOWN);
  }
  expect(textOf(await passed([...SENT].map((byte) => Buffer.of(byte))))).toBe(SHOWN);
});

test('passes every byte where nothing is to be hidden, wherever they are cut', async () => {
  for (let cut = 0; cut <= SENT.length; cut++) {
    expect(textOf(await passed([SENT.subarray(0, cut), SENT.subarray(cut)], { hides: false }))).toBe(SENT.toString());
  }
});

test('passes a chunk of whole frames as the same object', async () => {
  const frame = Buffer.from(FRAMES[0]!);
  expect((await passed([frame, Buffer.from(DONE)])).seen[0]).toBe(frame);
});

test('passes a last frame without its blank line, unless it is the hidden one', async () => {
  const finish = Buffer.from(FRAMES[3]!);
  expect(textOf(await passed([finish, Buffer.from(USAGE_FRAME.trimEnd())]))).toBe(FRAMES[3]);
  expect(textOf(await passed([Buffer.from('data: [DONE]')]))).toBe('data: [DONE]');
});

test('says that a stream broke off which closed before its answer was complete, and leaves no half frame behind', async () => {
  const whole = Buffer.from(FRAMES[0]! + FRAMES[1]! + FRAMES[0]!);
  for (let cut = 0; cut < whole.length; cut++) {
    const { seen, error } = await passed([whole.subarray(0, cut)]);
    expect(error, `cut at ${cut}`).toMatchObject({ code: 'upstream_broke_off' });
    const text = Buffer.concat(seen).toString();
    expect(text === '' || text.endsWith('\n\n')).toBe(true);
  }
});

test('notes an error that the provider told in the stream, and passes it', async () => {
  failures.length = 0;
  const frames = `${FRAMES[0]}data: {"error":{"message":"overloaded"}}\n\n`;
  const { seen, error } = await passed([Buffer.from(frames)]);
  expect(error).toBeUndefined();
  expect(Buffer.concat(seen).toString()).toBe(frames);
  expect(failures).toHaveLength(1);
});
