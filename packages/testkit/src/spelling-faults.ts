/** Faults in how an answer is spelled: line ends, comments, byte order marks, halves. */

import type { Cue } from './cues.ts';
import { changing } from './faults.ts';
import { type Frame, frame, isEvents } from './wire-reply.ts';

/** Ends the lines of an event stream with CRLF, as a tenth of the providers do. */
export function crlf(cue?: Cue): Cue {
  return respelling(cue, (text) => text.replaceAll('\n', '\r\n'));
}

/** Puts comments into an event stream: a block of its own before each event, and a line inside it. */
export function comments(cue?: Cue): Cue {
  return changing(cue, (reply) => {
    if (!isEvents(reply)) return reply;
    const frames = reply.frames.flatMap((each) => [
      frame('comment', ': keep-alive\n\n'),
      respell(each, (text) => `: still here\n${text}`),
    ]);
    return { ...reply, frames };
  });
}

/** Begins the body with a byte order mark. */
export function bom(cue?: Cue): Cue {
  return changing(cue, (reply) => {
    const [first, ...others] = reply.frames;
    if (first === undefined) return reply;
    return { ...reply, frames: [respell(first, (text) => `\uFEFF${text}`), ...others] };
  });
}

/** Leaves out the empty line that ends the last event of a stream. */
export function noFinalNewline(cue?: Cue): Cue {
  return changing(cue, (reply) => {
    const last = reply.frames.at(-1);
    if (last === undefined) return reply;
    return { ...reply, frames: [...reply.frames.slice(0, -1), respell(last, (text) => text.replace(/[\r\n]+$/, ''))] };
  });
}

/** Leaves out half of a document's JSON; in a stream, half of the JSON of its middle event. HTTP knows nothing of it. */
export function halfJson(cue?: Cue): Cue {
  return changing(cue, (reply) => {
    const middle = Math.floor((reply.frames.length - 1) / 2);
    const halve = isEvents(reply) ? halveEvent : halveText;
    return { ...reply, frames: reply.frames.map((each, index) => (index === middle ? respell(each, halve) : each)) };
  });
}

function halveEvent(text: string): string {
  return text.replace(/^data: (.*)$/m, (_, data: string) => `data: ${halveText(data)}`);
}

function halveText(text: string): string {
  return text.slice(0, Math.floor(text.length / 2));
}

/** Changes the text of an event stream's frames, and of nothing else. */
function respelling(cue: Cue | undefined, change: (text: string) => string): Cue {
  return changing(cue, (reply) =>
    isEvents(reply) ? { ...reply, frames: reply.frames.map((each) => respell(each, change)) } : reply,
  );
}

function respell(each: Frame, change: (text: string) => string): Frame {
  return { mark: each.mark, bytes: Buffer.from(change(Buffer.from(each.bytes).toString('utf8')), 'utf8') };
}
