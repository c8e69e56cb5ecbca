import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Message, Part, ReasoningPart, TextPart, ToolCallPart } from '../request.ts';
import { callIdInHistory, isMadeCallId } from './call-ids.ts';
import { objectOf, objectsOf, textOf } from './fields.ts';
import { createPartialCall, type PartialCall } from './partial-call.ts';
import { keepExtras, readPlainPart } from './read-part.ts';
import { readToolResult } from './tool-result.ts';

const CONTENT_FIELDS = new Set(['role', 'parts']);
const CALL_FIELDS = new Set(['functionCall', 'thoughtSignature']);
const INNER_CALL_FIELDS = new Set(['id', 'name', 'args', 'partialArgs', 'willContinue']);
const ROLES = new Set(['user', 'model', 'function', 'tool']);

interface Call {
  id: string;
  name: string;
  answered: boolean;
}

interface Reading {
  messages: Message[];
  unread: string[];
  calls: Call[];
  /** A call whose arguments come in pieces (`willContinue`). */
  partial: { call: PartialCall; part: ToolCallPart } | undefined;
}

/**
 * Reads `contents`. Turns of the model that follow each other become one message, in which adjacent plain texts are
 * joined: that is how a streamed answer comes back. Calls without an id get one, and results find their call.
 */
export function readContents(contents: Json | undefined, unread: string[]): Message[] {
  const reading: Reading = { messages: [], unread, calls: [], partial: undefined };
  const list = typeof contents === 'string' ? [{ parts: [{ text: contents }] }] : contents;
  if (!Array.isArray(list) && !isObject(list)) {
    throw new InvalidRequest('`contents` must be a list of contents with a role and parts.', 'contents');
  }
  for (const [at, content] of (Array.isArray(list) ? list : [list]).entries()) {
    readContent(reading, content, Array.isArray(list) ? `contents[${at}]` : 'contents');
  }
  return reading.messages;
}

/** Reads `systemInstruction`: a content whose role nobody looks at. */
export function readSystem(instruction: Json | undefined, unread: string[]): Message[] {
  if (typeof instruction === 'string') return [{ role: 'system', parts: [{ type: 'text', text: instruction }] }];
  const content = objectOf(instruction);
  if (content === undefined) return [];
  const parts = objectsOf(content['parts']).flatMap((part, at) => {
    return readPlainPart(part, `systemInstruction.parts[${at}]`, unread);
  });
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function readContent(reading: Reading, content: Json, path: string): void {
  const told: Json = typeof content === 'string' ? { parts: [{ text: content }] } : content;
  if (!isObject(told)) throw new InvalidRequest('A content is an object with `role` and `parts`.', path);
  const role = textOf(told['role']) ?? 'user';
  if (!ROLES.has(role))
    throw new InvalidRequest(`Please use a valid role: user, model (not "${role}").`, `${path}.role`);
  const { extras } = keepExtras(told, CONTENT_FIELDS, path, reading.unread);
  const parts = objectsOf(told['parts']);
  const first = reading.messages.length;
  if (role === 'model') readModelTurn(reading, parts, path);
  else readUserTurn(reading, parts, path);
  const message = reading.messages[first] ?? reading.messages.at(-1);
  if (extras !== undefined && message !== undefined) message.extras = { ...message.extras, ...extras };
}

function readModelTurn(reading: Reading, parts: JsonObject[], path: string): void {
  const last = reading.messages.at(-1);
  const message: Message = last?.role === 'assistant' ? last : { role: 'assistant', parts: [] };
  if (message !== last) reading.messages.push(message);
  for (const [at, part] of parts.entries()) {
    const call = objectOf(part['functionCall']);
    if (call !== undefined) readCall(reading, message, call, { part, path: `${path}.parts[${at}]` });
    else for (const read of readPlainPart(part, `${path}.parts[${at}]`, reading.unread)) append(message.parts, read);
  }
}

interface Around {
  part: JsonObject;
  path: string;
}

function readCall(reading: Reading, message: Message, call: JsonObject, { part: around, path }: Around): void {
  const name = textOf(call['name']);
  const { partial } = reading;
  if (partial !== undefined && name === undefined) {
    partial.call.add(call);
    partial.part.arguments = partial.call.text();
    if (call['willContinue'] !== true) reading.partial = undefined;
    return;
  }
  const opened = createPartialCall();
  opened.add(call);
  const id = textOf(call['id']) ?? callIdInHistory(reading.calls.length, name ?? '');
  const extras = keepExtras(around, CALL_FIELDS, path, reading.unread);
  const { extras: wording } = keepExtras(call, INNER_CALL_FIELDS, `${path}.functionCall`, reading.unread);
  const part: ToolCallPart = { type: 'tool-call', id, name: name ?? '', arguments: opened.text(), ...extras };
  if (wording !== undefined) part.wording = wording;
  const signature = textOf(around['thoughtSignature']);
  if (signature !== undefined) part.signature = signature;
  message.parts.push(part);
  reading.calls.push({ id, name: part.name, answered: false });
  reading.partial = call['willContinue'] === true ? { call: opened, part } : undefined;
}

/** Function responses become a message of their own, as most dialects want them. */
function readUserTurn(reading: Reading, parts: JsonObject[], path: string): void {
  let message: Message | undefined;
  for (const [at, part] of parts.entries()) {
    const response = objectOf(part['functionResponse']);
    const role = response === undefined ? 'user' : 'tool';
    const place = `${path}.parts[${at}]`;
    if (message?.role !== role) reading.messages.push((message = { role, parts: [] }));
    if (response === undefined) message.parts.push(...readPlainPart(part, place, reading.unread));
    else message.parts.push(readToolResult(response, answeredCall(reading, response), place, reading.unread));
  }
}

/** The call that a response answers: the one with its id, else the first of its name still open, else the first open one. */
function answeredCall(reading: Reading, response: JsonObject): { id: string; name: string } {
  const id = textOf(response['id']);
  const name = textOf(response['name']);
  const open = reading.calls.filter((call) => !call.answered);
  const fits = (one: Call) => one.name === name && (id === undefined || isMadeCallId(one.id));
  const call = open.find((one) => one.id === id) ?? open.find(fits) ?? (id === undefined ? open[0] : undefined);
  if (call !== undefined) call.answered = true;
  return {
    id: call?.id ?? id ?? callIdInHistory(reading.calls.length, name ?? ''),
    name: name ?? call?.name ?? '',
  };
}

function append(parts: Part[], part: Part): void {
  // A stream's last chunk often holds an empty text, which says nothing and which nobody takes back.
  if (part.type === 'text' && part.text === '' && isPlain(part)) return;
  const last = parts.at(-1);
  if (last?.type === 'text' && part.type === 'text' && isPlain(last) && isPlain(part)) last.text += part.text;
  else if (last?.type === 'reasoning' && part.type === 'reasoning' && isOpen(last) && continues(part)) {
    const { text, ...bound } = part;
    Object.assign(last, bound);
    if (text) last.text = (last.text ?? '') + text;
  } else parts.push(part);
}

function isPlain(part: TextPart): boolean {
  return part.signature === undefined && part.extras === undefined;
}

function isOpen(part: ReasoningPart): boolean {
  return part.signature === undefined && part.redacted === undefined && part.encrypted === undefined;
}

/** A thought goes on with the text after it, and ends with the signature that comes without a text of its own. */
function continues(part: ReasoningPart): boolean {
  return part.extras === undefined && (isOpen(part) || !part.text);
}
