import type { ReplyContext, StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { writeCitation } from './citations.ts';
import { writeBinding, writeMedia, writeToolUse } from './write-block.ts';
import { type Told, writeEnding, writeStop } from './write-ending.ts';
import { writeStreamError } from './write-error.ts';
import { eventFrame } from './write-frame.ts';

/**
 * Writes ConverseStream frames as text in which each character is one byte (latin1), as the contract is text and the
 * frames are not. No client speaks to the gateway in this dialect; test providers and translations of recordings do.
 */
export function createWriter(context: ReplyContext): StreamWriter {
  const told: Told = { calls: false };
  /** Blocks that are told as another kind than their events say. */
  const textCalls = new Set<number>();
  let isBegun = false;
  let isOver = false;

  function begin(): string {
    if (isBegun) return '';
    isBegun = true;
    return eventFrame('messageStart', { role: 'assistant' });
  }

  const delta = (block: number, value: JsonObject) =>
    begin() + eventFrame('contentBlockDelta', { contentBlockIndex: block, delta: value });
  const start = (block: number, value: JsonObject) =>
    begin() + eventFrame('contentBlockStart', { contentBlockIndex: block, start: value });
  const stop = (block: number) => begin() + eventFrame('contentBlockStop', { contentBlockIndex: block });

  function writeOpaque(block: number, { toolUse, toolResult }: JsonObject): string {
    if (isObject(toolUse)) {
      const { input, ...head } = toolUse;
      const text = JSON.stringify(input ?? {});
      return start(block, { toolUse: head }) + delta(block, { toolUse: { input: text } }) + stop(block);
    }
    if (!isObject(toolResult)) return '';
    const { content, ...head } = toolResult;
    return start(block, { toolResult: head }) + delta(block, { toolResult: content ?? [] }) + stop(block);
  }

  function writeReasoningEnd(event: Extract<ModelEvent, { type: 'reasoning-end' }>): string {
    const { signature, redacted } = writeBinding(event);
    const signed = signature === undefined ? '' : delta(event.block, { reasoningContent: { signature } });
    const hidden =
      redacted === undefined ? '' : delta(event.block, { reasoningContent: { redactedContent: redacted } });
    return signed + hidden + stop(event.block);
  }

  function writeCallStart(event: Extract<ModelEvent, { type: 'tool-call-start' }>): string {
    if (event.name === context.jsonTool) {
      textCalls.add(event.block);
      return begin();
    }
    told.calls = true;
    return start(event.block, { toolUse: { ...writeToolUse(event, context), ...event.extras } });
  }

  function writeMediaBlock(block: number, value: JsonObject): string {
    const { image } = value;
    if (!isObject(image)) return delta(block, value) + stop(block);
    const { format, source } = image;
    return start(block, { image: { format } }) + delta(block, { image: { source } }) + stop(block);
  }

  function writeBlockEvent(event: ModelEvent): string {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return delta(event.block, { text: event.text });
      case 'reasoning-delta':
        return delta(event.block, { reasoningContent: { text: event.text } });
      case 'citation': {
        const citation = writeCitation(event.citation);
        return citation === undefined ? '' : delta(event.block, { citation });
      }
      case 'tool-call-start':
        return writeCallStart(event);
      case 'tool-call-delta':
        if (textCalls.has(event.block)) return delta(event.block, { text: event.arguments });
        return delta(event.block, { toolUse: { input: event.arguments } });
      case 'text-end':
      case 'refusal-end':
      case 'tool-call-end':
        return stop(event.block);
      case 'reasoning-end':
        return writeReasoningEnd(event);
      case 'media':
        return writeMediaBlock(event.block, writeMedia(event));
      case 'opaque':
        return event.origin === 'bedrock' ? writeOpaque(event.block, event.value) : '';
      default:
        return '';
    }
  }

  return {
    write(event) {
      if (isOver || ('choice' in event && event.choice !== 0)) return '';
      switch (event.type) {
        case 'start':
          told.start = event;
          return begin();
        case 'usage':
          told.usage = { ...told.usage, ...event.usage };
          return '';
        case 'finish':
          told.finish = event;
          return '';
        case 'error':
          isOver = true;
          return writeStreamError(event.error, context.id);
        case 'end':
          isOver = true;
          return begin() + eventFrame('messageStop', writeStop(told)) + eventFrame('metadata', writeEnding(told));
        default:
          return writeBlockEvent(event);
      }
    },
    finish: () => '',
  };
}
