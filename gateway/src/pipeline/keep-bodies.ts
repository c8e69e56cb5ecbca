import { dialects, type ModelEvent } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { BodyLog } from '../usage/body-log.ts';
import type { CallBodies } from '../usage/seal.ts';

/** More than this is not kept of a request, nor of an answer. */
export const MOST_BYTES = 256 * 1024;
/** A stream says each word in a frame of its own; what is kept is the document that it comes to. */
const MOST_STREAM_BYTES = 4 * MOST_BYTES;

/** Watches one call whose model keeps bodies. */
export interface BodyTap {
  /** The same reply, byte by byte; its first bytes are remembered as they pass. */
  watch(reply: Reply): Reply;
  /** Hands over what was heard, in a later turn: the call is over, and others are waiting. */
  keep(): void;
}

/** For calls that nobody keeps. */
export const NO_TAP: BodyTap = { watch: (reply) => reply, keep() {} };

/** Remembers what is asked, and what is answered in the client's own words, where the plan says so. Of a call that fails there is only what was asked. */
export function tapBodies(log: Pick<BodyLog, 'keep'> | undefined, { keepsBodies }: Plan, prompt: Prompt): BodyTap {
  if (keepsBodies !== true || log === undefined) return NO_TAP;
  const { call } = prompt;
  let heard: Heard | undefined;
  return {
    watch(reply) {
      heard = new Heard(reply);
      if (reply.whole !== undefined) {
        // It is sent as one piece, and nobody iterates over it.
        heard.hear(reply.whole);
        return reply;
      }
      return { ...reply, body: heard.listen(reply.body) };
    },
    keep() {
      setImmediate(() => log.keep(call.id, call.startedAtMs, bodiesOf(prompt, heard)));
    },
  };
}

class Heard {
  readonly isStreamed: boolean;
  readonly contentType: string;
  bytes = 0;
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;

  constructor({ streamed, contentType }: Reply) {
    this.isStreamed = streamed;
    this.contentType = contentType;
    this.#most = streamed ? MOST_STREAM_BYTES : MOST_BYTES;
  }

  hear(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.#kept >= this.#most) return;
    const part = chunk.subarray(0, this.#most - this.#kept);
    this.#chunks.push(part);
    this.#kept += part.length;
  }

  /** The very same chunks. Those past the limit are counted and not held. */
  async *listen(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.hear(chunk);
      yield chunk;
    }
  }

  first(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function bodiesOf({ call }: Prompt, heard: Heard | undefined): CallBodies {
  const request = textOf(call.bytes.subarray(0, MOST_BYTES), call.contentType, call.bytes.length);
  return heard === undefined ? { request } : { request, response: answerOf(call, heard) };
}

function answerOf(call: Call, heard: Heard): string {
  const first = heard.first();
  // A Gemini client may get its stream as one JSON list.
  const isList = call.wantsStream && first[0] === 0x5b;
  if (!heard.isStreamed && !isList) return textOf(first, heard.contentType, heard.bytes);
  const told = call.operation === 'chat' ? joinStream(first, call) : undefined;
  if (told === undefined) return `[a stream of ${heard.bytes} bytes]`;
  const text = Buffer.from(told);
  return cutText(text.subarray(0, MOST_BYTES), text.length + heard.bytes - first.length);
}

/**
 * What a stream comes to, as one document: an address or a number that is cut into several frames could not be found in the frames. Undefined: it
 * is not to be read, and then it is not kept.
 */
function joinStream(bytes: Uint8Array, { dialect, model, id, startedAtMs }: Call): string | undefined {
  try {
    const reader = dialects[dialect].createReader();
    const events = [...reader.push(bytes), ...reader.finish()];
    const failed = events.find((event) => event.type === 'error');
    const told = events.filter(({ type }) => type !== 'error' && type !== 'end');
    const nowSeconds = Math.floor(startedAtMs / 1_000);
    const end: ModelEvent = { type: 'end' };
    const document = dialects[dialect].writeDocument([...told, end], { model, id, nowSeconds, wantsUsage: true });
    return JSON.stringify(failed === undefined ? document : { ...document, error: failed.error.message });
  } catch {
    return undefined;
  }
}

const IS_TEXT = /^(?:text\/|application\/(?:[\w.+-]*json|x-ndjson|x-www-form-urlencoded))/i;

function textOf(first: Uint8Array, contentType: string, length: number): string {
  return IS_TEXT.test(contentType) ? cutText(first, length) : `[${contentType}, ${length} bytes]`;
}

const BOUNDARY = /[\s"',;:]/;
const LONGEST_WORD = 500;

/** Nothing is left of the word at the cut: half an address is one that nobody would find. */
function cutText(first: Uint8Array, length: number): string {
  const text = Buffer.from(first.buffer, first.byteOffset, first.length).toString();
  if (length <= first.length) return text;
  let end = text.length;
  while (end > text.length - LONGEST_WORD && !BOUNDARY.test(text[end - 1]!)) end -= 1;
  return `${text.slice(0, end)} [cut: ${length} bytes in all]`;
}
