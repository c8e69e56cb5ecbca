import { expect, test } from 'vitest';
import { createSseReader } from './sse.ts';

const encode = (text: string) => new TextEncoder().encode(text);

const STREAM =
  '\uFEFF: hello\r\nevent: ping\r\ndata: {"a":"é😀"}\r\n\r\ndata:{"b":1}\n\n: keep-alive\n\ndata: one\ndata: two\n\nid: 3\ndata: last';

test('reads the same events wherever the bytes are cut', () => {
  const whole = createSseReader();
  const expected = [...whole.push(encode(STREAM)), ...whole.finish()];
  expect(expected).toEqual([
    { event: 'ping', data: '{"a":"é😀"}' },
    { data: '{"b":1}' },
    { data: 'one\ntwo' },
    { data: 'last' },
  ]);
  const bytes = encode(STREAM);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = createSseReader();
    const events = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut)), ...reader.finish()];
    expect(events, `cut at ${cut}`).toEqual(expected);
  }
});

test('reads the same events one byte at a time', () => {
  const reader = createSseReader();
  const events = [...encode(STREAM)].flatMap((byte) => reader.push(Uint8Array.of(byte)));
  expect([...events, ...reader.finish()]).toHaveLength(4);
});
