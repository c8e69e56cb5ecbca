import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createSseReader, type ServerSentEvent } from '../sse.ts';
import { AnswerReader } from './answer-reader.ts';
import { readErrorObject } from './read-error.ts';

export function readDocument(body: JsonObject): ModelEvent[] {
  const events: ModelEvent[] = [];
  const reader = new AnswerReader(events);
  const { message } = body;
  if (!isObject(message)) {
    reader.fail(readErrorObject(body));
    return events;
  }
  reader.start(body['id']);
  const { content, tool_plan: plan, tool_calls: calls, citations } = message;
  const parts = Array.isArray(content) ? content.filter(isObject) : [{ type: 'text', text: content ?? '' }];
  for (const { thinking } of parts) reader.thinking(thinking);
  reader.text(plan);
  // They are told behind the text, and belong into it.
  for (const citation of listOf(citations)) reader.citation(citation);
  for (const { text } of parts) reader.text(text);
  reader.logprobs(body['logprobs']);
  for (const [index, call] of listOf(calls).entries()) {
    if (!isObject(call)) continue;
    reader.beginCall(index, call);
    reader.endCall(index);
  }
  reader.finish(body['finish_reason'], body['usage']);
  return events;
}

/** Reads a stream. `message-end` is its end, whether or not `[DONE]` follows. */
export function createReader(): StreamReader {
  const sse = createSseReader();
  const events: ModelEvent[] = [];
  const reader = new AnswerReader(events);
  const readAll = (frames: ServerSentEvent[]): ModelEvent[] => {
    for (const { data } of frames) if (!reader.isOver) readFrame(data.trim(), reader);
    return events.splice(0);
  };
  return {
    push: (bytes) => readAll(sse.push(bytes)),
    finish: () => readAll(sse.finish()),
  };
}

function readFrame(data: string, reader: AnswerReader): void {
  if (data === '' || data === '[DONE]') return;
  const event = parse(data);
  if (isObject(event)) readEvent(event, reader);
  else
    reader.fail(
      readErrorObject({ message: `The provider sent an event that is no JSON object: ${data.slice(0, 200)}` }),
    );
}

function readEvent(event: JsonObject, reader: AnswerReader): void {
  const delta = objectIn(event, 'delta');
  const message = objectIn(delta, 'message');
  const content = objectIn(message, 'content');
  const index = typeof event['index'] === 'number' ? event['index'] : 0;
  switch (event['type']) {
    case 'message-start':
      return reader.start(event['id']);
    case 'content-start':
      reader.close();
      return readContent(content, reader);
    case 'content-delta':
      readContent(content, reader);
      return reader.logprobs(event['logprobs']);
    case 'content-end':
      return reader.close();
    case 'tool-plan-delta':
      return reader.text(message['tool_plan']);
    case 'citation-start':
      return reader.citation(message['citations']);
    case 'tool-call-start':
      return reader.beginCall(index, objectIn(message, 'tool_calls'));
    case 'tool-call-delta':
      return reader.callArguments(index, objectIn(objectIn(message, 'tool_calls'), 'function')['arguments']);
    case 'tool-call-end':
      return reader.endCall(index);
    case 'message-end':
      return reader.finish(delta['finish_reason'], delta['usage'], delta['error']);
    case undefined:
      if (event['message'] !== undefined) reader.fail(readErrorObject(event));
      return;
    case 'error':
      return reader.fail(readErrorObject(event));
    default:
  }
}

function readContent({ text, thinking }: JsonObject, reader: AnswerReader): void {
  reader.thinking(thinking);
  reader.text(text);
}

function objectIn(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  return isObject(value) ? value : {};
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
