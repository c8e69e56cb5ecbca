import { bodyOf, type Exchange } from './corpus.ts';
import { type Cue, fails } from './cues.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';
import { type Frame, type WireReply, wireReply } from './wire-reply.ts';

/** Plays a recorded answer as it was given: status, headers and body; a stream goes out event by event. */
export function fromRecording(exchange: Exchange): Cue {
  const contentType = exchange.headers['content-type'] ?? '';
  const headers = Object.entries(exchange.headers).filter(([name]) => !ofTheConnection.has(name.toLowerCase()));
  return () =>
    wireReply({
      status: exchange.status,
      headers: headers as WireReply['headers'],
      frames: splitRecording(bodyOf(exchange), contentType),
      framing: exchange.stream ? 'chunked' : 'length',
    });
}

/** An upstream that answers `replay-<id>` with the recording of that id, wherever the dialect names its model. */
export async function replayUpstream(
  exchanges: Iterable<Exchange>,
  options: Omit<UpstreamOptions, 'answer'> & { fault?: (cue: Cue) => Cue } = {},
): Promise<Upstream> {
  const byId = new Map([...exchanges].map((exchange) => [exchange.id, exchange]));
  const spoil = options.fault ?? ((cue) => cue);
  return startUpstream({
    ...options,
    answer: (asked) => {
      const id = /replay-(\w+)/.exec(asked.model)?.[1] ?? '';
      const exchange = byId.get(id);
      if (exchange === undefined) return fails({ status: 404, message: `No recording "${asked.model}".` })(asked);
      return spoil(fromRecording(exchange))(asked);
    },
  });
}

/** The model name by which a recording is asked for. */
export function replayModel(exchange: Exchange): string {
  return `replay-${exchange.id}`;
}

// These told how the bytes were carried then, not what was said.
const ofTheConnection = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function splitRecording(body: Buffer, contentType: string): Frame[] {
  const ends = contentType.includes('amazon.eventstream')
    ? messageEnds(body)
    : contentType.includes('event-stream')
      ? endsOf(body, /\r\n\r\n|\n\n|\r\r/g)
      : contentType.includes('ndjson')
        ? endsOf(body, /\n/g)
        : [];
  const edges = [...new Set([0, ...ends, body.length])];
  return edges.slice(1).map((edge, index) => ({ mark: 'other', bytes: body.subarray(edges[index], edge) }));
}

function endsOf(body: Buffer, delimiter: RegExp): number[] {
  // One character per byte, so that offsets in the text are offsets in the body.
  return Array.from(body.toString('latin1').matchAll(delimiter), (found) => found.index + found[0].length);
}

/** An AWS event-stream message begins with its own length. */
function messageEnds(body: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at + 12 <= body.length; ) {
    at += body.readUInt32BE(at);
    ends.push(Math.min(at, body.length));
  }
  return ends;
}
