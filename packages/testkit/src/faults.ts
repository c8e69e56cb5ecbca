import type { Asked, UsageStyle } from './asked.ts';
import { type Cue, echo, status } from './cues.ts';
import { findPoint, type Point } from './point.ts';
import { errorReply, streamReply } from './render/answer.ts';
import { type ErrorScript, errorFrames } from './render/errors.ts';
import { type Cutting, type Frame, type Stop, type WireReply, withHeader } from './wire-reply.ts';

// Every fault takes the cue that it spoils as its last argument; without one it spoils the echo.

/** Falls silent before a point: the headers, the first byte, `chunk 2`. Goes on when the upstream is told to resume. */
export function stallBefore(point: Point, cue?: Cue): Cue {
  return stopping({ how: 'stall', side: 'before', point }, cue);
}

/** Falls silent after a point. Goes on when the upstream is told to resume. */
export function stallAfter(point: Point, cue?: Cue): Cue {
  return stopping({ how: 'stall', side: 'after', point }, cue);
}

/** Breaks the connection after a point, so that the HTTP message stays incomplete. All bytes before it arrive. */
export function cutAfter(point: Point, cue?: Cue): Cue {
  return stopping({ how: 'cut', side: 'after', point }, cue);
}

/** Ends the answer after a point as if it were whole: HTTP is complete, the dialect is not (no `[DONE]`, no last event). */
export function endAfter(point: Point, cue?: Cue): Cue {
  return stopping({ how: 'end', side: 'after', point }, cue);
}

/** Writes the body in pieces cut at these offsets, or each byte alone; each piece is flushed before the next. */
export function splitAt(where: number | number[] | 'every-byte', cue?: Cue): Cue {
  return cutting(typeof where === 'number' ? [where] : where, cue);
}

/** Writes the whole body at once, all events of a stream in one piece. */
export function atOnce(cue?: Cue): Cue {
  return cutting('at-once', cue);
}

/** Waits before each write of the body, by the upstream's clock. */
export function delay(millisecondsPerChunk: number, cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, pauseMs: millisecondsPerChunk }));
}

/** Compresses the body (`content-encoding: gzip`), each frame flushed by itself so that a stream still streams. */
export function gzip(cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, gzip: true }));
}

/** Tells the body's end by closing the connection only, as HTTP/1.0 did: a cut looks like an end. */
export function untilClose(cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, framing: 'until-close' }));
}

/** Says another content type than the body has. */
export function wrongContentType(contentType = 'text/plain', cue?: Cue): Cue {
  return header('content-type', contentType, cue);
}

/** Adds `retry-after`; without a cue, to a 429. */
export function retryAfter(seconds: number, cue: Cue = status(429)): Cue {
  return header('retry-after', `${seconds}`, cue);
}

/** Adds or replaces a header of the answer. */
export function header(name: string, value: string, cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, headers: withHeader(reply.headers, name, value) }));
}

/** Adds headers of so many bytes in all, more than most clients take. */
export function largeHeaders(bytes = 32_768, cue?: Cue): Cue {
  const size = 1024;
  return changing(cue, (reply) => ({
    ...reply,
    headers: [
      ...reply.headers,
      ...Array.from({ length: Math.ceil(bytes / size) }, (_, index): [string, string] => {
        const name = `x-padding-${index}`;
        return [name, 'x'.repeat(size - name.length - 4)];
      }),
    ],
  }));
}

/** A stream that begins with status 200 and whose first event is an error: overload, or the rate limit. */
export function overloadedFirst(kind: 'overloaded' | 'rate-limit' = 'overloaded'): Cue {
  return (asked) => {
    const error: ErrorScript = { status: kind === 'rate-limit' ? 429 : asked.surface === 'anthropic' ? 529 : 503 };
    if (!asked.streams) return { ...errorReply(asked, error), status: 200 };
    return streamReply(asked, errorFrames(asked, error, 0));
  };
}

/** A stream that breaks off after a point with an error event of its dialect, then ends. */
export function errorAfter(point: Point, error: ErrorScript = { status: 500 }, cue?: Cue): Cue {
  return changing(cue, (reply, asked) => {
    const told = framesUpTo(reply.frames, findPoint(reply.frames, point).after);
    return { ...reply, frames: [...told, ...errorFrames(asked, error, told.length)] };
  });
}

/** Tells usage in every chunk of a stream, counting up. */
export function usageEveryChunk(cue?: Cue): Cue {
  return telling('every-chunk', cue);
}

/** Tells a stream's usage only after its finish, whether or not it was asked for. */
export function lateUsage(cue?: Cue): Cue {
  return telling('late', cue);
}

function framesUpTo(frames: Frame[], offset: number): Frame[] {
  let before = 0;
  return frames.filter((frame) => {
    before += frame.bytes.length;
    return before <= offset;
  });
}

function telling(usageStyle: UsageStyle, cue: Cue = echo()): Cue {
  return (asked) => cue({ ...asked, usageStyle });
}

function stopping(stop: Stop, cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, stops: [...reply.stops, stop] }));
}

function cutting(how: Cutting, cue?: Cue): Cue {
  return changing(cue, (reply) => ({ ...reply, cutting: how }));
}

/** A cue that changes what another one answers. */
export function changing(cue: Cue | undefined, change: (reply: WireReply, asked: Asked) => WireReply): Cue {
  const base = cue ?? echo();
  return async (asked) => change(await base(asked), asked);
}
