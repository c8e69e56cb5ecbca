import { placeOf } from '../client-words.ts';
import { inlined } from '../inline-media.ts';
import type { JsonObject } from '../json.ts';
import type { MediaPart, Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../request.ts';
import type { WriteJob } from './write-job.ts';

/** One message as a host of plain chat takes it: results stand alone, and a turn of the assistant is one message. */
export interface PlainMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** Texts and media in their order; media only where the host takes them. */
  parts: (TextPart | MediaPart)[];
  reasoning: string[];
  calls: ToolCallPart[];
  /** Set in messages of role `tool`: which call is answered, and of which tool. */
  result?: { callId: string; name: string | undefined };
  /** Fields of this very dialect that have no place in the model. */
  extras?: JsonObject;
}

/** What a host takes inside messages. */
export interface Manners {
  takesMedia(part: MediaPart): boolean;
  /** Reasoning of earlier turns has a place of its own. */
  takesReasoning: boolean;
}

/** The conversation in plain messages; what they cannot hold is noted. */
export function plainMessages(job: WriteJob, manners: Manners): PlainMessage[] {
  const written: PlainMessage[] = [];
  const names = toolNamesOf(job.request.messages);
  // Results are text alone: their media follow in a message of the user, behind the last result of the turn.
  let pictures: (TextPart | MediaPart)[] = [];
  const flushPictures = () => {
    if (pictures.length > 0) written.push({ role: 'user', parts: pictures, reasoning: [], calls: [] });
    pictures = [];
  };
  for (const [at, message] of job.request.messages.entries()) {
    for (const [n, part] of message.parts.entries()) {
      if (part.type !== 'tool-result') continue;
      const { told, shown } = plainResult(part, placeOf(job.request, at, n), { names, job, manners });
      written.push(told);
      pictures.push(...shown);
    }
    const rest = message.parts.some((part) => part.type !== 'tool-result');
    if (!rest && (message.role === 'tool' || message.parts.length > 0)) continue;
    flushPictures();
    addMessage(written, plainMessage(message, at, job, manners));
  }
  flushPictures();
  return written;
}

function toolNamesOf(messages: readonly Message[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'tool-call') names.set(part.id, part.name);
  return names;
}

function plainMessage(message: Message, at: number, job: WriteJob, manners: Manners): PlainMessage {
  const { request, notes, isOwn } = job;
  const role = message.role === 'developer' ? 'system' : message.role === 'tool' ? 'user' : message.role;
  const plain: PlainMessage = { role, parts: [], reasoning: [], calls: [] };
  for (const [n, part] of message.parts.entries()) {
    const place = placeOf(request, at, n);
    if (part.type === 'tool-call') plain.calls.push(plainCall(part, place, job));
    else if (part.type === 'reasoning') {
      const text = ownReasoning(part, place, job, manners);
      if (text !== undefined) plain.reasoning.push(text);
    } else plain.parts.push(...plainParts(part, place, role, job, manners));
  }
  if (message.name !== undefined) notes.dropped(`${placeOf(request, at)}.name`);
  if (isOwn && message.extras !== undefined) plain.extras = message.extras;
  return plain;
}

/** Other dialects tell one turn in several messages or items; here all of a turn is one message. */
function addMessage(written: PlainMessage[], message: PlainMessage): void {
  const last = written.at(-1);
  const isEmpty = message.parts.length + message.reasoning.length + message.calls.length === 0;
  if (message.role === 'assistant' && last?.role === 'assistant') {
    last.parts.push(...message.parts);
    last.reasoning.push(...message.reasoning);
    last.calls.push(...message.calls);
  } else if (!isEmpty || message.role === 'user') written.push(message);
}

function plainCall(call: ToolCallPart, place: string, { notes }: WriteJob): ToolCallPart {
  if (call.signature !== undefined) notes.dropped(`${place} (thought signature)`);
  const { custom, ...rest } = call;
  return custom ? { ...rest, arguments: JSON.stringify({ input: call.arguments }) } : rest;
}

/** Reasoning that is bound to nobody else; a signature has no place. */
function ownReasoning(
  part: Extract<Part, { type: 'reasoning' }>,
  place: string,
  { notes, own }: WriteJob,
  { takesReasoning }: Manners,
): string | undefined {
  const hasSecret = part.signature !== undefined || part.redacted !== undefined || part.encrypted !== undefined;
  const isForeign = hasSecret || (part.boundTo !== undefined && part.boundTo !== own);
  if (takesReasoning && !isForeign && part.text) return part.text;
  notes.dropped(`${place} (${part.text ? 'reasoning' : 'encrypted reasoning'})`);
  return undefined;
}

function plainParts(
  part: Exclude<Part, ToolCallPart | { type: 'reasoning' }>,
  place: string,
  role: string,
  { notes }: WriteJob,
  { takesMedia }: Manners,
): (TextPart | MediaPart)[] {
  switch (part.type) {
    case 'text':
      if (part.signature !== undefined) notes.dropped(`${place} (thought signature)`);
      return [{ type: 'text', text: part.text }];
    case 'refusal':
      return [{ type: 'text', text: part.text }];
    case 'tool-result':
      return [];
    case 'opaque':
      notes.dropped(`${place} (${part.label})`);
      return [];
    default: {
      const media: MediaPart = { ...part, source: inlined(part.source) };
      if (media.source.kind === 'text') {
        notes.changed(`${place} (${media.type})→text`);
        const { filename, source } = media;
        return [{ type: 'text', text: filename === undefined ? source.text : `${filename}\n\n${source.text}` }];
      }
      if (role === 'user' && takesMedia(media)) return [media];
      notes.dropped(`${place} (${describeMedia(media)})`);
      return [];
    }
  }
}

function describeMedia({ type, source }: MediaPart): string {
  if (source.kind === 'url') return `${type} by URL`;
  if (source.kind === 'file-id') return `${type} by file id`;
  return source.mediaType === undefined ? type : `${type} ${source.mediaType}`;
}

function plainResult(
  part: ToolResultPart,
  place: string,
  { names, job, manners }: { names: Map<string, string>; job: WriteJob; manners: Manners },
): { told: PlainMessage; shown: (TextPart | MediaPart)[] } {
  const parts: TextPart[] = [];
  const shown: (TextPart | MediaPart)[] = [];
  for (const inner of part.parts) {
    if (inner.type === 'tool-call' || inner.type === 'reasoning') continue;
    for (const one of plainParts(inner, `${place} (tool result)`, 'user', job, manners)) {
      if (one.type === 'text') parts.push(one);
      else {
        job.notes.changed(`${place} (${one.type} in a tool result)→user message`);
        shown.push(one);
      }
    }
  }
  if (part.isError) job.notes.dropped(`${place} (error mark of a tool result)`);
  if (parts.length === 0 && shown.length > 0) parts.push({ type: 'text', text: 'See the next message.' });
  if (shown.length > 0) shown.unshift({ type: 'text', text: `Result of the tool call ${part.callId}:` });
  const result = { callId: part.callId, name: part.name ?? names.get(part.callId) };
  return { told: { role: 'tool', parts, reasoning: [], calls: [], result }, shown };
}

/** The message's texts in one. */
export function textIn({ parts }: PlainMessage): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}
