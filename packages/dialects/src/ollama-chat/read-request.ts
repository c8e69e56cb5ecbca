import { isObject, type Json, type JsonObject } from '../json.ts';
import { keepExtras, readPlainRequest, takeSettings } from '../plain-chat.ts';
import type { ModelRequest, ReasoningEffort } from '../request.ts';
import { SETTINGS } from './write-request.ts';

const NAMES = { ...SETTINGS, maxOutputTokens: 'num_predict' } as const;

/** Reads a request of `/api/chat`. Calls without ids get some by their places, and results take them in order. */
export function readRequest(body: JsonObject): ModelRequest {
  const { model: _, messages, stream, tools, options, format, think, logprobs, top_logprobs: top, ...rest } = body;
  const ids = new CallIds();
  const inSharedWords = Array.isArray(messages) ? messages.map((one, at) => sharedWords(one, at, ids)) : messages;
  const request = readPlainRequest(body, { origin: 'ollama-chat', messages: inSharedWords, tools });
  request.stream = stream !== false;
  if (isObject(options)) {
    const others = takeSettings(options, NAMES, request);
    if (Object.keys(others).length > 0) request.extras['options'] = others;
  }
  if (format === 'json') request.output = { type: 'json' };
  else if (isObject(format)) request.output = { type: 'json-schema', name: 'response', schema: format };
  if (typeof think === 'boolean') request.reasoning = { enabled: think };
  else if (typeof think === 'string') request.reasoning = { effort: think as ReasoningEffort };
  if (logprobs === true) request.logprobs = typeof top === 'number' ? { top } : {};
  keepExtras(rest, request);
  return request;
}

/** Calls that wait for their results. */
class CallIds {
  #open: string[] = [];

  made(id: string): string {
    this.#open.push(id);
    return id;
  }

  /** The call that a result without an id answers. */
  next(): string {
    return this.#open.shift() ?? 'call';
  }

  answered(id: string): string {
    this.#open = this.#open.filter((one) => one !== id);
    return id;
  }
}

function sharedWords(message: Json, at: number, ids: CallIds): Json {
  if (!isObject(message)) return message;
  const { images, thinking, tool_calls: calls, tool_name: name, tool_call_id: id, content, ...rest } = message;
  const shared: JsonObject = { ...rest, content: content ?? null };
  if (Array.isArray(images) && images.length > 0) shared['content'] = [...images.map(imagePart), ...textParts(content)];
  if (typeof thinking === 'string') shared['reasoning_content'] = thinking;
  if (Array.isArray(calls)) shared['tool_calls'] = calls.map((call, n) => sharedCall(call, `call_${at}_${n}`, ids));
  if (rest['role'] !== 'tool') return shared;
  if (typeof name === 'string') shared['name'] = name;
  shared['tool_call_id'] = typeof id === 'string' ? ids.answered(id) : ids.next();
  return shared;
}

function sharedCall(call: Json, made: string, ids: CallIds): Json {
  if (!isObject(call)) return call;
  const { id, function: called } = call;
  const { index: _, ...inner }: JsonObject = isObject(called) ? called : {};
  return { id: ids.made(typeof id === 'string' ? id : made), type: 'function', function: inner };
}

function textParts(content: Json | undefined): JsonObject[] {
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}

/** Bare base64 tells its type by its first characters. */
function imagePart(data: Json): JsonObject {
  const text = typeof data === 'string' ? data : '';
  const type = MAGIC.find(([start]) => text.startsWith(start))?.[1] ?? 'png';
  return { type: 'image_url', image_url: { url: `data:image/${type};base64,${text}` } };
}

const MAGIC: [start: string, type: string][] = [
  ['/9j/', 'jpeg'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
];
