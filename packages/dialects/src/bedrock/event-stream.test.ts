import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokenFrame, createFrameReader, encodeFrame, type Frame } from './event-stream.ts';

const settings = { seed: 20_261_120, numRuns: 200 };

/** Frames made by @smithy/eventstream-codec 4.5.2: an event, and one with a header of every type. */
const EVENT =
  '0000005500000031c40f9fe80d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000c6d65737361676553746172747b22726f6c65223a22617373697374616e74227d2c0201f8';
const EVERY_HEADER =
  '0000006d0000005bf839e4e90379657300026e6f01016202f9017303012c01690400011170016c05000000012a05f2000362696e060003010203026174080000000000000000026964090123456789abcdef0123456789abcdef04746578740700056772c3bc6e7b7d1d5d6a99';

function readCut(bytes: Uint8Array, cuts: number[]): Frame[] {
  const reader = createFrameReader();
  const frames: Frame[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    frames.push(...reader.push(bytes.subarray(from, cut)));
    from = cut;
  }
  expect(reader.isBetweenFrames()).toBe(true);
  return frames.map(({ headers, payload }) => ({ headers, payload: Uint8Array.from(payload) }));
}

test('a frame is written as the official codec writes it', () => {
  const headers = { ':message-type': 'event', ':event-type': 'messageStart' };
  const frame = encodeFrame(headers, Buffer.from('{"role":"assistant"}'));
  expect(Buffer.from(frame).toString('hex')).toBe(EVENT);
});

test('headers of every type are read past, those of text are read', () => {
  const [frame] = readCut(Buffer.from(EVERY_HEADER, 'hex'), []);
  expect(frame?.headers).toEqual({ text: 'grün' });
  expect(Buffer.from(frame?.payload ?? []).toString()).toBe('{}');
});

test('frames cut at every byte, or anywhere at all, are the same frames', () => {
  const bytes = Buffer.from(EVENT + EVERY_HEADER + EVENT, 'hex');
  const whole = readCut(bytes, []);
  expect(whole).toHaveLength(3);
  expect(readCut(bytes, [...bytes.keys()].slice(1))).toEqual(whole);
  for (const cut of bytes.keys()) expect(readCut(bytes, [cut])).toEqual(whole);
});

test('whatever text the headers and whatever bytes the payload hold, they come back', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const name = text.filter((key) => key !== '' && key !== '__proto__' && Buffer.byteLength(key) < 256);
  fc.assert(
    fc.property(
      fc.dictionary(name, text),
      fc.uint8Array({ maxLength: 99 }),
      fc.array(fc.nat(300)),
      (headers, payload, cuts) => {
        const bytes = encodeFrame(headers, payload);
        const sorted = cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b);
        expect(readCut(bytes, sorted)).toEqual([{ headers: { ...headers }, payload }]);
      },
    ),
    settings,
  );
});

describe('bytes that are no frame', () => {
  test('are refused when any one of them is wrong', () => {
    const bytes = Buffer.from(EVENT, 'hex');
    for (const at of bytes.keys()) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      expect(() => createFrameReader().push(broken), `byte ${at}`).toThrow(BrokenFrame);
    }
  });

  test('are refused at once, and not waited for', () => {
    expect(() => createFrameReader().push(Buffer.from('{"message":"no"}'))).toThrow(BrokenFrame);
  });

  test('are refused when they promise more than the service ever sends', () => {
    const prelude = Buffer.alloc(12);
    prelude.writeUInt32BE(2 ** 31);
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
    expect(() => createFrameReader().push(prelude)).toThrow(BrokenFrame);
  });

  test('are known to be missing when a frame is cut', () => {
    const reader = createFrameReader();
    expect(reader.push(Buffer.from(EVENT, 'hex').subarray(0, 40))).toEqual([]);
    expect(reader.isBetweenFrames()).toBe(false);
  });
});
