import { placeOf } from '../client-words.ts';
import type { JsonObject } from '../json.ts';
import type { Message, Part } from '../request.ts';
import { SKIP_VALIDATION } from './signature.ts';
import { createPartWriter, type PartWriter } from './write-part.ts';
import type { Writing } from './write-request.ts';
import { createResultWriter, type ResultWriter } from './write-tool-result.ts';

export interface WrittenContents {
  contents: JsonObject[];
  systemInstruction?: JsonObject;
}

interface Writers {
  writing: Writing;
  parts: PartWriter;
  results: ResultWriter;
}

interface Turn {
  role: 'user' | 'model';
  parts: JsonObject[];
  extras?: JsonObject | undefined;
}

/**
 * Writes messages as `contents`, where user and model take turns, and leading system messages as `systemInstruction`.
 * A system message further on stays where it is, as marked text of the user: moving it up would change its meaning
 * and empty the prompt cache.
 */
export function writeContents(writing: Writing): WrittenContents {
  const { messages } = writing.request;
  const parts = createPartWriter(writing);
  const writers: Writers = { writing, parts, results: createResultWriter(writing, parts) };
  const firstOther = messages.findIndex((message) => !isSystem(message));
  const leading = firstOther < 0 ? messages.length : firstOther;
  const system = messages.slice(0, leading).flatMap((message, at) => writeSystem(writers, message, at));
  const contents = writeTurns(writers, leading);
  tellOnce(writing);
  if (contents.length > 0)
    return system.length === 0 ? { contents } : { contents, systemInstruction: { parts: system } };
  if (system.length === 0) return { contents };
  // Gemini wants at least one content.
  writing.notes.changed('messages: system→user, for want of another');
  return { contents: [{ role: 'user', parts: system }] };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

function writeSystem({ writing, parts }: Writers, message: Message, at: number): JsonObject[] {
  return message.parts.flatMap((part, index) => {
    if (part.type === 'text') return parts.write(part, placeOf(writing.request, at, index));
    writing.notes.dropped(`${placeOf(writing.request, at, index)} (${part.type} of the system)`);
    return [];
  });
}

function writeTurns(writers: Writers, leading: number): JsonObject[] {
  const { messages } = writers.writing.request;
  const turns: Turn[] = [];
  for (let at = leading; at < messages.length; at++) {
    const message = messages[at]!;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const written = writeMessage(writers, message, at);
    if (written.length === 0) continue;
    const last = turns.at(-1);
    const extras = writers.writing.request.origin === 'gemini' ? message.extras : undefined;
    if (last?.role === role && extras === undefined) last.parts.push(...written);
    else turns.push({ role, parts: written, extras });
  }
  for (const turn of turns) if (turn.role === 'model') signFirstCall(writers.writing, turn);
  return turns.map(({ role, parts, extras }) => ({
    role,
    parts: role === 'user' ? writers.results.inOrder(parts) : parts,
    ...extras,
  }));
}

function writeMessage(writers: Writers, message: Message, at: number): JsonObject[] {
  const { writing, parts, results } = writers;
  const { request } = writing;
  if (message.name !== undefined) writing.notes.dropped(`${placeOf(request, at)}.name`);
  const isLate = isSystem(message);
  if (isLate) writing.notes.changed(`${placeOf(request, at)} (${message.role}→user text)`);
  return message.parts.flatMap((part, index) => {
    const path = placeOf(request, at, index);
    if (part.type === 'tool-result') return results.write(part, path);
    if (part.type === 'tool-call') results.meet(part);
    return parts.write(isLate ? marked(part) : part, path);
  });
}

/** A system message in the user's mouth, told apart by a tag as Gemini's prompting guide recommends. */
function marked(part: Part): Part {
  return part.type === 'text' ? { type: 'text', text: `<system>\n${part.text}\n</system>` } : part;
}

/** Gemini 3 refuses a turn whose first call has no signature; a call of another model cannot have one. */
function signFirstCall({ traits }: Writing, turn: Turn): void {
  const first = turn.parts.find((part) => part['functionCall'] !== undefined);
  if (first === undefined || first['thoughtSignature'] !== undefined || !demandsSignatures(traits.model)) return;
  first['thoughtSignature'] = SKIP_VALIDATION;
}

/** True for Gemini 3 and for names that tell no generation (`gemini-flash-latest`). */
export function demandsSignatures(model: string): boolean {
  return /gemini/.test(model) && !/gemini-[12](?!\d)/.test(model);
}

/** Citations of earlier answers are many, and told once. */
function tellOnce({ request, notes }: Writing): void {
  const parts = request.messages.flatMap((message) => message.parts);
  if (parts.some((part) => part.type === 'text' && part.citations?.length)) notes.dropped('citations');
}
