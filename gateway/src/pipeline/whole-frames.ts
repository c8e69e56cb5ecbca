import { GatewayError } from '../core/errors.ts';
import type { StreamEnd } from './how-it-ended.ts';

export interface FrameRules {
  /** Frames that the client is not to see. */
  hides: ((frame: Buffer) => boolean) | undefined;
  /** What the last bytes say of the answer's end. */
  howItEnded: (tail: string) => StreamEnd;
  /** The provider told an error in the stream; the client has seen it. */
  onFailed: () => void;
}

/** A frame longer than this passes as it comes. */
const LONGEST_FRAME = 1024 * 1024;
const TAIL_BYTES = 4096;

/**
 * Lets the bytes of a stream through frame by frame. A chunk that ends with a frame passes as the same object; the beginning of a frame waits for its end, which no
 * client can notice, as a frame means nothing before its blank line. So a stream that breaks off never leaves half a frame behind. Throws `upstream_broke_off` at the end
 * of a stream that is not complete.
 */
export async function* wholeFrames(
  body: AsyncIterable<Uint8Array>,
  { hides, howItEnded, onFailed }: FrameRules,
): AsyncGenerator<Uint8Array> {
  let open: Buffer | undefined;
  let last: Buffer[] = [];
  for await (const bytes of body) {
    const chunk = asBuffer(bytes);
    const joined: Buffer = open === undefined ? chunk : Buffer.concat([open, chunk]);
    open = undefined;
    const end = endOfLastFrame(joined);
    if (end < joined.length && joined.length - end <= LONGEST_FRAME) open = joined.subarray(end);
    const complete = open === undefined ? joined : joined.subarray(0, end);
    if (complete.length === 0) continue;
    last = last.length === 0 || complete.length >= TAIL_BYTES ? [complete] : [last.at(-1)!, complete];
    const shown = hides === undefined ? complete : withoutHidden(complete, hides);
    if (shown.length > 0) yield shown;
  }
  if (open !== undefined) last.push(open);
  const tail = Buffer.concat(last);
  const end = howItEnded(tail.toString('latin1', Math.max(0, tail.length - TAIL_BYTES)));
  if (end === 'cut')
    throw new GatewayError('upstream_broke_off', 'The provider ended its stream before its answer was complete.');
  if (end === 'failed') onFailed();
  // A last frame without its blank line: some hosts close right after it.
  if (open !== undefined && hides?.(open) !== true) yield open;
}

const EMPTY_CHOICES = /"choices":\s*\[\]/;

/** The chunk of a chat stream that tells only usage. By its parsed form, as the text of an answer may quote anything. */
export function isUsageChunk(frame: Buffer): boolean {
  if (!frame.includes('"choices"') || !frame.includes('"usage"')) return false;
  const text = frame.toString('utf8');
  if (!EMPTY_CHOICES.test(text)) return false;
  const data = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n');
  try {
    const chunk = JSON.parse(data) as { choices?: unknown; usage?: unknown };
    return (
      Array.isArray(chunk.choices) &&
      chunk.choices.length === 0 &&
      typeof chunk.usage === 'object' &&
      chunk.usage !== null
    );
  } catch {
    return false;
  }
}

const USAGE_HINTS = [Buffer.from('"choices":[]'), Buffer.from('"choices": []')];

function withoutHidden(bytes: Buffer, hides: (frame: Buffer) => boolean): Buffer {
  if (!USAGE_HINTS.some((hint) => bytes.includes(hint))) return bytes;
  const kept: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = endOfFrame(bytes, from);
    const frame = bytes.subarray(from, to);
    if (!hides(frame)) kept.push(frame);
    from = to;
  }
  return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
}

/** The position after the first blank line from `from` on, or the end of the bytes. */
function endOfFrame(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0x0a, from); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return bytes.length;
}

/** The position after the last blank line; 0 if there is none. */
function endOfLastFrame(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(0x0a); at > 0; at = bytes.lastIndexOf(0x0a, at - 1)) {
    if (bytes[at - 1] === 0x0a || (bytes[at - 1] === 0x0d && bytes[at - 2] === 0x0a)) return at + 1;
  }
  return 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
