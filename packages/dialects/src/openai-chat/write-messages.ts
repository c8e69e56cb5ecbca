import { placeOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { MediaPart, Message, ModelRequest, Part, ToolResultPart } from '../request.ts';
import type { Renames } from './rename.ts';
import { writeAssistant } from './write-assistant.ts';
import { type PartContext, signatureOf, writeCache, writeContent, writeMedia } from './write-parts.ts';

export interface MessageContext extends PartContext {
  request: ModelRequest;
  traits: TargetTraits;
  tools: Renames;
  calls: Renames;
}

/** The conversation in Chat's words. Tool results become messages of their own, right behind the turn that called. */
export function writeMessages(context: MessageContext): JsonObject[] {
  const written: JsonObject[] = [];
  // Chat's tool messages carry text only: their images follow in a user message, behind the last result of the turn.
  let pictures: JsonObject[] = [];
  const flushPictures = () => {
    if (pictures.length > 0) written.push({ role: 'user', content: pictures });
    pictures = [];
  };
  for (const [at, message] of context.request.messages.entries()) {
    for (const [n, part] of message.parts.entries()) {
      if (part.type !== 'tool-result') continue;
      const result = writeResult(part, message, placeOf(context.request, at, n), context);
      written.push(result.message);
      pictures.push(...result.pictures);
    }
    const rest = message.parts.filter((part) => part.type !== 'tool-result');
    if (rest.length === 0 && (message.role === 'tool' || message.parts.length > 0)) continue;
    flushPictures();
    if (message.role === 'assistant') pushAssistant(written, writeAssistant(message, at, context), context);
    else written.push(writePlain(message, rest, at, context));
  }
  flushPictures();
  return written;
}

function writePlain(message: Message, parts: Part[], at: number, context: MessageContext): JsonObject {
  const { isOwn, request, traits } = context;
  const places = parts.map((part) => placeOf(request, at, message.parts.indexOf(part)));
  const role = message.role === 'tool' ? 'user' : message.role;
  return {
    role: role === 'developer' && traits.takesDeveloperRole === false ? 'system' : role,
    content: writeContent(parts, places, context, '\n\n'),
    ...(message.name === undefined ? {} : { name: message.name }),
    ...signatureOf(parts, isOwn),
    ...(isOwn ? { ...(parts.length === 0 ? message.wording : {}), ...message.extras } : undefined),
  };
}

/** Other dialects tell one turn in several messages or items; a chat host wants all calls of a turn in one message. */
function pushAssistant(written: JsonObject[], message: JsonObject | undefined, { isOwn }: MessageContext): void {
  if (!message) return;
  const last = written.at(-1);
  if (isOwn || last?.['role'] !== 'assistant') {
    written.push(message);
    return;
  }
  for (const field of ['content', 'reasoning_content', 'reasoning', 'refusal']) {
    const texts = [last[field], message[field]].filter((text) => typeof text === 'string' && text !== '');
    if (texts.length > 0) last[field] = texts.join('\n\n');
  }
  const calls = [last['tool_calls'], message['tool_calls']].flatMap((list) => (Array.isArray(list) ? list : []));
  if (calls.length > 0) last['tool_calls'] = calls;
}

function writeResult(part: ToolResultPart, message: Message, place: string, context: MessageContext) {
  const { isOwn, notes, calls } = context;
  const pictures: JsonObject[] = [];
  const inline: Part[] = [];
  for (const inner of part.parts) {
    if (isOwn || !isMedia(inner) || inner.source.kind === 'text') inline.push(inner);
    else {
      const picture = writeMedia(inner, `${place} (tool result)`, context);
      if (picture) pictures.push(picture);
      if (picture) notes.changed(`${place} (${inner.type} in a tool result)→user message`);
    }
  }
  if (!isOwn) noteResult(part, place, context);
  const places = inline.map((_, n) => `${place}.content[${n}]`);
  let content = writeContent(inline, places, context, '\n\n');
  if (content === '' && pictures.length > 0) content = 'See the next message.';
  if (pictures.length > 0)
    pictures.unshift({ type: 'text', text: `Result of the tool call ${calls.written(part.callId)}:` });
  const extras = isOwn ? message.extras : undefined;
  if (isOwn && message.wording?.['role'] === 'function')
    return { pictures, message: { role: 'function', name: part.name, content, ...extras } };
  return {
    pictures,
    message: {
      role: 'tool',
      content,
      tool_call_id: calls.written(part.callId),
      ...(isOwn && part.name !== undefined ? { name: part.name } : {}),
      ...(isOwn ? writeCache(part.cache) : undefined),
      ...extras,
    },
  };
}

function noteResult(part: ToolResultPart, place: string, { notes }: MessageContext): void {
  if (part.isError) notes.dropped(`${place} (error mark of a tool result)`);
}

function isMedia(part: Part): part is MediaPart {
  return part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'file';
}
