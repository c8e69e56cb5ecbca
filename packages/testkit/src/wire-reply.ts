import type { Point } from './point.ts';

/** What a piece of a stream tells; points such as `text 2` are found by it. */
export type Mark =
  | 'role'
  | 'reasoning'
  | 'text'
  | 'tool-start'
  | 'tool'
  | 'finish'
  | 'usage'
  | 'done'
  | 'error'
  | 'comment'
  | 'document'
  | 'other';

/** A unit of a body: one event of a stream, or a whole document. */
export interface Frame {
  bytes: Uint8Array;
  mark: Mark;
}

/** Where an answer stops, and how: for a while, by breaking the connection, or by a clean end. */
export interface Stop {
  how: 'stall' | 'cut' | 'end';
  side: 'before' | 'after';
  point: Point;
}

/** How the body's bytes are cut into writes: a write for each frame, all in one, each byte alone, or at these offsets. */
export type Cutting = 'frames' | 'at-once' | 'every-byte' | number[];

/** An answer as it will go over the wire, before it goes. */
export interface WireReply {
  status: number;
  headers: [name: string, value: string][];
  frames: Frame[];
  /** How HTTP tells the body's end: Content-Length, chunked, or by closing the connection. */
  framing: 'length' | 'chunked' | 'until-close';
  cutting: Cutting;
  stops: Stop[];
  gzip: boolean;
  /** Milliseconds of the upstream's clock before each write of the body. */
  pauseMs: number;
  /** No answer at all: the connection is closed, or reset, once the request is read. */
  silence: 'close' | 'reset' | undefined;
}

/** An answer with these parts and no peculiarities. */
export function wireReply(parts: Partial<WireReply>): WireReply {
  return {
    status: 200,
    headers: [],
    frames: [],
    framing: 'length',
    cutting: 'frames',
    stops: [],
    gzip: false,
    pauseMs: 0,
    silence: undefined,
    ...parts,
  };
}

/** A frame of text. */
export function frame(mark: Mark, text: string): Frame {
  return { mark, bytes: Buffer.from(text, 'utf8') };
}

/** A server-sent event whose data is JSON; with a name where the dialect gives one. */
export function eventFrame(mark: Mark, data: unknown, name?: string): Frame {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return frame(mark, `${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`);
}

/** The headers with this one set, replacing any of the same name. */
export function withHeader(headers: WireReply['headers'], name: string, value: string): WireReply['headers'] {
  return [...withoutHeader(headers, name), [name, value]];
}

export function withoutHeader(headers: WireReply['headers'], name: string): WireReply['headers'] {
  return headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
}

/** The value of a header, whatever way its name is spelled. */
export function headerOf(reply: WireReply, name: string): string | undefined {
  return reply.headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/** True for a body of server-sent events. */
export function isEvents(reply: WireReply): boolean {
  return headerOf(reply, 'content-type')?.startsWith('text/event-stream') ?? false;
}
