import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Message, Part, Role, ToolCallPart, ToolResultPart } from '../request.ts';
import { missing, readList, readString, requireObject, requireString, restOf } from './check-fields.ts';
import { readCitations } from './citations.ts';
import { keepExtras } from './extras.ts';
import { type NoteUnread, readCacheMark, readContent, sourceOfUrl } from './read-parts.ts';
import { readReasoningFields } from './read-reasoning.ts';

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'];
const MESSAGE_FIELDS = new Set(['role', 'content', 'name']);
const TOOL_FIELDS = new Set([...MESSAGE_FIELDS, 'tool_call_id', 'cache_control']);
const ASSISTANT_FIELDS = new Set([
  ...MESSAGE_FIELDS,
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'annotations',
  'images',
]);
const CALL_FIELDS = new Set(['id', 'type', 'function', 'custom', 'index']);

/** Reads the messages in their order. Throws InvalidRequest with OpenAI's path of what is wrong. */
export function readMessages(body: JsonObject, unread: NoteUnread): Message[] {
  const list = readList(body, 'messages');
  if (!list) throw missing('messages');
  if (list.length === 0) {
    throw new InvalidRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
    );
  }
  const legacyIds = new Map<string, string>();
  return list.map((item, at) => readMessage(item, at, legacyIds, unread));
}

function readMessage(item: Json, at: number, legacyIds: Map<string, string>, unread: NoteUnread): Message {
  const path = `messages[${at}]`;
  const body = requireObject(item, path);
  const role = requireString(body, 'role', `${path}.role`);
  switch (role) {
    case 'assistant':
      return readAssistant(body, at, legacyIds, unread);
    case 'tool':
    case 'function':
      return readToolMessage(body, path, role, legacyIds, unread);
    case 'system':
    case 'developer':
    case 'user': {
      const parts = readContent(body['content'], `${path}.content`, unread);
      const message = finishMessage({ role: role as Role, parts }, body, MESSAGE_FIELDS, path, unread);
      if (body['content'] === null) message.wording = { content: null };
      return message;
    }
    default:
      throw new InvalidRequest(
        `Invalid value: '${role}'. Supported values are: ${ROLES.map((word) => `'${word}'`).join(', ')}.`,
        `${path}.role`,
      );
  }
}

function readAssistant(body: JsonObject, at: number, legacyIds: Map<string, string>, unread: NoteUnread): Message {
  const path = `messages[${at}]`;
  const parts: Part[] = readReasoningFields(body, path, unread);
  const content = body['content'] === '' ? [] : readContent(body['content'], `${path}.content`, unread);
  readAnnotations(body['annotations'], content, `${path}.annotations`, unread);
  parts.push(...content);
  const refusal = readString(body, 'refusal', `${path}.refusal`);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal, wording: { field: 'refusal' } });
  parts.push(...readImages(body['images'], `${path}.images`, unread));
  const calls = readList(body, 'tool_calls', `${path}.tool_calls`) ?? [];
  for (const [n, call] of calls.entries()) parts.push(readCall(call, `${path}.tool_calls[${n}]`, unread));
  const legacy = body['function_call'] ?? undefined;
  if (legacy !== undefined) parts.push(readLegacyCall(legacy, at, legacyIds));
  const message = finishMessage({ role: 'assistant', parts }, body, ASSISTANT_FIELDS, path, unread);
  // What content was when it told nothing: some hosts want '', some want null, some want the field away.
  if (content.length === 0 && 'content' in body && !Array.isArray(body['content'])) {
    message.wording = { content: body['content'] };
  }
  return message;
}

function readAnnotations(value: Json | undefined, content: Part[], path: string, unread: NoteUnread): void {
  const text = content.find((part) => part.type === 'text');
  const citations = readCitations(value);
  if (citations.length === 0) return;
  if (text?.type === 'text') text.citations = citations;
  else unread(path);
}

/** Images that the model made, as some hosts hand them out and take them back. */
function readImages(value: Json | undefined, path: string, unread: NoteUnread): Part[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, at): Part[] => {
    const url = isObject(item) && isObject(item['image_url']) ? item['image_url']['url'] : undefined;
    if (typeof url === 'string') return [{ type: 'image', source: sourceOfUrl(url), wording: { field: 'images' } }];
    unread(`${path}[${at}]`);
    return [];
  });
}

function readCall(value: Json, path: string, unread: NoteUnread): ToolCallPart {
  const body = requireObject(value, path);
  const id = requireString(body, 'id', `${path}.id`);
  const isCustom = body['type'] === 'custom';
  const field = isCustom ? 'custom' : 'function';
  const inner = requireObject(body[field], `${path}.${field}`);
  const name = requireString(inner, 'name', `${path}.${field}.name`);
  const part: ToolCallPart = { type: 'tool-call', id, name, arguments: readArguments(inner, isCustom) };
  if (isCustom) part.custom = true;
  const signature = thoughtSignature(body['extra_content']);
  if (signature !== undefined) part.signature = signature;
  keepCallExtras(part, body, path, unread);
  return part;
}

/** Arguments as text. Some hosts (and so their clients) tell them as an object. */
function readArguments(inner: JsonObject, isCustom: boolean): string {
  const value = inner[isCustom ? 'input' : 'arguments'] ?? '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' && !isCustom ? '{}' : text;
}

/** The position says nothing that the list does not say: it is the client's wording, and no one else's loss. */
function keepCallExtras(part: ToolCallPart, body: JsonObject, path: string, unread: NoteUnread): void {
  const field = part.custom ? 'custom' : 'function';
  const rest: JsonObject = { ...body };
  if (part.signature !== undefined) rest['extra_content'] = withoutSignature(body['extra_content']);
  const inner = new Set(['name', part.custom ? 'input' : 'arguments']);
  keepExtras(part, rest, { outer: CALL_FIELDS, field, inner }, path, unread);
  if (typeof body['index'] === 'number') part.wording = { index: body['index'] };
}

/** Gemini's signature of a call or a text, where its OpenAI surface puts it. */
export function thoughtSignature(extraContent: Json | undefined): string | undefined {
  const google = isObject(extraContent) ? extraContent['google'] : undefined;
  const signature = isObject(google) ? google['thought_signature'] : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

function withoutSignature(extraContent: Json | undefined): JsonObject | undefined {
  const { google, ...others } = extraContent as JsonObject;
  const { thought_signature: _, ...rest } = google as JsonObject;
  const kept: JsonObject = { ...others, ...(Object.keys(rest).length > 0 ? { google: rest } : {}) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** `function_call` knows no ids: one is made from its place, and the next result of the same name gets it. */
function readLegacyCall(value: Json, at: number, legacyIds: Map<string, string>): ToolCallPart {
  const path = `messages[${at}].function_call`;
  const call = requireObject(value, path);
  const name = requireString(call, 'name', `${path}.name`);
  const id = `call_legacy_${at}`;
  legacyIds.set(name, id);
  return { type: 'tool-call', id, name, arguments: readArguments(call, false), wording: { field: 'function_call' } };
}

function readToolMessage(
  body: JsonObject,
  path: string,
  role: 'tool' | 'function',
  legacyIds: Map<string, string>,
  unread: NoteUnread,
): Message {
  const result: ToolResultPart = {
    type: 'tool-result',
    callId:
      role === 'tool' ? requireString(body, 'tool_call_id', `${path}.tool_call_id`) : legacyId(body, path, legacyIds),
    parts: readContent(body['content'], `${path}.content`, unread),
  };
  const name = readString(body, 'name', `${path}.name`);
  if (name !== undefined) result.name = name;
  const cache = readCacheMark(body['cache_control']);
  if (cache) result.cache = cache;
  const message: Message = { role: 'tool', parts: [result] };
  const rest = restOf(body, TOOL_FIELDS) ?? {};
  for (const field of Object.keys(rest)) unread(`${path}.${field}`);
  if (role === 'function') message.wording = { role };
  if (Object.keys(rest).length > 0) message.extras = rest;
  return message;
}

function legacyId(body: JsonObject, path: string, legacyIds: Map<string, string>): string {
  const name = requireString(body, 'name', `${path}.name`);
  return legacyIds.get(name) ?? `call_legacy_${name}`;
}

function finishMessage(
  message: Message,
  body: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  unread: NoteUnread,
): Message {
  const name = readString(body, 'name', `${path}.name`);
  if (name !== undefined) message.name = name;
  const signature = thoughtSignature(body['extra_content']);
  const text = message.parts.findLast((part) => part.type === 'text');
  const isSigned = signature !== undefined && text?.type === 'text';
  if (isSigned) text.signature = signature;
  const rest = restOf(body, isSigned ? new Set([...known, 'extra_content']) : known);
  if (!rest) return message;
  for (const field of Object.keys(rest)) unread(`${path}.${field}`);
  message.extras = rest;
  return message;
}
