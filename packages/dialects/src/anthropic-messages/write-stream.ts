import type { ReplyContext, StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';
import { type BlockStream, createBlockStream } from './write-block-stream.ts';
import { type Told, writeEnding, writeMessageHead, writeToldUsage } from './write-ending.ts';
import { writeStreamError } from './write-error.ts';

type BlockEvent = Extract<ModelEvent, { block: number }>;

/**
 * Writes the server-sent events of a message. Blocks leave strictly one after the other; what overlaps is held back.
 * Only the first choice is told, as this dialect has no other. Without an `end` the stream stays without `message_stop`.
 */
export function createWriter(context: ReplyContext): StreamWriter {
  const told: Told = { calls: false, refused: false };
  const waiting = new Map<number, BlockEvent[]>();
  let isBegun = false;
  let isOver = false;
  let active: BlockStream | undefined;
  let activeNumber = -1;
  let nextIndex = 0;

  const takeIndex = () => {
    const index = nextIndex;
    nextIndex += 1;
    return index;
  };

  /** `start` waits for the first block, so that usage told in between is in `message_start`. */
  function begin(): string {
    if (isBegun) return '';
    isBegun = true;
    return frame({ type: 'message_start', message: writeMessageHead(told, context) });
  }

  function activate(event: BlockEvent): void {
    active = createBlockStream(event, context, takeIndex);
    activeNumber = event.block;
    if (event.type === 'tool-call-start' && event.name !== context.jsonTool) told.calls = true;
    if (event.type === 'refusal-start') told.refused = true;
  }

  function tell(event: BlockEvent): string {
    if (active === undefined) activate(event);
    if (event.block !== activeNumber || active === undefined) {
      hold(event);
      return '';
    }
    const frames = active.tell(event);
    return active.isClosed ? frames + tellNext() : frames;
  }

  function tellNext(): string {
    active = undefined;
    activeNumber = -1;
    const next = waiting.entries().next().value;
    if (next === undefined) return '';
    const [number, events] = next;
    waiting.delete(number);
    return events.map(tell).join('');
  }

  function hold(event: BlockEvent): void {
    const held = waiting.get(event.block);
    if (held === undefined) waiting.set(event.block, [event]);
    else held.push(event);
  }

  function end(): string {
    let frames = begin();
    while (active !== undefined) {
      frames += active.close();
      frames += tellNext();
    }
    isOver = true;
    const { stop_reason, stop_sequence, ...rest } = writeEnding(told);
    const { context_management, diagnostics, ...deltaRest } = rest;
    return (
      frames +
      frame({
        type: 'message_delta',
        delta: { stop_reason, stop_sequence, ...deltaRest },
        usage: writeToldUsage(told),
        ...(context_management === undefined ? {} : { context_management }),
        ...(diagnostics === undefined ? {} : { diagnostics }),
      }) +
      frame({ type: 'message_stop' })
    );
  }

  return {
    write(event) {
      if (isOver) return '';
      switch (event.type) {
        case 'start':
          told.start = event;
          return '';
        case 'usage':
          told.usage = { ...told.usage, ...event.usage };
          return '';
        case 'finish':
          if (event.choice === 0) told.finish = event;
          return '';
        case 'logprobs':
          return '';
        case 'error':
          isOver = true;
          return writeStreamError(event.error, context.id);
        case 'end':
          return end();
        default: {
          if (event.choice !== 0) return '';
          if (isBegun) return tell(event);
          return begin() + tell(event);
        }
      }
    },
    finish: () => '',
  };
}

function frame(data: JsonObject & { type: string }): string {
  return sseFrame(JSON.stringify(data), data.type);
}
