import type { Asked } from './asked.ts';
import { answer, errorReply } from './render/answer.ts';
import type { ErrorScript } from './render/errors.ts';
import type { ReplyScript } from './reply-script.ts';
import { frame, type WireReply, wireReply } from './wire-reply.ts';

/** What to answer: a function of the request. Faults take a cue and give another, so they compose. */
export type Cue = (asked: Asked) => WireReply | Promise<WireReply>;

/** Says this in whatever dialect and mode the request asked for. */
export function reply(script: ReplyScript): Cue {
  return (asked) => answer(asked, script);
}

/** Answers without a script: calls the tool demanded, else keeps to the schema, else echoes the last user text. */
export function echo(): Cue {
  return (asked) => answer(asked);
}

/** Answers each request by the cue that the function picks for it. */
export function choose(pick: (asked: Asked) => Cue): Cue {
  return (asked) => pick(asked)(asked);
}

/** An error status; without a body, in the shape and words of the dialect that was asked. An object goes out as JSON. */
export function status(code: number, body?: string | object, headers: Record<string, string> = {}): Cue {
  return (asked) => {
    const error: ErrorScript = { status: code };
    const plain = errorReply(asked, error);
    const frames = body === undefined ? plain.frames : [frame('document', asString(body))];
    return { ...plain, frames, headers: [...plain.headers, ...Object.entries(headers)] };
  };
}

/** An error of the dialect that was asked, with words of one's own. */
export function fails(error: ErrorScript): Cue {
  return (asked) => errorReply(asked, error);
}

export interface RawReply {
  status?: number;
  headers?: Record<string, string> | [name: string, value: string][];
  /** The whole body, with a Content-Length. */
  body?: string | Uint8Array;
  /** The body in pieces, chunked, each in a write of its own. */
  chunks?: (string | Uint8Array)[];
}

/** These bytes and no others. */
export function raw({ status: code = 200, headers = {}, body, chunks }: RawReply): Cue {
  const pieces = chunks ?? (body === undefined ? [] : [body]);
  return () =>
    wireReply({
      status: code,
      headers: Array.isArray(headers) ? headers : Object.entries(headers),
      frames: pieces.map((piece) => ({ mark: 'other', bytes: typeof piece === 'string' ? Buffer.from(piece) : piece })),
      framing: chunks === undefined ? 'length' : 'chunked',
    });
}

/** Sends the client elsewhere. */
export function redirect(to: string, code: 301 | 302 | 303 | 307 | 308 = 307): Cue {
  return raw({ status: code, headers: { location: to }, body: '' });
}

/** The page of a proxy that stands in the way. */
export function html(code = 502): Cue {
  const page = `<!DOCTYPE html>\n<html><head><title>${code}</title></head><body><h1>${code}</h1></body></html>\n`;
  return raw({ status: code, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page });
}

/** A success with no body at all, of the content type that the request expects. */
export function empty(): Cue {
  return (asked) => ({ ...answer(asked), frames: [], framing: 'length' });
}

/** Reads the request, then closes the connection without a byte. */
export function closeWithoutAnswer(): Cue {
  return () => wireReply({ silence: 'close' });
}

/** Reads the request, then resets the connection (a TCP RST) without a byte. */
export function resetBeforeHeaders(): Cue {
  return () => wireReply({ silence: 'reset' });
}

function asString(body: string | object): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
