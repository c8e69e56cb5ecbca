import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { createDrafts, type Draft } from '../drafts.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { clientCall, note, type Told } from '../plain-chat.ts';
import { sseFrame } from '../sse.ts';
import { writeCitation } from './citations.ts';
import { writeFinishReason } from './finish-reasons.ts';
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
  const content = all.flatMap((draft) => writeContent(draft, context));
  const calls = all.flatMap((draft) => writeCall(draft, context));
  const citations = all.flatMap((draft) => draft.citations.map(writeCitation)).filter((one) => one !== undefined);
  return {
    id: told.start?.id ?? context.id,
    message: {
      role: 'assistant',
      content,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...(citations.length > 0 ? { citations } : {}),
    },
    ...writeEnding(told),
  };
}

function writeContent({ first, text }: Draft, context: ReplyContext): JsonObject[] {
  if (text === '') return [];
  if (first.type === 'reasoning-start') return [{ type: 'thinking', thinking: text }];
  const isText = first.type === 'text-start' || first.type === 'refusal-start' || isAnswer(first, context);
  return isText ? [{ type: 'text', text }] : [];
}

function isAnswer(event: ModelEvent, { jsonTool }: ReplyContext): boolean {
  return event.type === 'tool-call-start' && event.name === jsonTool;
}

function writeCall({ first, text }: Draft, context: ReplyContext): JsonObject[] {
  if (first.type !== 'tool-call-start' || isAnswer(first, context)) return [];
  const { id, name } = clientCall(first, context);
  return [{ id, type: 'function', function: { name, arguments: text || '{}' } }];
}

function writeEnding({ usage, finishes }: Told): JsonObject {
  const finish = finishes.get(0);
  return {
    finish_reason: writeFinishReason(finish?.reason ?? 'stop'),
    ...(usage === undefined ? {} : { usage: writeUsage(usage) }),
  };
}

export function createWriter(context: ReplyContext): StreamWriter {
  const told: Told = { finishes: new Map() };
  const answers = new Set<number>();
  const calls = new Map<number, number>();
  let isBegun = false;
  let isOver = false;

  const frame = (type: string, body: JsonObject): string => sseFrame(JSON.stringify({ type, ...body }), type);
  const begin = (): string => {
    if (isBegun) return '';
    isBegun = true;
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
    return sseFrame(
      JSON.stringify({ id: told.start?.id ?? context.id, type: 'message-start', delta: { message } }),
      'message-start',
    );
  };
  const content = (type: string, index: number, value: JsonObject): string =>
    begin() + frame(type, { index, delta: { message: { content: value } } });
  const call = (type: string, index: number, value: JsonObject): string =>
    begin() + frame(type, { index, delta: { message: { tool_calls: value } } });

  function startCall(event: Extract<ModelEvent, { type: 'tool-call-start' }>): string {
    if (isAnswer(event, context)) {
      answers.add(event.block);
      return content('content-start', event.block, { type: 'text', text: '' });
    }
    const index = calls.size;
    calls.set(event.block, index);
    const { id, name } = clientCall(event, context);
    return call('tool-call-start', index, { id, type: 'function', function: { name, arguments: '' } });
  }

  function writeBlock(event: ModelEvent): string {
    switch (event.type) {
      case 'text-start':
      case 'refusal-start':
        return content('content-start', event.block, { type: 'text', text: '' });
      case 'text-delta':
      case 'refusal-delta':
        return content('content-delta', event.block, { text: event.text });
      case 'reasoning-start':
        return content('content-start', event.block, { type: 'thinking', thinking: '' });
      case 'reasoning-delta':
        return content('content-delta', event.block, { thinking: event.text });
      case 'text-end':
      case 'refusal-end':
      case 'reasoning-end':
        return frame('content-end', { index: event.block });
      case 'tool-call-start':
        return startCall(event);
      case 'tool-call-delta':
        if (answers.has(event.block)) return content('content-delta', event.block, { text: event.arguments });
        return call('tool-call-delta', calls.get(event.block) ?? 0, { function: { arguments: event.arguments } });
      case 'tool-call-end':
        if (answers.has(event.block)) return frame('content-end', { index: event.block });
        return frame('tool-call-end', { index: calls.get(event.block) ?? 0 });
      case 'citation': {
        const citations = writeCitation(event.citation);
        return citations === undefined
          ? ''
          : frame('citation-start', { index: 0, delta: { message: { citations } } }) +
              frame('citation-end', { index: 0 });
      }
      default:
        return '';
    }
  }

  return {
    write(event) {
      if (isOver) return '';
      note(told, event);
      if (event.type === 'start') return begin();
      if (event.type === 'error') {
        isOver = true;
        return writeStreamError(event.error, context.id);
      }
      if (event.type === 'end') {
        isOver = true;
        return `${begin()}${frame('message-end', { delta: writeEnding(told) })}${sseFrame('[DONE]')}`;
      }
      return 'choice' in event && event.choice !== 0 ? '' : writeBlock(event);
    },
    finish: () => '',
  };
}
