import {
  createCompletionsWriter,
  type Dialect,
  dialects,
  type ModelEvent,
  type PartialAnswer,
  type ReplyContext,
  writeCompletionsDocument,
} from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { asList } from './as-list.ts';
import { crossReply } from './cross-reply.ts';
import { goOnElsewhere } from './go-on-elsewhere.ts';
import { howItEnded } from './how-it-ended.ts';
import { partialOfBytes, partialOfEvents } from './partial-answer.ts';
import { readStream } from './read-stream.ts';
import type { Rooms } from './rooms.ts';
import { ToldSoFar } from './told-so-far.ts';
import { parseWhole, withoutLength } from './whole-document.ts';
import { FrameTail, isUsageChunk, wholeFrames } from './whole-frames.ts';

type Writer = Pick<Dialect, 'createWriter' | 'writeDocument'>;

/** Whoever hears the events of an answer besides its client. */
interface Listener {
  take(event: ModelEvent): void;
}

/** Says `reply` in the client's dialect and manner. Where they already agree, the bytes pass unread. */
export function translateReply(
  reply: Reply,
  prompt: Prompt,
  plan: Plan,
  trail: Trail,
  rooms: Pick<Rooms, 'responses' | 'usage' | 'upstream'>,
): Reply {
  const told = tellInDialect(reply, prompt, plan, trail, rooms);
  return told.streamed && wantsList(prompt)
    ? { ...told, streamed: false, contentType: 'application/json', body: asList(told.body) }
    : told;
}

/** A Gemini client that asks for a stream, but not for events, expects a JSON list. */
function wantsList({ call }: Prompt): boolean {
  return call.dialect === 'gemini' && !/(?:^|&)alt=sse(?:&|$)/.test(call.query);
}

function tellInDialect(
  reply: Reply,
  prompt: Prompt,
  plan: Plan,
  trail: Trail,
  rooms: Pick<Rooms, 'responses' | 'usage' | 'upstream'>,
): Reply {
  const { responses, usage } = rooms;
  const { call } = prompt;
  const mayGoOn = plan.isResumed === true && reply.streamed && call.operation === 'chat' && call.wantsStream;
  if (agrees(reply, prompt) && !mayGoOn) return reply.streamed ? passFrames(reply, prompt, trail) : reply;
  if (reply.target !== undefined && reply.target.operation !== 'chat') return crossReply(reply, call, trail, usage);

  const isKept = responses.keeps(prompt);
  const context = contextOf(reply, prompt, isKept);
  const from = dialects[reply.dialect];
  const to = writerOf(call);
  const listener = isKept ? responses.keeper(prompt, reply, context) : undefined;
  const read = readReply(from, reply);
  const events = mayGoOn ? goOnElsewhere(reply, read, { plan, prompt, trail, rooms }) : read;
  const told = new ToldSoFar();
  const partial = () => partialOfEvents(told, prompt, trail);
  const body = call.wantsStream
    ? writeStream(to, events, { context, trail, listener, told, partial })
    : writeDocument(to, events, { context, listener });
  return {
    ...withoutLength(reply),
    dialect: call.dialect,
    streamed: call.wantsStream,
    contentType: call.wantsStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    body,
    partial,
  };
}

function agrees(reply: Reply, prompt: Prompt): boolean {
  if (reply.status >= 400) return true;
  if (!isInClientsWords(reply, prompt)) return false;
  const { call } = prompt;
  return reply.streamed === call.wantsStream || call.operation !== 'chat' || isListOfChunks(reply);
}

/** Whether the provider's answer is to what the client asked, as the client asked it. */
function isInClientsWords({ dialect, target, renamed }: Reply, { call, history }: Prompt): boolean {
  if (dialect !== call.dialect || history !== undefined) return false;
  if (target !== undefined && target.operation !== call.operation) return false;
  return renamed === undefined || call.operation !== 'chat';
}

function writerOf({ dialect, operation }: Call): Writer {
  if (operation !== 'completions') return dialects[dialect];
  return { createWriter: createCompletionsWriter, writeDocument: writeCompletionsDocument };
}

/** A stream told as one JSON list of its chunks: Gemini's manner for clients that do not ask for events (`alt=sse`). */
function isListOfChunks({ streamed, whole }: Reply): boolean {
  return !streamed && whole?.[0] === 0x5b;
}

/** The provider's own bytes, held to whole frames: when it breaks off, the error that follows stands alone. */
function passFrames(reply: Reply, prompt: Prompt, trail: Trail): Reply {
  const tail = new FrameTail();
  const frames = wholeFrames(reply.body, {
    hides: reply.hidesUsage === true ? isUsageChunk : undefined,
    howItEnded: (tail) => howItEnded(reply.dialect, tail),
    onFailed: () => trail.failedUpstream('provider_stream_error', 'The provider told an error in its stream.'),
    tail,
  });
  return { ...reply, body: frames, partial: () => partialOfBytes(tail, prompt, trail) };
}

function contextOf(reply: Reply, prompt: Prompt, isKept: boolean): ReplyContext {
  const { call } = prompt;
  const own = isInClientsWords(reply, prompt) ? undefined : prompt.request();
  return {
    model: call.model,
    id: call.id,
    nowSeconds: Math.floor(call.startedAtMs / 1000),
    wantsUsage: own?.wantsUsage ?? false,
    ...(own !== undefined && { request: { ...own, store: isKept } }),
    ...reply.renamed,
  };
}

async function* readReply(from: Dialect, reply: Reply): AsyncGenerator<ModelEvent[]> {
  // Hosts that do not know `alt=sse` answer with the list whoever asks: what reads their events reads that too.
  if (reply.streamed || isListOfChunks(reply)) yield* readStream(from, reply.body);
  else yield from.readDocument(await parseWhole(reply));
}

interface Writing {
  context: ReplyContext;
  listener: Listener | undefined;
}

/** The events of one chunk leave as one chunk. */
async function* writeStream(
  to: Writer,
  events: AsyncIterable<ModelEvent[]>,
  {
    context,
    trail,
    listener,
    told,
    partial,
  }: Writing & {
    trail: Trail;
    told: ToldSoFar;
    partial: () => PartialAnswer;
  },
): AsyncGenerator<Uint8Array> {
  const writer = to.createWriter(context);
  let isComplete = false;
  for await (const batch of events) {
    let text = '';
    told.note(batch);
    for (const event of batch) {
      text += writer.write(
        event.type === 'error' ? { ...event, error: { ...event.error, partial: partial() } } : event,
      );
      listener?.take(event);
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

async function* writeDocument(
  to: Writer,
  batches: AsyncIterable<ModelEvent[]>,
  { context, listener }: Writing,
): AsyncGenerator<Uint8Array> {
  const events: ModelEvent[] = [];
  for await (const batch of batches) events.push(...batch);
  const document = to.writeDocument(completed(events), context);
  for (const event of events) listener?.take(event);
  yield Buffer.from(JSON.stringify(document));
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
