/** Replies of the Responses API, streamed or whole, read into events. */

import type { StreamReader } from '../dialect.ts';
import type { ModelError } from '../errors.ts';
import type { FinishReason, ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createSseReader } from '../sse.ts';
import { asNumber, asText, given, objectsOf } from './fields.ts';
import { createItemTeller, type ItemKey, type ItemTeller } from './item-teller.ts';
import { readErrorObject } from './read-error.ts';
import { readResponseUsage } from './usage.ts';

/** A whole response object as the events that a stream of it would have told. */
export function readDocument(body: JsonObject): ModelEvent[] {
  const events: ModelEvent[] = [];
  const reader = createEventReader((event) => events.push(event));
  // Some hosts answer 200 and put an error where the response should be.
  if (body['output'] === undefined && body['status'] === undefined && body['error']) {
    return [{ type: 'error', error: readErrorObject(body) }];
  }
  reader.begin(body);
  for (const [index, item] of objectsOf(body['output']).entries()) reader.items.close(index, item);
  reader.conclude(body);
  return events;
}

/** Reads `data:` lines of any host; names of events are not needed, and unknown types are passed over. */
export function createReader(): StreamReader {
  const sse = createSseReader();
  let events: ModelEvent[] = [];
  const reader = createEventReader((event) => events.push(event));
  const read = (frames: { data: string }[]): ModelEvent[] => {
    for (const { data } of frames) {
      const frame = parse(data);
      if (frame) reader.take(frame);
    }
    const told = events;
    events = [];
    return told;
  };
  return { push: (bytes) => read(sse.push(bytes)), finish: () => read(sse.finish()) };
}

function parse(data: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    // `[DONE]`, empty heartbeats, or a line cut by a dying host: nothing that could be told.
    return undefined;
  }
}

interface EventReader {
  items: ItemTeller;
  begin(response: JsonObject): void;
  take(frame: JsonObject): void;
  conclude(response: JsonObject): void;
}

function createEventReader(emit: (event: ModelEvent) => void): EventReader {
  const items = createItemTeller(emit);
  let hasBegun = false;
  let isOver = false;

  const begin = (response: JsonObject) => {
    if (hasBegun) return;
    hasBegun = true;
    emit(
      given<Extract<ModelEvent, { type: 'start' }>>({
        type: 'start',
        id: asText(response['id']),
        model: asText(response['model']),
        createdAtSeconds: asNumber(response['created_at']),
        systemFingerprint: asText(response['system_fingerprint']),
        serviceTier: asText(response['service_tier']),
      }),
    );
  };

  const fail = (error: ModelError) => {
    isOver = true;
    emit({ type: 'error', error });
  };

  const conclude = (response: JsonObject) => {
    begin(response);
    const usage = readResponseUsage(response);
    const broken = brokenBy(response);
    if (!broken) items.settle(objectsOf(response['output']));
    if (usage) emit({ type: 'usage', usage });
    if (broken) return fail(broken);
    isOver = true;
    const { reason, raw } = finishOf(response, items);
    emit(given<Extract<ModelEvent, { type: 'finish' }>>({ type: 'finish', choice: 0, reason, raw }));
    emit({ type: 'end' });
  };

  const take = (frame: JsonObject) => {
    if (isOver) return;
    const response = frame['response'];
    switch (frame['type']) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return isObject(response) ? begin(response) : undefined;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
      case 'response.done':
        return conclude({
          status: String(frame['type']).slice('response.'.length),
          ...(isObject(response) ? response : {}),
        });
      case 'error':
        return fail(readErrorObject(frame));
      case undefined:
        // An error without an envelope, as hosts send it that fail before their stream has begun.
        return frame['error'] ? fail(readErrorObject(frame)) : undefined;
      default:
        return takeItemEvent(frame, items);
    }
  };

  return { items, begin, take, conclude };
}

function takeItemEvent(frame: JsonObject, items: ItemTeller): void {
  const key = keyOf(frame);
  const index = asNumber(frame['content_index']) ?? 0;
  const summary = asNumber(frame['summary_index']) ?? 0;
  const delta = asText(frame['delta']) ?? '';
  switch (frame['type']) {
    case 'response.output_text.delta': {
      const message = items.message(key);
      message.delta(index, 'text', delta);
      message.logprobs(index, frame['logprobs']);
      return;
    }
    case 'response.output_text.done':
      items.message(key).wholeText(index, 'text', asText(frame['text']) ?? '');
      return;
    case 'response.output_text.annotation.added':
      if (isObject(frame['annotation'])) items.message(key).annotation(index, frame['annotation']);
      return;
    case 'response.refusal.delta':
      items.message(key).delta(index, 'refusal', delta);
      return;
    case 'response.refusal.done':
      items.message(key).wholeText(index, 'refusal', asText(frame['refusal']) ?? '');
      return;
    case 'response.reasoning_summary_text.delta':
      items.reasoningDelta(key, 'summary', summary, delta);
      return;
    case 'response.reasoning_summary_text.done':
      items.reasoningText(key, 'summary', summary, asText(frame['text']) ?? '');
      return;
    case 'response.reasoning_text.delta':
      items.reasoningDelta(key, 'content', index, delta);
      return;
    case 'response.reasoning_text.done':
      items.reasoningText(key, 'content', index, asText(frame['text']) ?? '');
      return;
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      items.argumentsDelta(key, delta);
      return;
    case 'response.content_part.added':
      beginPart(frame['part'], key, index, items);
      return;
    case 'response.content_part.done':
      closePart(frame['part'], key, index, items);
      return;
    case 'response.output_item.added':
      if (isObject(frame['item'])) items.open(itemKey(frame, frame['item']), frame['item']);
      return;
    case 'response.output_item.done':
      if (isObject(frame['item'])) items.close(itemKey(frame, frame['item']), frame['item']);
      return;
    default:
      return;
  }
}

function beginPart(part: Json | undefined, key: ItemKey, index: number, items: ItemTeller): void {
  if (!isObject(part)) return;
  if (part['type'] === 'output_text') items.message(key).begin(index, 'text');
  if (part['type'] === 'refusal') items.message(key).begin(index, 'refusal');
}

function closePart(part: Json | undefined, key: ItemKey, index: number, items: ItemTeller): void {
  if (!isObject(part)) return;
  if (part['type'] === 'reasoning_text') items.reasoningText(key, 'content', index, asText(part['text']) ?? '');
  else items.message(key).closePart(index, part);
}

function keyOf(frame: JsonObject): ItemKey {
  return asNumber(frame['output_index']) ?? asText(frame['item_id']) ?? 0;
}

function itemKey(frame: JsonObject, item: JsonObject): ItemKey {
  return asNumber(frame['output_index']) ?? asText(item['id']) ?? 0;
}

function brokenBy(response: JsonObject): ModelError | undefined {
  if (response['status'] === 'cancelled') {
    return { kind: 'unavailable', status: 503, message: 'The response was cancelled.', code: 'cancelled' };
  }
  if (response['status'] !== 'failed') return undefined;
  return readErrorObject(isObject(response['error']) ? response['error'] : {});
}

function finishOf(response: JsonObject, items: ItemTeller): { reason: FinishReason; raw?: string | undefined } {
  const status = asText(response['status']);
  if (status !== undefined && status !== 'completed' && status !== 'done')
    return unfinished(status, response['incomplete_details']);
  if (items.hasCall) return { reason: 'tool-calls', raw: status };
  return { reason: items.hasRefusal ? 'refusal' : 'stop', raw: status };
}

function unfinished(status: string, details: Json | undefined): { reason: FinishReason; raw: string } {
  const told = isObject(details) ? asText(details['reason']) : undefined;
  if (status !== 'incomplete') return { reason: 'other', raw: status };
  if (told === 'content_filter') return { reason: 'content-filter', raw: told };
  // The limit is the one cause that hosts leave unsaid; an answer cut short must never look complete.
  return told === undefined || told === 'max_output_tokens'
    ? { reason: 'length', raw: told ?? status }
    : { reason: 'other', raw: told };
}
