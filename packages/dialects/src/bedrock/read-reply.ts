import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { createFrameReader, type Frame } from './event-stream.ts';
import { readErrorObject } from './read-error.ts';
import { type BlockReader, kindOfDelta, openForDelta, openStarted, readBlock } from './read-reply-block.ts';
import { readStopReason } from './stop-reasons.ts';
import { readUsage } from './usage.ts';

/** Fields of an answer beside its message, which only this dialect knows. */
const END_FIELDS = ['additionalModelResponseFields', 'trace', 'metrics', 'performanceConfig'];

const utf8 = new TextDecoder();

type Finish = Extract<ModelEvent, { type: 'finish' }>;

/** The events of a whole answer. A body that is an exception gives one `error` event. */
export function readDocument(body: JsonObject): ModelEvent[] {
  const output = body['output'];
  const message = isObject(output) ? output['message'] : undefined;
  if (!isObject(message)) return [{ type: 'error', error: readErrorObject(body, {}) }];
  const content = Array.isArray(message['content']) ? message['content'].filter(isObject) : [];
  return [
    readStart(body),
    ...content.flatMap((value, block) => readBlock(value, block)),
    ...readTold(body),
    ...(typeof body['stopReason'] === 'string' ? [readFinish(body['stopReason'], body)] : []),
    { type: 'end' },
  ];
}

/** Reads the event-stream frames of ConverseStream. Bytes that are no frames, or broken ones, end the answer with an error. */
export function createReader(): StreamReader {
  const frames = createFrameReader();
  const state = createStreamState();
  return {
    push(bytes) {
      if (state.isOver()) return [];
      let read: Frame[];
      try {
        read = frames.push(bytes);
      } catch (error) {
        return state.breakOff(error instanceof Error ? error.message : String(error));
      }
      return read.flatMap((frame) => state.read(frame));
    },
    finish: () => state.finish(frames.isBetweenFrames()),
  };
}

function createStreamState() {
  const open = new Map<number, BlockReader>();
  let blocks = 0;
  let stopped: JsonObject | undefined;
  let isOver = false;

  function begin(index: number, reader: BlockReader | undefined): ModelEvent[] {
    if (reader === undefined) return [];
    blocks += 1;
    open.set(index, reader);
    return reader.start;
  }

  function addTo(index: number, delta: JsonObject): ModelEvent[] {
    const kind = kindOfDelta(delta);
    const before = open.get(index);
    if (kind === undefined) return [];
    if (before?.kind === kind) return before.delta(delta);
    // Some models go on from reasoning to text under the same index.
    const ended = close(index);
    const started = begin(index, openForDelta(kind, blocks));
    return [...ended, ...started, ...(open.get(index)?.delta(delta) ?? [])];
  }

  function close(index: number): ModelEvent[] {
    const reader = open.get(index);
    open.delete(index);
    return reader?.end() ?? [];
  }

  const closeAll = () => [...open.keys()].flatMap(close);

  function stop(...events: ModelEvent[]): ModelEvent[] {
    isOver = true;
    return events;
  }

  /** The end of the message comes before its counts, so its finish waits for them, and for what else they bring. */
  function end(told: JsonObject): ModelEvent[] {
    const finish = stopped === undefined ? [] : [readFinish(textOf(stopped['stopReason']), { ...told, ...stopped })];
    return stop(...closeAll(), ...readTold(told), ...finish, { type: 'end' });
  }

  function readEvent(type: string, data: JsonObject): ModelEvent[] {
    const index = typeof data['contentBlockIndex'] === 'number' ? data['contentBlockIndex'] : 0;
    switch (type) {
      case 'messageStart':
        return [{ type: 'start' }];
      case 'contentBlockStart':
        return isObject(data['start']) ? [...close(index), ...begin(index, openStarted(data['start'], blocks))] : [];
      case 'contentBlockDelta':
        return isObject(data['delta']) ? addTo(index, data['delta']) : [];
      case 'contentBlockStop':
        return close(index);
      case 'messageStop':
        stopped = data;
        return closeAll();
      case 'metadata':
        // Counts before the end of the message are told, and end nothing.
        return stopped === undefined ? readTold(data) : end(data);
      default:
        return [];
    }
  }

  function breakOff(message: string): ModelEvent[] {
    return stop({ type: 'error', error: { kind: 'server', status: 502, message } });
  }

  return {
    isOver: () => isOver,
    breakOff,
    read({ headers, payload }: Frame): ModelEvent[] {
      if (isOver) return [];
      const text = utf8.decode(payload);
      const data = parse(text);
      const exception = headers[':exception-type'] ?? headers[':error-code'];
      if (headers[':message-type'] !== 'event' && exception !== undefined) {
        const message = headers[':error-message'];
        const body = isObject(data) ? data : { message: message ?? text };
        return stop({ type: 'error', error: readErrorObject({ __type: exception, ...body }, {}) });
      }
      if (!isObject(data)) return breakOff('The provider sent an event that is not JSON.');
      return readEvent(headers[':event-type'] ?? '', data);
    },
    finish(isBetweenFrames: boolean): ModelEvent[] {
      if (isOver || stopped === undefined) return [];
      const told = end({});
      // Cut within the frame of the counts: why the message stopped is known, but not that all of it came.
      return isBetweenFrames ? told : told.slice(0, -1);
    },
  };
}

function readStart(body: JsonObject): ModelEvent {
  const tier = tierOf(body);
  return { type: 'start', ...(tier === undefined ? {} : { serviceTier: tier }) };
}

/** The usage, with the tier that the answer was served in. */
function readTold(told: JsonObject): ModelEvent[] {
  const usage = isObject(told['usage']) ? readUsage(told['usage']) : undefined;
  if (usage === undefined) return [];
  const tier = tierOf(told);
  if (tier !== undefined) usage.serviceTier = tier;
  return [{ type: 'usage', usage }];
}

function readFinish(raw: string, told: JsonObject): Finish {
  const finish: Finish = { type: 'finish', choice: 0, reason: readStopReason(raw), raw };
  const sequence = stopSequenceOf(told['additionalModelResponseFields']);
  if (sequence !== undefined) finish.stopSequence = sequence;
  const extras: JsonObject = {};
  for (const field of END_FIELDS) if (told[field] !== undefined && told[field] !== null) extras[field] = told[field];
  if (Object.keys(extras).length > 0) finish.extras = extras;
  return finish;
}

/** Told by models that name it, when the request asked for `/stop_sequence` (or, in streams, `/delta/stop_sequence`). */
function stopSequenceOf(fields: Json | undefined): string | undefined {
  if (!isObject(fields)) return undefined;
  const { stop_sequence: sequence, delta } = fields;
  if (typeof sequence === 'string') return sequence;
  return isObject(delta) && typeof delta['stop_sequence'] === 'string' ? delta['stop_sequence'] : undefined;
}

function tierOf({ serviceTier }: JsonObject): string | undefined {
  return isObject(serviceTier) && typeof serviceTier['type'] === 'string' ? serviceTier['type'] : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
