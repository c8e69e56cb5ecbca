import { placeOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Message, Part, ReasoningPart, ToolCallPart } from '../request.ts';
import { writeAnnotation } from './citations.ts';
import { addExtras } from './extras.ts';
import { writeReasoningDetails } from './reasoning-details.ts';
import type { MessageContext } from './write-messages.ts';
import { signatureOf, writeContent, writeMedia } from './write-parts.ts';

/** An assistant's turn; undefined when nothing of it can be told to a chat host. */
export function writeAssistant(message: Message, at: number, context: MessageContext): JsonObject | undefined {
  const { isOwn } = context;
  const content = contentParts(message, at, context);
  const body: JsonObject = { role: 'assistant' };
  if (content.length > 0) {
    const places = content.map((part) => placeOf(context.request, at, message.parts.indexOf(part)));
    body['content'] = writeContent(content, places, context, '');
  }
  Object.assign(body, writeReasoning(message, at, context));
  writeAsides(body, message, content, context);
  const calls = message.parts.filter((part) => part.type === 'tool-call');
  writeCalls(body, calls, message, at, context);
  if (message.name !== undefined) body['name'] = message.name;
  if (isOwn) Object.assign(body, message.extras);
  if (isOwn && !('content' in body) && message.wording) Object.assign(body, message.wording);
  if (isOwn) return body;
  if (!('content' in body) && calls.length === 0 && body['refusal'] === undefined) return undefined;
  return 'content' in body ? body : { ...body, content: null };
}

/** What stands in `content`: texts, refusals, and whatever came there. */
function contentParts({ parts }: Message, at: number, { isOwn, notes, request }: MessageContext): Part[] {
  return parts.filter((part, n) => {
    switch (part.type) {
      case 'text':
        return true;
      case 'refusal':
        return isOwn && part.wording?.['field'] !== 'refusal';
      case 'reasoning':
        return isOwn && part.wording?.['type'] === 'thinking';
      case 'opaque':
        return part.label !== 'reasoning_details' || part.origin !== 'openai-chat';
      case 'tool-call':
      case 'tool-result':
        return false;
      default:
        if (isOwn) return part.wording?.['field'] !== 'images';
        // A chat host takes no media in the assistant's turn.
        notes.dropped(`${placeOf(request, at, n)} (${part.type} of the assistant)`);
        return false;
    }
  });
}

/** What stands beside `content`: the refusal, the annotations, the images that the model made, a text's signature. */
function writeAsides(body: JsonObject, { parts }: Message, content: Part[], context: MessageContext): void {
  const { isOwn } = context;
  const refusals = parts.filter((part) => part.type === 'refusal' && !content.includes(part));
  if (refusals.length > 0)
    body['refusal'] = refusals.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  if (!isOwn) return;
  const citations = content.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []));
  if (citations.length > 0) body['annotations'] = citations.map((one): Json => writeAnnotation(one) ?? one.value);
  const images = parts.flatMap((part): JsonObject[] => {
    if (part.type !== 'image' || part.wording?.['field'] !== 'images') return [];
    const image = writeMedia({ type: 'image', source: part.source }, '', context);
    return image ? [image] : [];
  });
  if (images.length > 0) body['images'] = images;
  Object.assign(body, signatureOf(content, isOwn));
}

function writeCalls(
  body: JsonObject,
  calls: ToolCallPart[],
  message: Message,
  at: number,
  context: MessageContext,
): void {
  const { isOwn, notes, request, tools } = context;
  const written: JsonObject[] = [];
  for (const call of calls) {
    const place = placeOf(request, at, message.parts.indexOf(call));
    if (!isOwn && call.signature !== undefined) notes.dropped(`${place} (thought signature)`);
    if (isOwn && call.wording?.['field'] === 'function_call') {
      body['function_call'] = { name: tools.written(call.name), arguments: call.arguments };
    } else written.push(writeCall(call, context));
  }
  if (written.length > 0) body['tool_calls'] = written;
}

function writeCall(call: ToolCallPart, { isOwn, tools, calls }: MessageContext): JsonObject {
  const name = tools.written(call.name);
  const field = call.custom ? 'custom' : 'function';
  const inner = call.custom ? { name, input: call.arguments } : { name, arguments: call.arguments || '{}' };
  const body: JsonObject = { id: calls.written(call.id), type: field, [field]: inner };
  if (!isOwn) return body;
  addExtras(Object.assign(body, call.wording), call.extras, field);
  if (call.signature !== undefined) {
    const others = (body['extra_content'] ?? {}) as Record<string, JsonObject>;
    body['extra_content'] = { ...others, google: { ...others['google'], thought_signature: call.signature } };
  }
  return body;
}

function writeReasoning(message: Message, at: number, context: MessageContext): JsonObject {
  const parts = message.parts.filter(
    (part): part is ReasoningPart =>
      part.type === 'reasoning' && !(context.isOwn && part.wording?.['type'] === 'thinking'),
  );
  const { isOwn, traits } = context;
  // A host that tells reasoning as bare text knows no items; every other gets its own back as they came.
  if (isOwn && traits.reasoningField !== 'reasoning_content') return writeOwnReasoning(message, parts, traits);
  return writeReasoningText(message, parts, at, context);
}

function writeOwnReasoning(message: Message, parts: ReasoningPart[], { reasoningField }: TargetTraits): JsonObject {
  const body: JsonObject = {};
  const details: JsonObject[] = [];
  for (const part of message.parts) {
    if (part.type === 'opaque' && part.label === 'reasoning_details') details.push(part.value);
    if (part.type !== 'reasoning' || !parts.includes(part)) continue;
    const { detail, fields } = (part.wording ?? {}) as { detail?: JsonObject; fields?: string[] };
    if (detail) details.push(writeDetail(part, detail));
    const text = detail ? parts.map(({ text }) => text ?? '').join('') : part.text;
    if (fields) for (const field of reasoningField ? [reasoningField] : fields) body[field] = text;
  }
  if (details.length > 0) body['reasoning_details'] = details;
  return body;
}

function writeDetail(part: ReasoningPart, detail: JsonObject): JsonObject {
  const [item = {}] = writeReasoningDetails({ ...part, isSummary: detail['type'] === 'reasoning.summary' }, 0);
  const { format: _format, index: _index, ...rest } = item;
  if (rest['text'] === '') delete rest['text'];
  return { ...rest, ...detail };
}

/** Reasoning is told only where the host has a field for it, and only what is bound to nobody else. */
function writeReasoningText(message: Message, parts: ReasoningPart[], at: number, context: MessageContext): JsonObject {
  const { notes, request, traits } = context;
  const texts: string[] = [];
  for (const part of parts) {
    const isBound = part.boundTo !== undefined || hasSecret(part);
    const isForeign = isBound && (part.boundTo ?? request.origin) !== 'openai-chat';
    const place = part.wording?.['detail']
      ? `messages[${at}].reasoning_details`
      : placeOf(request, at, message.parts.indexOf(part));
    if (traits.reasoningField === undefined || isForeign || !part.text) {
      notes.dropped(`${place} (${part.text ? 'reasoning' : 'encrypted reasoning'})`);
      continue;
    }
    if (hasSecret(part)) notes.dropped(`${place} (reasoning signature)`);
    texts.push(part.text);
  }
  return texts.length > 0 && traits.reasoningField ? { [traits.reasoningField]: texts.join('\n\n') } : {};
}

function hasSecret({ signature, redacted, encrypted }: ReasoningPart): boolean {
  return signature !== undefined || redacted !== undefined || encrypted !== undefined;
}
