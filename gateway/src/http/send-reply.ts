import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Call } from '../core/call.ts';
import type { Ending, Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import type { Client } from '../pipeline/rooms.ts';
import { costComment } from './cost-comment.ts';
import type { Heartbeat } from './heartbeat.ts';
import { keepAliveFrame } from './keep-alive.ts';
import { refuse, refuseInStream } from './refusal.ts';
import { replyHeaders } from './reply-headers.ts';
import { gatherTurns } from './turns.ts';

/** The client's end of a call: sends one answer or one refusal, to the last byte. */
export function createClient(response: ServerResponse, call: Call, heartbeat: Heartbeat, tellsCost = false): Client {
  return {
    send: (reply, trail) =>
      reply.contentLength !== undefined
        ? sendWhole(response, call, reply, trail)
        : sendStream({ response, call, heartbeat, tellsCost }, reply, trail),
    refuse(error, trail) {
      if (call.isGone) return { name: 'client-left', bytes: 0 };
      const refusal = refuse(error, call.dialect, call.id);
      trail.record.status = refusal.status;
      const { req: request } = response;
      // What is still coming of the body is not read; the connection ends with the answer.
      if (!request.complete) response.setHeader('connection', 'close');
      response.writeHead(refusal.status, replyHeaders(refusal.headers, call, trail, refusal.body.length));
      response.end(refusal.body);
      if (!request.complete) request.resume();
      return { name: 'complete', bytes: refusal.body.length };
    },
  };
}

/** A document whose length is known: one write, with its length and cost in the headers. */
async function sendWhole(response: ServerResponse, call: Call, reply: Reply, trail: Trail): Promise<Ending> {
  if (call.isGone) return { name: 'client-left', bytes: 0 };
  response.writeHead(reply.status, replyHeaders(reply.headers, call, trail, reply.contentLength, reply.contentType));
  if (reply.whole !== undefined) {
    endWith(response, reply.whole);
    return handedOver(response, call, reply.whole.length);
  }
  let bytes = 0;
  for await (const chunk of reply.body) {
    bytes += chunk.length;
    endWith(response, chunk);
  }
  if (bytes === 0) response.end();
  return handedOver(response, call, bytes);
}

/** Up to this many bytes are worth a copy. */
const SMALL = 16 * 1024;

/** A small body is handed over as text of the same bytes (Latin-1): Node joins text with the head into one write, where bytes would cost a gathered one. */
function endWith(response: ServerResponse, chunk: Uint8Array): void {
  if (chunk.length > SMALL) response.end(chunk);
  else response.end(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1'), 'latin1');
}

/**
 * Bytes as they come. The headers leave with the first chunk, chunks of one turn leave in one write, a slow reader slows the upstream, a client that leaves ends the
 * loop (and with it the upstream), and an upstream that breaks off is said so: no end is faked. What fails before the first chunk is thrown: it can still be refused.
 */
async function sendStream(
  {
    response,
    call,
    heartbeat,
    tellsCost,
  }: { response: ServerResponse; call: Call; heartbeat: Heartbeat; tellsCost: boolean },
  reply: Reply,
  trail: Trail,
): Promise<Ending> {
  const chunks = reply.body[Symbol.asyncIterator]();
  const turn = gatherTurns(response);
  let bytes = 0;
  let isAtBoundary = true;
  const keepAlive = reply.streamed ? keepAliveFrame(call.dialect) : undefined;
  const pulse =
    keepAlive === undefined
      ? undefined
      : heartbeat.watch(() => {
          // Between two frames only: inside one it would break it.
          if (response.headersSent && isAtBoundary && response.socket?.writableNeedDrain === false)
            response.write(keepAlive);
        });
  try {
    for (;;) {
      const { done, value: chunk } = await chunks.next();
      if (call.isGone) return { name: 'client-left', bytes };
      if (done === true) break;
      if (!response.headersSent) {
        response.writeHead(
          reply.status,
          replyHeaders(
            reply.streamed ? { ...OF_STREAMS, ...reply.headers } : reply.headers,
            call,
            trail,
            undefined,
            reply.contentType,
          ),
        );
      }
      bytes += chunk.length;
      pulse?.alive();
      isAtBoundary = endsFrame(chunk);
      if (!turn.write(chunk) && response.socket !== null) await until(response.socket, 'drain', call);
    }
    if (!response.headersSent)
      response.writeHead(reply.status, replyHeaders(reply.headers, call, trail, 0, reply.contentType));
    turn.release();
    // Behind a frame that is not whole it would be taken for a part of it.
    response.end(isAtBoundary ? costComment(call, reply, trail.record, { isForAll: tellsCost }) : undefined);
    return await handedOver(response, call, bytes);
  } catch (error) {
    if (call.isGone) return { name: 'client-left', bytes };
    if (!response.headersSent) throw error;
    turn.release();
    breakOff(response, call, reply, error);
    return { name: 'broken-off', bytes, error };
  } finally {
    pulse?.stop();
    await chunks.return?.();
  }
}

/** The last byte is out when the operating system has it; for most answers that is at once. */
async function handedOver(response: ServerResponse, call: Call, bytes: number): Promise<Ending> {
  if (response.writableLength > 0 && !call.isGone) await until(response, 'finish', call);
  return { name: call.isGone ? 'client-left' : 'complete', bytes };
}

/** A stream can carry the error as its last event; a document cannot, so its connection is cut and the client sees it end too early. */
function breakOff(response: ServerResponse, call: Call, reply: Reply, error: unknown): void {
  if (reply.streamed) response.end(refuseInStream(error, call, reply.partial?.()));
  else response.destroy();
}

const OF_STREAMS = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };

function endsFrame(chunk: Uint8Array): boolean {
  const last = chunk.length - 1;
  if (chunk[last] !== 0x0a) return false;
  return chunk[last - 1] === 0x0a || (chunk[last - 1] === 0x0d && chunk[last - 2] === 0x0a);
}

/** Resolves at the event, or when the client leaves. */
function until(emitter: EventEmitter, event: string, call: Call): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      emitter.off(event, go);
      forget();
      resolve();
    };
    const forget = call.onGone(go);
    emitter.once(event, go);
  });
}
