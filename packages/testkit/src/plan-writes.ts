import { gzipPieces } from './gzip-frames.ts';
import { findPoint } from './point.ts';
import type { Cutting, Stop, WireReply } from './wire-reply.ts';

/** One step of playing an answer. */
export type Step =
  | { do: 'head' }
  | { do: 'pause'; milliseconds: number }
  | { do: 'write'; bytes: Uint8Array }
  | { do: 'stall' }
  | { do: 'cut' }
  | { do: 'end' };

export interface WritePlan {
  steps: Step[];
  /** Bytes of the whole body, as Content-Length tells them, also where the plan stops short. */
  bodyLength: number;
}

interface StopAt {
  how: Stop['how'];
  offset: number;
}

/** Works out the writes and stops of an answer. Nothing follows a cut or an end. Throws where a stop's point is missing. */
export function planWrites(reply: WireReply): WritePlan {
  const stops = locateStops(reply);
  const runs = cutAtStops(reply, stops);
  const plain = runs.flat();
  const encoded = reply.gzip ? gzipPieces(plain) : plain;
  const steps: Step[] = [];
  const pause: Step[] = reply.pauseMs > 0 ? [{ do: 'pause', milliseconds: reply.pauseMs }] : [];
  const stopHere = (offset: number) =>
    stops.filter((stop) => stop.offset === offset).map(({ how }): Step => ({ do: how }));

  steps.push(...stopHere(-1), { do: 'head' }, ...stopHere(0));
  let offset = 0;
  let sent = 0;
  let next = 0;
  for (const run of runs) {
    const pieces = encoded.slice(next, next + run.length);
    next += run.length;
    for (const bytes of cutPieces(pieces, reply.cutting, sent)) steps.push(...pause, { do: 'write', bytes });
    sent += lengthOf(pieces);
    offset += lengthOf(run);
    if (run.length > 0) steps.push(...stopHere(offset));
  }
  steps.push({ do: 'end' });
  const last = steps.findIndex((step) => step.do === 'cut' || step.do === 'end');
  return { steps: steps.slice(0, last + 1), bodyLength: lengthOf(encoded) };
}

function locateStops(reply: WireReply): StopAt[] {
  return reply.stops
    .map(({ how, side, point }) => ({ how, offset: findPoint(reply.frames, point)[side] }))
    .sort((one, other) => one.offset - other.offset);
}

/** The frames, cut where a stop lies inside one, in runs from stop to stop. */
function cutAtStops(reply: WireReply, stops: readonly StopAt[]): Uint8Array[][] {
  const runs: Uint8Array[][] = [[]];
  let offset = 0;
  for (const { bytes } of reply.frames) {
    const inside = stops.map((stop) => stop.offset - offset).filter((at) => at > 0 && at <= bytes.length);
    const edges = [...new Set([0, ...inside, bytes.length])];
    for (let index = 1; index < edges.length; index++) {
      runs.at(-1)!.push(bytes.subarray(edges[index - 1], edges[index]));
      if (inside.includes(edges[index]!)) runs.push([]);
    }
    offset += bytes.length;
  }
  return runs;
}

/** The pieces between two stops as the writes that `cutting` makes of them; `sent` bytes of the body went before. */
function cutPieces(pieces: readonly Uint8Array[], cutting: Cutting, sent: number): Uint8Array[] {
  if (cutting === 'frames') return [...pieces];
  const whole = Buffer.concat(pieces);
  if (whole.length === 0) return [];
  if (cutting === 'at-once') return [whole];
  if (cutting === 'every-byte') return Array.from(whole, (_, index) => whole.subarray(index, index + 1));
  const inside = cutting.map((at) => at - sent).filter((at) => at > 0 && at < whole.length);
  const edges = [...new Set([0, ...inside.sort((one, other) => one - other), whole.length])];
  return edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
