/** Results of function calls. Gemini wants an object; others know text, images and an error flag. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Part, ToolResultPart } from '../request.ts';
import { objectOf, objectsOf, parseJson } from './fields.ts';
import { keepExtras, readPlainPart } from './read-part.ts';

const READ = new Set(['id', 'name', 'response', 'parts']);

/**
 * Reads a `functionResponse`. `{result: "text"}` is that text and `{error: …}` a failure; any other object stays JSON
 * text, so that `writeResponse` gives the same object again.
 */
export function readToolResult(
  response: JsonObject,
  call: { id: string; name: string },
  path: string,
  unread: string[],
): ToolResultPart {
  const value = objectOf(response['response']) ?? {};
  const isError = Object.keys(value).length === 1 && value['error'] !== undefined;
  const parts: Part[] = Object.keys(value).length === 0 ? [] : [{ type: 'text', text: textOfResponse(value) }];
  for (const [at, part] of objectsOf(response['parts']).entries()) {
    parts.push(...readPlainPart(part, `${path}.functionResponse.parts[${at}]`, unread));
  }
  const result: ToolResultPart = {
    type: 'tool-result',
    callId: call.id,
    name: call.name,
    parts,
    ...keepExtras(response, READ, `${path}.functionResponse`, unread),
  };
  return isError ? { ...result, isError } : result;
}

function textOfResponse(value: JsonObject): string {
  const [only, ...more] = Object.keys(value);
  if (more.length > 0) return JSON.stringify(value);
  const inner = value[only!];
  if ((only === 'result' || only === 'error') && typeof inner === 'string' && objectIn(inner) === undefined)
    return inner;
  if (only === 'error' && isObject(inner) && !isSole(inner, 'error')) return JSON.stringify(inner);
  return JSON.stringify(value);
}

/** The `response` object for the text of a result. */
export function writeResponse(text: string, isError: boolean): JsonObject {
  const told = objectIn(text);
  if (!isError) return told ?? { result: text };
  if (told !== undefined) return isSole(told, 'error') ? told : { error: told };
  return { error: text };
}

/** The JSON object that the text is, unless reading it would change it: big numbers lose digits. */
export function objectIn(text: string): JsonObject | undefined {
  if (!/^\s*\{/.test(text) || hasBigNumber(text)) return undefined;
  const value: Json | undefined = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** True if a whole number stands in the text (perhaps within a string) that a double would change. */
export function hasBigNumber(text: string): boolean {
  const found = text.match(/(?<![\w".])-?\d{16,}(?![\d.eE])/g) ?? [];
  return found.some((digits) => BigInt(digits) !== BigInt(Number(digits)));
}

function isSole(value: JsonObject, key: string): boolean {
  return Object.keys(value).length === 1 && value[key] !== undefined;
}
