/** The frames of a Responses stream, numbered as they leave. */

import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';

export interface Frames {
  /** One event with these fields. */
  event(type: string, fields: JsonObject): void;
  /** A piece of text; `open` comes from `deltaOpening`, so that only the piece itself is turned into JSON. */
  delta(opening: string, text: string, closing: string): void;
  /** `response.created` and its like: `head` is what changes, `echo` the JSON of what does not. */
  lifecycle(type: string, head: JsonObject, echo: string): void;
  /** Text that is framed already. */
  raw(frames: string, count: number): void;
  readonly count: number;
}

export interface TextFrames extends Frames {
  /** What was written since the last call. */
  taken(): string;
}

export function createTextFrames(): TextFrames {
  let text = '';
  let count = 0;
  return {
    event(type, fields) {
      text += sseFrame(JSON.stringify({ type, sequence_number: count++, ...fields }), type);
    },
    delta(opening, piece, closing) {
      text += `${opening}${JSON.stringify(piece)}${closing}${count++}}\n\n`;
    },
    lifecycle(type, head, echo) {
      const response = `${JSON.stringify(head).slice(0, -1)},${echo.slice(1)}`;
      text += sseFrame(`{"type":"${type}","sequence_number":${count++},"response":${response}}`, type);
    },
    raw(frames, more) {
      text += frames;
      count += more;
    },
    get count() {
      return count;
    },
    taken() {
      const written = text;
      text = '';
      return written;
    },
  };
}

/** For a document: nothing is framed. */
export const noFrames: Frames = {
  event: () => {},
  delta: () => {},
  lifecycle: () => {},
  raw: () => {},
  count: 0,
};

/** The frame of a text piece up to the piece. */
export function deltaOpening(type: string, fields: JsonObject): string {
  const head = JSON.stringify({ type, ...fields });
  return `event: ${type}\ndata: ${head.slice(0, -1)},"delta":`;
}

/** What follows the piece, up to the number. */
export const DELTA_CLOSING = ',"sequence_number":';
export const TEXT_DELTA_CLOSING = ',"logprobs":[],"sequence_number":';
