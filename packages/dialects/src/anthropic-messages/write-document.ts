import type { ReplyContext } from '../dialect.ts';
import { createDrafts, type Draft } from '../drafts.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { parseArguments } from '../parse-arguments.ts';
import { writeCitation } from './citations.ts';
import {
  asksForThinking,
  writeCallSignature,
  writeMediaNote,
  writeRedacted,
  writeSignature,
  writeTextSignature,
  writeToolUse,
} from './write-block.ts';
import { type Told, writeEnding, writeMessageHead, writeToldUsage } from './write-ending.ts';
import { writeError } from './write-error.ts';

/** The message that the events tell. Only the first choice is told, as this dialect has no other. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const told: Told = { calls: false, refused: false };
  const drafts = createDrafts();
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    if (event.type === 'start') told.start = event;
    else if (event.type === 'usage') told.usage = { ...told.usage, ...event.usage };
    else if (event.type === 'finish') {
      if (event.choice === 0) told.finish = event;
    } else if ('block' in event && event.choice === 0) drafts.add(event);
  }
  const content = drafts.all().flatMap((draft) => finished(draft, context));
  told.calls = content.some((block) => block['type'] === 'tool_use');
  told.refused = drafts.all().some(({ first }) => first.type === 'refusal-start');
  return { ...writeMessageHead(told, context), content, ...writeEnding(told), usage: writeToldUsage(told) };
}

function finished(draft: Draft, context: ReplyContext): JsonObject[] {
  const { first } = draft;
  switch (first.type) {
    case 'text-start':
    case 'refusal-start':
      return [...finishedText(draft), ...signatureOf(draft, context)];
    case 'reasoning-start':
      return isTold(draft, context) ? finishedThinking(draft) : [];
    case 'tool-call-start':
      return first.name === context.jsonTool ? finishedText(draft) : finishedToolUse(draft, context);
    case 'media':
      return [{ type: 'text', text: writeMediaNote(first) }];
    case 'opaque':
      return first.origin === 'anthropic-messages' ? [first.value] : [];
    default:
      return [];
  }
}

function finishedText({ text, citations: told }: Draft): JsonObject[] {
  const citations = told.map(writeCitation).filter((citation) => citation !== undefined);
  if (citations.length > 0) return [{ type: 'text', text, citations }];
  return text === '' ? [] : [{ type: 'text', text }];
}

function signatureOf({ text, end }: Draft, context: ReplyContext): JsonObject[] {
  const signature = end?.type === 'text-end' ? end.signature : undefined;
  return signature === undefined || text === '' || !asksForThinking(context) ? [] : [writeTextSignature(signature)];
}

function isTold({ end }: Draft, context: ReplyContext): boolean {
  return asksForThinking(context) || (end?.type === 'reasoning-end' && end.boundTo === 'anthropic-messages');
}

function finishedThinking({ first, text, end }: Draft): JsonObject[] {
  const ending = end?.type === 'reasoning-end' ? end : { type: 'reasoning-end' as const, choice: 0, block: 0 };
  const redacted = text === '' ? writeRedacted(ending) : undefined;
  if (redacted !== undefined) return [redacted];
  const start = first.type === 'reasoning-start' ? first : {};
  const signature = writeSignature(ending, { ...start, text: text !== '' });
  return signature === undefined ? [] : [{ type: 'thinking', thinking: text, signature }];
}

function finishedToolUse({ first, text, end }: Draft, context: ReplyContext): JsonObject[] {
  if (first.type !== 'tool-call-start') return [];
  const block = writeToolUse(first, context);
  const input = first.custom ? { input: text } : parseArguments(text).input;
  const signature = end?.type === 'tool-call-end' ? end.signature : undefined;
  const call: JsonObject = { ...block, input };
  return signature === undefined ? [call] : [writeCallSignature(signature, String(block['id'])), call];
}
