/** Input and output items of the Responses API, read into messages. */

import { InvalidRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Message, Part, ReasoningPart, Role, ToolCallPart, ToolResultPart } from '../request.ts';
import { asText, fieldsBesides, given, objectsOf } from './fields.ts';
import { nameInNamespace } from './namespaces.ts';
import { opaquePart, readParts } from './read-parts.ts';
import { readSeal, type Seal, unsealed } from './seal.ts';

const ROLES: ReadonlySet<string> = new Set(['assistant', 'system', 'developer', 'user']);
const MESSAGE_FIELDS = new Set(['type', 'role', 'content']);
const FUNCTION_CALL_FIELDS = new Set(['type', 'call_id', 'name', 'arguments']);
const CUSTOM_CALL_FIELDS = new Set(['type', 'call_id', 'name', 'input']);
const RESULT_FIELDS = new Set(['type', 'call_id', 'output']);
const REASONING_FIELDS = new Set(['type', 'id', 'summary', 'content', 'encrypted_content']);
const DEVELOPER_ITEMS = new Set(['additional_tools', 'configuration_update', 'compaction_trigger']);
/** Bookkeeping of the item itself: without meaning for a model elsewhere. */
const BOOKKEEPING = new Set(['id', 'status', 'created_by', 'namespace']);

/**
 * The items as messages. What the model made in one go (reasoning, text, calls) becomes one assistant message; in
 * `extras.item` of its first part each item keeps the fields that only this dialect knows. Throws InvalidRequest.
 */
export function itemsToMessages(items: readonly JsonObject[], unread: string[] = [], path = 'input'): Message[] {
  const messages: Message[] = [];
  for (const [index, item] of items.entries()) readItem(item, messages, `${path}[${index}]`, unread);
  return messages;
}

/** The output of a stored response as the messages that it adds to the conversation. */
export function outputToInput(response: JsonObject): Message[] {
  return itemsToMessages(objectsOf(response['output']), [], 'output');
}

function readItem(item: JsonObject, messages: Message[], path: string, unread: string[]): void {
  switch (item['type'] ?? (item['role'] === undefined ? 'item_reference' : 'message')) {
    case 'message':
      readMessage(item, messages, path, unread);
      return;
    case 'function_call':
      addToAssistant(messages, [readCall(item, path, unread)]);
      return;
    case 'custom_tool_call':
      addToAssistant(messages, [readCustomCall(item, path, unread)]);
      return;
    case 'function_call_output':
    case 'custom_tool_call_output':
      readResult(item, messages, path, unread);
      return;
    case 'reasoning':
      readReasoning(item, messages, path, unread);
      return;
    default:
      addOpaque(item, messages);
      return;
  }
}

function readMessage(item: JsonObject, messages: Message[], path: string, unread: string[]): void {
  const role = item['role'];
  if (typeof role !== 'string' || !ROLES.has(role)) {
    const expected = "'assistant', 'system', 'developer', and 'user'";
    throw new InvalidRequest(`Invalid value: '${String(role)}'. Supported values are: ${expected}.`, `${path}.role`);
  }
  const parts = readParts(item['content'], `${path}.content`, unread);
  const own = noted(fieldsBesides(item, MESSAGE_FIELDS), path, unread);
  if (role !== 'assistant') {
    messages.push({ role: role as Role, parts: withItem(parts, own) });
    return;
  }
  // Two message items in one assistant message: the second needs its own mark to be told apart again.
  const needsMark = messages.at(-1)?.role === 'assistant';
  addToAssistant(messages, withItem(parts, own ?? (needsMark ? {} : undefined)));
}

function withItem(parts: Part[], item: JsonObject | undefined): Part[] {
  const [first, ...rest] = parts;
  if (item === undefined || first === undefined || first.type === 'opaque') return parts;
  return [{ ...first, extras: { ...first.extras, item } } as Part, ...rest];
}

function addToAssistant(messages: Message[], parts: Part[]): void {
  const last = messages.at(-1);
  if (last?.role === 'assistant') last.parts.push(...parts);
  else messages.push({ role: 'assistant', parts: [...parts] });
}

function readCall(item: JsonObject, path: string, unread: string[]): ToolCallPart {
  const own = noted(fieldsBesides(item, FUNCTION_CALL_FIELDS), path, unread);
  return given<ToolCallPart>({
    type: 'tool-call',
    id: requiredText(item, 'call_id', path),
    name: nameInNamespace(asText(item['namespace']), requiredText(item, 'name', path)),
    arguments: asText(item['arguments']) || '{}',
    extras: own && { item: own },
  });
}

function readCustomCall(item: JsonObject, path: string, unread: string[]): ToolCallPart {
  const own = noted(fieldsBesides(item, CUSTOM_CALL_FIELDS), path, unread);
  return given<ToolCallPart>({
    type: 'tool-call',
    id: requiredText(item, 'call_id', path),
    name: nameInNamespace(asText(item['namespace']), requiredText(item, 'name', path)),
    arguments: asText(item['input']) ?? '',
    custom: true,
    extras: own && { item: own },
  });
}

function readResult(item: JsonObject, messages: Message[], path: string, unread: string[]): void {
  // An output without a call (the model never asked) exists in newer versions; only its own dialect knows what it is.
  if (typeof item['call_id'] !== 'string') {
    addOpaque(item, messages);
    return;
  }
  const own = noted(fieldsBesides(item, RESULT_FIELDS), path, unread);
  const part = given<ToolResultPart>({
    type: 'tool-result',
    callId: item['call_id'],
    parts: readParts(item['output'], `${path}.output`, unread),
    custom: item['type'] === 'custom_tool_call_output' ? true : undefined,
    extras: own && { item: own },
  });
  messages.push({ role: 'tool', parts: [part] });
}

function readReasoning(item: JsonObject, messages: Message[], path: string, unread: string[]): void {
  const id = asText(item['id']);
  const content = textsOf(item['content']);
  const texts = content.length > 0 ? content : textsOf(item['summary']);
  const text = texts.length > 0 ? texts.join('\n\n') : undefined;
  const encrypted = asText(item['encrypted_content']);
  const seal = encrypted === undefined ? undefined : readSeal(encrypted);
  if (seal) {
    restore(seal, messages, id, text);
    return;
  }
  const own = noted(fieldsBesides(item, REASONING_FIELDS), path, unread);
  const part = given<ReasoningPart>({
    type: 'reasoning',
    id,
    text,
    isSummary: text === undefined ? undefined : content.length === 0,
    encrypted,
    boundTo: encrypted === undefined ? undefined : 'openai-responses',
    extras: { item: { ...own, ...given({ summary: item['summary'], content: item['content'] }) } },
  });
  addToAssistant(messages, [part]);
}

function restore(seal: Seal, messages: Message[], id: string | undefined, shownText: string | undefined): void {
  const owner = ownerOf(seal, messages);
  if (owner && seal.signature !== undefined) {
    owner.signature = seal.signature;
    return;
  }
  if (seal.callId === undefined && seal.ofText !== true) addToAssistant(messages, [unsealed(seal, id, shownText)]);
}

/** The part that a seal's signature belongs to. A call or text that the client has since removed takes it along. */
function ownerOf(seal: Seal, messages: Message[]): { signature?: string } | undefined {
  const last = messages.at(-1);
  if (seal.ofText === true)
    return last?.role === 'assistant' ? last.parts.findLast((part) => part.type === 'text') : undefined;
  // Some clients put the outputs of calls between the calls and what followed them.
  for (const { parts } of seal.callId === undefined ? [] : messages.toReversed()) {
    const call = parts.findLast((part) => part.type === 'tool-call' && part.id === seal.callId);
    if (call?.type === 'tool-call') return call;
  }
  return undefined;
}

export function textsOf(list: JsonObject[string]): string[] {
  return objectsOf(list).flatMap((entry) => asText(entry['text']) ?? []);
}

function addOpaque(item: JsonObject, messages: Message[]): void {
  const value = item['type'] === undefined ? { ...item, type: 'item_reference' } : item;
  const role = roleOfOpaque(String(value['type']));
  if (role === 'assistant') {
    addToAssistant(messages, [opaquePart(value)]);
    return;
  }
  messages.push({ role, parts: [opaquePart(value)] });
}

function roleOfOpaque(type: string): Role {
  if (DEVELOPER_ITEMS.has(type)) return 'developer';
  return type.endsWith('_output') || type === 'mcp_approval_response' ? 'tool' : 'assistant';
}

function requiredText(item: JsonObject, field: string, path: string): string {
  const value = item[field];
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidRequest(`Missing required parameter: '${path}.${field}'.`, `${path}.${field}`);
}

function noted(own: JsonObject | undefined, path: string, unread: string[]): JsonObject | undefined {
  for (const key of Object.keys(own ?? {})) if (!BOOKKEEPING.has(key)) unread.push(`${path}.${key}`);
  return own;
}
