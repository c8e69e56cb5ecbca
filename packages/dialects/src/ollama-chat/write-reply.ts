import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { createDrafts, type Draft } from '../drafts.ts';
import type { FinishReason, ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { jsonLine } from '../ndjson.ts';
import { parseArguments } from '../parse-arguments.ts';
import { clientCall, note, type Told } from '../plain-chat.ts';
import { writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';

/** The answer that the events tell. Only the first choice is told, as this API has no other. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const told: Told = { finishes: new Map() };
  const drafts = createDrafts();
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    note(told, event);
    if ('block' in event && event.choice === 0) drafts.add(event);
  }
  const all = drafts.all();
  const thinking = all.map(({ first, text }) => (first.type === 'reasoning-start' ? text : '')).join('');
  const calls = all.flatMap((draft) => writeCall(draft, context));
  return {
    ...writeHead(told, context),
    message: {
      role: 'assistant',
      content: all.map((draft) => (isText(draft, context) ? draft.text : '')).join(''),
      ...(thinking === '' ? {} : { thinking }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    ...writeEnding(told),
  };
}

function isText({ first }: Draft, context: ReplyContext): boolean {
  return first.type === 'text-start' || first.type === 'refusal-start' || isAnswer(first, context);
}

function isAnswer(event: ModelEvent, { jsonTool }: ReplyContext): boolean {
  return event.type === 'tool-call-start' && event.name === jsonTool;
}

function writeCall({ first, text }: Draft, context: ReplyContext): JsonObject[] {
  if (first.type !== 'tool-call-start' || isAnswer(first, context)) return [];
  const { id, name } = clientCall(first, context);
  return [{ id, function: { name, arguments: parseArguments(text).input } }];
}

function writeHead({ start }: Told, { model, nowSeconds }: ReplyContext): JsonObject {
  return { model, created_at: new Date((start?.createdAtSeconds ?? nowSeconds) * 1000).toISOString() };
}

function writeEnding({ usage, finishes }: Told): JsonObject {
  const counts = usage === undefined ? {} : writeUsage(usage);
  return { done_reason: writeDoneReason(finishes.get(0)?.reason), done: true, ...counts };
}

function writeDoneReason(reason: FinishReason | undefined): string {
  return reason === 'length' || reason === 'context-overflow' ? 'length' : 'stop';
}

/** Calls are told whole, each in the line that follows its end. */
export function createWriter(context: ReplyContext): StreamWriter {
  const told: Told = { finishes: new Map() };
  const drafts = createDrafts();
  const answers = new Set<number>();
  let isOver = false;

  const line = (message: JsonObject, ending: JsonObject = { done: false }): string =>
    jsonLine({ ...writeHead(told, context), message: { role: 'assistant', content: '', ...message }, ...ending });

  function writeCallEvent(event: Extract<ModelEvent, { type: `tool-call-${string}` }>): string {
    if (isAnswer(event, context)) answers.add(event.block);
    if (answers.has(event.block)) return event.type === 'tool-call-delta' ? line({ content: event.arguments }) : '';
    drafts.add(event);
    if (event.type !== 'tool-call-end') return '';
    const draft = drafts.all().find(({ end }) => end === event);
    return draft === undefined ? '' : line({ tool_calls: writeCall(draft, context) });
  }

  return {
    write(event) {
      if (isOver) return '';
      note(told, event);
      if ('choice' in event && event.choice !== 0) return '';
      switch (event.type) {
        case 'text-delta':
        case 'refusal-delta':
          return line({ content: event.text });
        case 'reasoning-delta':
          return line({ thinking: event.text });
        case 'tool-call-start':
        case 'tool-call-delta':
        case 'tool-call-end':
          return writeCallEvent(event);
        case 'error':
          isOver = true;
          return writeStreamError(event.error);
        case 'end':
          isOver = true;
          return line({}, writeEnding(told));
        default:
          return '';
      }
    },
    finish: () => '',
  };
}
