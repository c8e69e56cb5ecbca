import type { StreamReader } from '../dialect.ts';
import type { ModelError } from '../errors.ts';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { createSseReader } from '../sse.ts';
import { readErrorObject } from './read-error.ts';
import { type BlockReader, openBlock, openBlockForDelta } from './read-reply-block.ts';
import { readStopReason } from './stop-reasons.ts';
import { mergeUsage, readUsage } from './usage.ts';

/** Fields of a message that only its end tells, and only this dialect knows. */
const END_FIELDS = ['stop_details', 'container', 'context_management', 'diagnostics'];

/** The events of a whole message. A body that is an error gives one `error` event. */
export function readDocument(body: JsonObject): ModelEvent[] {
  if (body['type'] === 'error' || (isObject(body['error']) && body['content'] === undefined)) {
    return [{ type: 'error', error: readErrorObject(body) }];
  }
  const events: ModelEvent[] = [readStart(body)];
  const content = typeof body['content'] === 'string' ? [{ type: 'text', text: body['content'] }] : body['content'];
  const callSignatures = new Map<string, string>();
  let block = 0;
  for (const value of Array.isArray(content) ? content : []) {
    if (!isObject(value)) continue;
    const reader = openBlock(value, block, callSignatures);
    events.push(...reader.start, ...reader.end());
    block += 1;
  }
  const usage = isObject(body['usage']) ? readUsage(body['usage']) : undefined;
  if (usage !== undefined) events.push({ type: 'usage', usage });
  events.push(...readFinish(body), { type: 'end' });
  return events;
}

/** Reads the server-sent events of a message. Hosts that copy the dialect leave out event names, block starts and block stops. */
export function createReader(): StreamReader {
  const sse = createSseReader();
  const state = createStreamState();
  const readAll = (events: { event?: string; data: string }[]) => events.flatMap((event) => state.read(event));
  return {
    push: (bytes) => readAll(sse.push(bytes)),
    finish: () => readAll(sse.finish()),
  };
}

function createStreamState() {
  const open = new Map<number, BlockReader>();
  const callSignatures = new Map<string, string>();
  let blocks = 0;
  let usage: JsonObject = {};
  let isBegun = false;
  let isOver = false;

  function begin(index: number, value: JsonObject): ModelEvent[] {
    const reader = openBlock(value, blocks, callSignatures);
    blocks += 1;
    open.set(index, reader);
    return reader.start;
  }

  function addTo(index: number, delta: JsonObject): ModelEvent[] {
    const reader = open.get(index);
    if (reader !== undefined) return reader.delta(delta);
    const begun = openBlockForDelta(delta, blocks);
    if (begun === undefined) return [];
    blocks += 1;
    open.set(index, begun);
    return [...begun.start, ...begun.delta(delta)];
  }

  function close(index: number): ModelEvent[] {
    const reader = open.get(index);
    if (reader === undefined) return [];
    open.delete(index);
    return reader.end();
  }

  const closeAll = () => [...open.keys()].flatMap(close);

  function tellUsage(later: Json | undefined): ModelEvent[] {
    if (!isObject(later)) return [];
    usage = mergeUsage(usage, later);
    const read = readUsage(usage);
    return read === undefined ? [] : [{ type: 'usage', usage: read }];
  }

  function stop(...events: ModelEvent[]): ModelEvent[] {
    isOver = true;
    return events;
  }

  function readEvent(type: Json | undefined, data: JsonObject): ModelEvent[] {
    const index = typeof data['index'] === 'number' ? data['index'] : 0;
    switch (type) {
      case 'message_start': {
        // A host that begins anew in mid-stream has told half an answer that nobody can take back.
        if (isBegun) return stop({ type: 'error', error: brokenOff('The provider began its answer anew.', data) });
        isBegun = true;
        const message = isObject(data['message']) ? data['message'] : {};
        return [readStart(message), ...tellUsage(message['usage'])];
      }
      case 'content_block_start':
        return isObject(data['content_block']) ? begin(index, data['content_block']) : [];
      case 'content_block_delta':
        return isObject(data['delta']) ? addTo(index, data['delta']) : [];
      case 'content_block_stop':
        return close(index);
      case 'message_delta': {
        const delta = isObject(data['delta']) ? data['delta'] : {};
        const ended = typeof delta['stop_reason'] === 'string' ? closeAll() : [];
        return [...ended, ...tellUsage(data['usage']), ...readFinish({ ...pickEndFields(data), ...delta })];
      }
      case 'message_stop':
        return stop(...closeAll(), { type: 'end' });
      case 'error':
        return stop({ type: 'error', error: readErrorObject(data) });
      default:
        // `ping`, and what this dialect may yet learn to say. A host without types may still tell an error.
        return isObject(data['error']) ? stop({ type: 'error', error: readErrorObject(data) }) : [];
    }
  }

  return {
    read({ event, data }: { event?: string; data: string }): ModelEvent[] {
      if (isOver || data === '' || data === '[DONE]') return [];
      const value = parse(data);
      if (!isObject(value)) {
        return stop({ type: 'error', error: brokenOff('The provider sent an event that is not JSON.', data) });
      }
      return readEvent(value['type'] ?? event, value);
    },
  };
}

function readStart(message: JsonObject): ModelEvent {
  const start: ModelEvent = { type: 'start' };
  if (typeof message['id'] === 'string') start.id = message['id'];
  if (typeof message['model'] === 'string') start.model = message['model'];
  const usage = message['usage'];
  if (isObject(usage) && typeof usage['service_tier'] === 'string') start.serviceTier = usage['service_tier'];
  return start;
}

function readFinish(message: JsonObject): ModelEvent[] {
  const raw = message['stop_reason'];
  if (typeof raw !== 'string') return [];
  const finish: ModelEvent = { type: 'finish', choice: 0, reason: readStopReason(raw), raw };
  if (typeof message['stop_sequence'] === 'string') finish.stopSequence = message['stop_sequence'];
  const details = message['stop_details'];
  if (isObject(details) && typeof details['explanation'] === 'string') finish.message = details['explanation'];
  const extras = pickEndFields(message);
  if (Object.keys(extras).length > 0) finish.extras = extras;
  return [finish];
}

function pickEndFields(message: JsonObject): JsonObject {
  const picked: JsonObject = {};
  for (const field of END_FIELDS) {
    const value = message[field];
    if (value !== null && value !== undefined) picked[field] = value;
  }
  return picked;
}

function brokenOff(message: string, original: string | JsonObject): ModelError {
  const text = typeof original === 'string' ? original : JSON.stringify(original);
  return { kind: 'server', status: 502, message, original: text.slice(0, 2000) };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
