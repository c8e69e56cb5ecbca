import type { ReplyContext } from '../dialect.ts';
import { createDrafts, type Draft } from '../drafts.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { parseArguments } from '../parse-arguments.ts';
import { writeCitation } from './citations.ts';
import { writeBinding, writeMedia, writeToolUse } from './write-block.ts';
import { type Told, writeEnding, writeStop } from './write-ending.ts';
import { writeError } from './write-error.ts';

/** The answer of Converse that the events tell. Only the first choice is told, as this dialect has no other. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const told: Told = { calls: false };
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
  told.calls = content.some((block) => block['toolUse'] !== undefined);
  return { output: { message: { role: 'assistant', content } }, ...writeStop(told), ...writeEnding(told) };
}

function finished(draft: Draft, context: ReplyContext): JsonObject[] {
  const { first } = draft;
  switch (first.type) {
    case 'text-start':
    case 'refusal-start':
      return finishedText(draft);
    case 'reasoning-start':
      return finishedReasoning(draft);
    case 'tool-call-start':
      return first.name === context.jsonTool ? finishedText(draft) : finishedToolUse(draft, context);
    case 'media':
      return [writeMedia(first)];
    case 'opaque':
      return first.origin === 'bedrock' ? [first.value] : [];
    default:
      return [];
  }
}

function finishedText({ text, citations: told }: Draft): JsonObject[] {
  const citations = told.map(writeCitation).filter((citation) => citation !== undefined);
  const content = text === '' ? {} : { content: [{ text }] };
  if (citations.length > 0) return [{ citationsContent: { ...content, citations } }];
  return text === '' ? [] : [{ text }];
}

function finishedReasoning({ text, end }: Draft): JsonObject[] {
  const { signature, redacted } = end?.type === 'reasoning-end' ? writeBinding(end) : {};
  const bound = signature === undefined ? {} : { signature };
  const blocks: JsonObject[] = [];
  if (text !== '' || signature !== undefined) blocks.push({ reasoningContent: { reasoningText: { text, ...bound } } });
  if (redacted !== undefined) blocks.push({ reasoningContent: { redactedContent: redacted } });
  return blocks;
}

function finishedToolUse({ first, text }: Draft, context: ReplyContext): JsonObject[] {
  if (first.type !== 'tool-call-start') return [];
  const input = first.custom ? { input: text } : parseArguments(text).input;
  return [{ toolUse: { ...writeToolUse(first, context), input, ...first.extras } }];
}
