import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { writeCitation } from './citations.ts';
import {
  parseArguments,
  writeCallSignature,
  writeMediaNote,
  writeRedacted,
  writeSignature,
  writeToolUse,
} from './write-block.ts';
import { type Told, writeEnding, writeMessageHead, writeToldUsage } from './write-ending.ts';
import { writeError } from './write-error.ts';

type BlockEvent = Extract<ModelEvent, { block: number }>;

/** A block whose events are still coming; `finished` gives what of it the message holds. */
interface Draft {
  first: BlockEvent;
  text: string;
  citations: JsonObject[];
  end?: BlockEvent;
}

/** The message that the events tell. Only the first choice is told, as this dialect has no other. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const told: Told = { calls: false, refused: false };
  const drafts = new Map<number, Draft>();
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    if (event.type === 'start') told.start = event;
    else if (event.type === 'usage') told.usage = { ...told.usage, ...event.usage };
    else if (event.type === 'finish') {
      if (event.choice === 0) told.finish = event;
    } else if ('block' in event && event.choice === 0) addTo(drafts, event);
  }
  const content = [...drafts.values()].flatMap((draft) => finished(draft, context));
  told.calls = content.some((block) => block['type'] === 'tool_use');
  told.refused = [...drafts.values()].some(({ first }) => first.type === 'refusal-start');
  return { ...writeMessageHead(told, context), content, ...writeEnding(told), usage: writeToldUsage(told) };
}

function addTo(drafts: Map<number, Draft>, event: BlockEvent): void {
  const draft = drafts.get(event.block);
  if (draft === undefined) {
    drafts.set(event.block, { first: event, text: '', citations: [] });
    return;
  }
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
    case 'reasoning-delta':
      draft.text += event.text;
      return;
    case 'tool-call-delta':
      draft.text += event.arguments;
      return;
    case 'citation': {
      const citation = writeCitation(event.citation);
      if (citation !== undefined) draft.citations.push(citation);
      return;
    }
    default:
      draft.end = event;
  }
}

function finished(draft: Draft, context: ReplyContext): JsonObject[] {
  const { first } = draft;
  switch (first.type) {
    case 'text-start':
    case 'refusal-start':
      return finishedText(draft);
    case 'reasoning-start':
      return finishedThinking(draft);
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

function finishedText({ text, citations }: Draft): JsonObject[] {
  if (citations.length > 0) return [{ type: 'text', text, citations }];
  return text === '' ? [] : [{ type: 'text', text }];
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
