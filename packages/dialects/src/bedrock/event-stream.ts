/**
 * Amazon's event-stream framing (https://smithy.io/2.0/aws/amazon-eventstream.html): two lengths and their CRC32, typed
 * headers, a payload, and a CRC32 of it all. Framed here and not by Smithy's codec, which takes whole frames only (the
 * cutting is the harder half), sums in script what the runtime sums natively, and costs every start 20 ms and 12 MB.
 */

import { crc32 } from 'node:zlib';

export interface Frame {
  /** Headers that hold text; those of other types are read past. */
  headers: Record<string, string>;
  payload: Uint8Array;
}

export interface FrameReader {
  /** Throws BrokenFrame for bytes that are none. After that nothing more can be read. */
  push(bytes: Uint8Array): Frame[];
  /** The bytes are over. True: they ended between two frames. */
  isBetweenFrames(): boolean;
}

export class BrokenFrame extends Error {}

const PRELUDE = 12;
const LEAST = 16;
/** The service's own limit is 24 MB of payload and 128 KB of headers. */
const MOST = 25 * 1024 * 1024;
const TEXT_HEADER = 7;
/** Bytes of a header's value by its type: true, false, byte, short, integer, long, (bytes, text,) timestamp, uuid. */
const FIXED_SIZES: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

const utf8 = new TextDecoder();

/** Reads frames from bytes cut anywhere. Holds at most one frame that is not whole, and the bytes themselves, not copies. */
export function createFrameReader(): FrameReader {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let wanted = PRELUDE;

  function take(): Uint8Array {
    const [first] = pieces;
    const whole = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, held);
    pieces = [];
    held = 0;
    return whole;
  }

  function hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    pieces.push(bytes);
    held += bytes.length;
  }

  return {
    push(bytes) {
      hold(bytes);
      const frames: Frame[] = [];
      if (held < wanted) return frames;
      const all = take();
      let at = 0;
      for (;;) {
        const left = all.length - at;
        wanted = left < PRELUDE ? PRELUDE : lengthOf(all.subarray(at, at + PRELUDE));
        if (left < wanted) break;
        frames.push(readFrame(all.subarray(at, at + wanted)));
        at += wanted;
      }
      hold(all.subarray(at));
      return frames;
    },
    isBetweenFrames: () => held === 0,
  };
}

/** Headers that no text needs escaping for, and a payload, as one frame. */
export function encodeFrame(headers: Record<string, string>, payload: Uint8Array): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const length = LEAST + head.length + payload.length;
  const frame = Buffer.alloc(length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(head, PRELUDE);
  frame.set(payload, PRELUDE + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, length - 4)), length - 4);
  return frame;
}

function lengthOf(prelude: Uint8Array): number {
  const view = viewOf(prelude);
  if (crc32(prelude.subarray(0, 8)) !== view.getUint32(8)) throw new BrokenFrame('The checksum of a prelude is wrong.');
  const length = view.getUint32(0);
  if (length > MOST || length < LEAST + view.getUint32(4)) throw new BrokenFrame(`A frame of ${length} bytes.`);
  return length;
}

function readFrame(bytes: Uint8Array): Frame {
  const view = viewOf(bytes);
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) throw new BrokenFrame('The checksum of a frame is wrong.');
  const payloadFrom = PRELUDE + view.getUint32(4);
  return { headers: readHeaders(bytes.subarray(PRELUDE, payloadFrom)), payload: bytes.subarray(payloadFrom, end) };
}

function readHeaders(bytes: Uint8Array): Record<string, string> {
  const view = viewOf(bytes);
  const headers: Record<string, string> = {};
  let at = 0;
  const skip = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new BrokenFrame('A header ends outside of its frame.');
    at += size;
    return bytes.subarray(at - size, at);
  };
  const readByte = () => skip(1)[0] ?? 0;
  const readLength = () => {
    skip(2);
    return view.getUint16(at - 2);
  };
  while (at < bytes.length) {
    const name = utf8.decode(skip(readByte()));
    const type = readByte();
    const size = type === TEXT_HEADER || type === 6 ? readLength() : FIXED_SIZES[type];
    if (size === undefined) throw new BrokenFrame(`A header of the unknown type ${type}.`);
    const value = skip(size);
    if (type === TEXT_HEADER) headers[name] = utf8.decode(value);
  }
  return headers;
}

function encodeHeader(name: string, value: string): Uint8Array {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, Buffer.of(TEXT_HEADER), size, valueBytes]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
