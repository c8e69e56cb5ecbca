import type { Frame, Mark } from './wire-reply.ts';

/**
 * A place in an answer. `headers` and `first-byte` are there in every answer; `chunk 2` is the second frame, `text 2`
 * the second frame that tells text; `bytes 10` counts the body before any content-encoding; the two `inside-` points
 * lie in the midst of the first tool call and of the first character of several bytes.
 */
export type Point =
  | 'headers'
  | 'first-byte'
  | 'inside-tool-call'
  | 'inside-utf8'
  | Mark
  | `${Mark} ${number}`
  | `chunk ${number}`
  | `bytes ${number}`;

/** Offsets in the body just before and just after a point; -1 is before the headers. */
export interface Place {
  before: number;
  after: number;
}

/** Finds a point in a body. Throws where the answer has no such point: a fault that does not happen proves nothing. */
export function findPoint(frames: readonly Frame[], point: Point): Place {
  switch (point) {
    case 'headers':
      return { before: -1, after: 0 };
    case 'first-byte':
      return { before: 0, after: 1 };
    case 'inside-tool-call':
      return insideToolCall(frames);
    case 'inside-utf8':
      return insideCharacter(frames);
    default:
      return findMark(frames, point);
  }
}

function findMark(frames: readonly Frame[], point: Point): Place {
  const [name, number] = point.split(' ') as [Mark | 'chunk' | 'bytes', string | undefined];
  const nth = Number(number ?? 1);
  if (name === 'bytes') return within(frames, nth, point);
  const wanted = frames.filter((frame) => name === 'chunk' || frame.mark === name)[nth - 1];
  if (wanted === undefined) throw new Error(`The answer has no "${point}"; it has ${listMarks(frames)}.`);
  return around(frames, wanted);
}

function around(frames: readonly Frame[], wanted: Frame): Place {
  const before = lengthOf(frames.slice(0, frames.indexOf(wanted)));
  return { before, after: before + wanted.bytes.length };
}

function within(frames: readonly Frame[], offset: number, point: Point): Place {
  const length = lengthOf(frames);
  if (!(offset >= 0 && offset <= length)) throw new Error(`The answer has no "${point}"; it has ${length} bytes.`);
  return { before: offset, after: offset };
}

/** After the first piece of the arguments if more follow, else half way through the only frame that tells the call. */
function insideToolCall(frames: readonly Frame[]): Place {
  const pieces = frames.filter((frame) => frame.mark === 'tool');
  const first = pieces[0];
  if (first === undefined) throw new Error(`The answer calls no tool; it has ${listMarks(frames)}.`);
  const { before, after } = around(frames, first);
  const inside = pieces.length > 1 ? after : before + Math.floor(first.bytes.length / 2);
  return { before: inside, after: inside };
}

function insideCharacter(frames: readonly Frame[]): Place {
  const body = Buffer.concat(frames.map((frame) => frame.bytes));
  const lead = body.findIndex((byte) => byte >= 0xc0);
  if (lead === -1) throw new Error('The answer is all ASCII: no character has several bytes.');
  return { before: lead + 1, after: lead + 1 };
}

function lengthOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
}

function listMarks(frames: readonly Frame[]): string {
  return frames.length === 0 ? 'no frames' : frames.map((frame) => frame.mark).join(', ');
}
