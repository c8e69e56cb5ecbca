import { type Dialect, dialects, type JsonObject, type ModelEvent, type ReplyContext } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { asList } from './as-list.ts';
import { howItEnded } from './how-it-ended.ts';
import { isUsageChunk, wholeFrames } from './whole-frames.ts';

/** Says `reply` in the client's dialect and manner. Where they already agree, the bytes pass unread. */
export function translateReply(reply: Reply, prompt: Prompt, trail: Trail): Reply {
  const told = tellInDialect(reply, prompt, trail);
  return told.streamed && wantsList(prompt)
    ? { ...told, streamed: false, contentType: 'application/json', body: asList(told.body) }
    : told;
}

/** A Gemini client that asks for a stream, but not for events, expects a JSON list. */
function wantsList({ call }: Prompt): boolean {
  return call.dialect === 'gemini' && !/(?:^|&)alt=sse(?:&|$)/.test(call.query);
}

function tellInDialect(reply: Reply, prompt: Prompt, trail: Trail): Reply {
  const { call } = prompt;
  const agrees =
    reply.dialect === call.dialect &&
    (reply.renamed === undefined || call.operation !== 'chat') &&
    (reply.streamed === call.wantsStream || call.operation !== 'chat' || reply.status >= 400 || isListOfChunks(reply));
  if (agrees) return reply.streamed ? passFrames(reply, trail) : reply;

  const context = contextOf(reply, prompt);
  const from = dialects[reply.dialect];
  const to = dialects[call.dialect];
  if (!call.wantsStream) return writeDocument(reply, from, to, context);
  const events = reply.streamed ? readStream(from, reply.body) : readWhole(from, reply);
  return {
    ...withoutLength(reply),
    dialect: call.dialect,
    streamed: true,
    contentType: 'text/event-stream; charset=utf-8',
    body: writeStream(to, events, context, trail),
  };
}

/** A stream told as one JSON list of its chunks: Gemini's manner for clients that do not ask for events (`alt=sse`). */
function isListOfChunks({ streamed, whole }: Reply): boolean {
  return !streamed && whole?.[0] === 0x5b;
}

/** The provider's own bytes, held to whole frames: when it breaks off, the error that follows stands alone. */
function passFrames(reply: Reply, trail: Trail): Reply {
  const frames = wholeFrames(reply.body, {
    hides: reply.hidesUsage === true ? isUsageChunk : undefined,
    howItEnded: (tail) => howItEnded(reply.dialect, tail),
    onFailed: () => trail.failedUpstream('provider_stream_error', 'The provider told an error in its stream.'),
  });
  return { ...reply, body: frames };
}

function contextOf(reply: Reply, { call, request }: Prompt): ReplyContext {
  const own = reply.dialect === call.dialect && reply.renamed === undefined ? undefined : request();
  return {
    model: call.model,
    id: call.id,
    nowSeconds: Math.floor(call.startedAtMs / 1000),
    wantsUsage: own?.wantsUsage ?? false,
    ...(own !== undefined && { request: own }),
    ...reply.renamed,
  };
}

/** A stream that told why it finished and then closed is complete, though its host sent no end mark; one that told neither has broken off. */
async function* readStream(from: Dialect, body: AsyncIterable<Uint8Array>): AsyncGenerator<ModelEvent[]> {
  const reader = from.createReader();
  let hasFinished = false;
  let hasEnded = false;
  const note = (events: ModelEvent[]) => {
    for (const { type } of events) {
      if (type === 'finish') hasFinished = true;
      else if (type === 'end' || type === 'error') hasEnded = true;
    }
    return events;
  };
  for await (const chunk of body) yield note(reader.push(chunk));
  const rest = note(reader.finish());
  yield hasFinished && !hasEnded ? [...rest, { type: 'end' }] : rest;
}

async function* readWhole(from: Dialect, reply: Reply): AsyncGenerator<ModelEvent[]> {
  yield from.readDocument(await parseWhole(reply));
}

/** The events of one chunk leave as one chunk. */
async function* writeStream(
  to: Dialect,
  events: AsyncIterable<ModelEvent[]>,
  context: ReplyContext,
  trail: Trail,
): AsyncGenerator<Uint8Array> {
  const writer = to.createWriter(context);
  let isComplete = false;
  for await (const batch of events) {
    let text = '';
    for (const event of batch) {
      text += writer.write(event);
      isComplete ||= event.type === 'end' || event.type === 'error';
      if (event.type === 'error') trail.failedUpstream('provider_stream_error', event.error.message.slice(0, 500));
    }
    if (text !== '') yield Buffer.from(text);
  }
  const rest = writer.finish();
  if (rest !== '') yield Buffer.from(rest);
  if (!isComplete)
    throw new GatewayError('upstream_broke_off', 'The provider ended its stream before its answer was complete.');
}

function writeDocument(reply: Reply, from: Dialect, to: Dialect, context: ReplyContext): Reply {
  return {
    ...withoutLength(reply),
    dialect: to.name,
    streamed: false,
    contentType: 'application/json',
    body: written(),
  };

  async function* written(): AsyncGenerator<Uint8Array> {
    const events: ModelEvent[] = [];
    if (reply.streamed) for await (const batch of readStream(from, reply.body)) events.push(...batch);
    else events.push(...from.readDocument(await parseWhole(reply)));
    yield Buffer.from(JSON.stringify(to.writeDocument(completed(events), context)));
  }
}

/** A document tells one whole answer or none. */
function completed(events: ModelEvent[]): ModelEvent[] {
  const told = events.find((event) => event.type === 'error');
  if (told !== undefined)
    throw new GatewayError(
      'upstream_error',
      `The provider broke off with an error: ${told.error.message.slice(0, 300)}`,
    );
  if (!events.some(({ type }) => type === 'end'))
    throw new GatewayError('upstream_broke_off', 'The provider ended its answer before it was complete.');
  return events;
}

async function parseWhole(reply: Reply): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  if (reply.whole === undefined) for await (const chunk of reply.body) chunks.push(chunk);
  return JSON.parse((reply.whole ?? Buffer.concat(chunks)).toString('utf8')) as JsonObject;
}

function withoutLength(reply: Reply): Reply {
  const { contentLength: _, whole: __, hidesUsage: ___, ...rest } = reply;
  return rest;
}
