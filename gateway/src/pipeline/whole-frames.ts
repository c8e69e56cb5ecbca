import { GatewayError } from '../core/errors.ts';
import type { StreamEnd } from './how-it-ended.ts';

export interface FrameRules {
  /** Frames that the client is not to see. */
  hides: ((frame: Buffer) => boolean) | undefined;
  /** What the last bytes say of the answer's end. */
  howItEnded: (tail: string) => StreamEnd;
  /** The provider told an error in the stream; the client has seen it. */
  onFailed: () => void;
  /** Sees what passes, for whoever asks after a break what went by. */
  tail?: FrameTail;
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
  { hides, howItEnded, onFailed, tail = new FrameTail() }: FrameRules,
): AsyncGenerator<Uint8Array> {
  let open: Buffer | undefined;
  let isInLongFrame = false;
  for await (const bytes of body) {
    const chunk = asBuffer(bytes);
    const joined: Buffer = open === undefined ? chunk : Buffer.concat([open, chunk]);
    open = undefined;
    const end = endOfLastFrame(joined);
    if (end > 0) isInLongFrame = false;
    if (joined.length - end > LONGEST_FRAME) {
      if (!isInLongFrame) tail.beganLongFrame(joined.subarray(end));
      isInLongFrame = true;
    } else if (end < joined.length) open = joined.subarray(end);
    const complete = open === undefined ? joined : joined.subarray(0, end);
    if (complete.length === 0) continue;
    tail.see(complete);
    const shown = hides === undefined ? complete : withoutHidden(complete, hides);
    if (shown.length > 0) yield shown;
  }
  if (open !== undefined) tail.see(open);
  const end = howItEnded(tail.text());
  if (end === 'cut')
    throw new GatewayError('upstream_broke_off', 'The provider ended its stream before its answer was complete.');
  if (end === 'failed') onFailed();
  // A last frame without its blank line: some hosts close right after it.
  if (open !== undefined && hides?.(open) !== true) yield open;
}

/**
 * The last chunks by reference, whole: comments after the last event must not push it out, and an event tells what it is at its beginning, however long it is
 * (`response.completed` holds the whole answer).
 */
export class FrameTail {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes of all that went by. */
  passed = 0;
  #beginning = '';

  /** A frame begins that will pass in pieces. */
  beganLongFrame(bytes: Buffer): void {
    this.#beginning = bytes.toString('latin1', 0, TAIL_BYTES);
  }

  see(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.passed += chunk.length;
    while (this.#chunks.length > 1 && this.#bytes - this.#chunks[0]!.length >= TAIL_BYTES)
      this.#bytes -= this.#chunks.shift()!.length;
  }

  /** The bytes that are kept. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** True: nothing was let go, so that the tail is all there was. */
  get isWhole(): boolean {
    return this.passed === this.#bytes;
  }

  text(): string {
    return this.#beginning + Buffer.concat(this.#chunks).toString('latin1');
  }
}

const SOME_CHOICE = /"choices":\s*\[\s*\{/;

/** The chunk of a chat stream that tells only usage: its list of choices is empty, or not there at all. By its parsed form, as the text of an answer may quote anything. */
export function isUsageChunk(frame: Buffer): boolean {
  if (findUsage(frame, 0) === -1) return false;
  const text = frame.toString('utf8');
  if (SOME_CHOICE.test(text)) return false;
  const data = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5))
    .join('\n');
  try {
    const { choices = [], usage } = JSON.parse(data) as { choices?: unknown; usage?: unknown };
    return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null;
  } catch {
    return false;
  }
}

const USAGE_KEY = Buffer.from('"usage":');

/** Where counts are told from `from` on: most hosts say `"usage":null` in every other chunk. -1: nowhere. */
function findUsage(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(USAGE_KEY, from); at !== -1; at = bytes.indexOf(USAGE_KEY, at + USAGE_KEY.length)) {
    const value = at + USAGE_KEY.length;
    if (bytes[bytes[value] === 0x20 ? value + 1 : value] === 0x7b) return at;
  }
  return -1;
}

/** Looks only at the frames that tell counts: a burst may hold sixty others. */
function withoutHidden(bytes: Buffer, hides: (frame: Buffer) => boolean): Buffer {
  const kept: Buffer[] = [];
  let taken = 0;
  for (let at = findUsage(bytes, 0); at !== -1; ) {
    const from = endOfLastFrame(bytes.subarray(0, at));
    const to = endOfFrame(bytes, at);
    if (hides(bytes.subarray(from, to))) {
      kept.push(bytes.subarray(taken, from));
      taken = to;
    }
    at = findUsage(bytes, to);
  }
  if (taken === 0) return bytes;
  kept.push(bytes.subarray(taken));
  return kept.length === 2 && kept[0]!.length === 0 ? kept[1]! : Buffer.concat(kept);
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
