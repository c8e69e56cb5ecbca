import { writeFinishReason } from '../chat-words.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { createDrafts, type Draft } from '../drafts.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { clientCall, note, type Told } from '../plain-chat.ts';
import { writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';

/** The answer that the events tell, with all of its choices. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const told: Told = { finishes: new Map() };
  const choices = new Map<number, ReturnType<typeof createDrafts>>();
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    note(told, event);
    if (!('choice' in event)) continue;
    const drafts = choices.get(event.choice) ?? createDrafts();
    choices.set(event.choice, drafts);
    if ('block' in event) drafts.add(event);
  }
  const written = [...choices].map(([index, drafts]) => ({
    finish_reason: reasonOf(told, index),
    index,
    message: writeMessage(drafts.all(), context),
  }));
  return { output: { choices: written }, ...writeEnding(told, context) };
}

function writeMessage(drafts: Draft[], context: ReplyContext): JsonObject {
  const textOf = (isWanted: (draft: Draft) => boolean) => drafts.map((one) => (isWanted(one) ? one.text : '')).join('');
  const reasoning = textOf(({ first }) => first.type === 'reasoning-start');
  const calls = drafts.filter(({ first }) => first.type === 'tool-call-start' && !isAnswer(first, context));
  return {
    role: 'assistant',
    content: textOf(({ first }) => isText(first) || isAnswer(first, context)),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length > 0 ? { tool_calls: calls.map((draft, index) => writeCall(draft, index, context)) } : {}),
  };
}

function isText({ type }: ModelEvent): boolean {
  return type === 'text-start' || type === 'refusal-start';
}

function isAnswer(event: ModelEvent, { jsonTool }: ReplyContext): boolean {
  return event.type === 'tool-call-start' && event.name === jsonTool;
}

function writeCall({ first, text }: Draft, index: number, context: ReplyContext): JsonObject {
  const { id, name } = clientCall(first as Extract<ModelEvent, { type: 'tool-call-start' }>, context);
  return { index, id, type: 'function', function: { name, arguments: text || '{}' } };
}

function reasonOf({ finishes }: Told, choice: number): string {
  return writeFinishReason(finishes.get(choice)?.reason ?? 'stop', false);
}

function writeEnding({ usage, start }: Told, { id }: ReplyContext): JsonObject {
  return { ...(usage === undefined ? {} : { usage: writeUsage(usage) }), request_id: start?.id ?? id };
}

/** Every piece is an event of its own; why it finished, and the counts, come with the last one. */
export function createWriter(context: ReplyContext): StreamWriter {
  const told: Told = { finishes: new Map() };
  const calls = new Map<string, number>();
  const answers = new Set<string>();
  let frames = 0;
  let isOver = false;

  const frame = (index: number, message: JsonObject, reason = 'null'): string => {
    frames += 1;
    const choice = { message: { content: '', ...message, role: 'assistant' }, index, finish_reason: reason };
    const body = { output: { choices: [choice] }, ...writeEnding(told, context) };
    return `id:${frames}\nevent:result\n:HTTP_STATUS/200\ndata:${JSON.stringify(body)}\n\n`;
  };

  function writeCallEvent(event: Extract<ModelEvent, { type: 'tool-call-start' | 'tool-call-delta' }>): string {
    const { choice } = event;
    const key = `${choice} ${event.block}`;
    if (isAnswer(event, context)) answers.add(key);
    if (answers.has(key)) return event.type === 'tool-call-delta' ? frame(choice, { content: event.arguments }) : '';
    if (event.type === 'tool-call-delta') {
      const index = calls.get(key) ?? 0;
      const call = { index, id: '', type: 'function', function: { arguments: event.arguments } };
      return frame(choice, { tool_calls: [call] });
    }
    const index = [...calls.keys()].filter((one) => one.startsWith(`${choice} `)).length;
    calls.set(key, index);
    const { id, name } = clientCall(event, context);
    return frame(choice, { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
  }

  return {
    write(event) {
      if (isOver) return '';
      note(told, event);
      switch (event.type) {
        case 'text-delta':
        case 'refusal-delta':
          return frame(event.choice, { content: event.text });
        case 'reasoning-delta':
          return frame(event.choice, { reasoning_content: event.text });
        case 'tool-call-start':
        case 'tool-call-delta':
          return writeCallEvent(event);
        case 'error':
          isOver = true;
          return writeStreamError(event.error, context.id);
        case 'end':
          isOver = true;
          return [...told.finishes.keys()].map((choice) => frame(choice, {}, reasonOf(told, choice))).join('');
        default:
          return '';
      }
    },
    finish: () => '',
  };
}
