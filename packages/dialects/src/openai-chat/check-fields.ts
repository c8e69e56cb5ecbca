import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';

/** Readers of one field that answer in OpenAI's own wording when the type is wrong. Null counts as absent, as official clients send it. */

export function readString(body: JsonObject, name: string, path = name): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(path, 'a string', value);
}

export function readNumber(body: JsonObject, name: string, path = name): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'number') return value;
  throw wrongType(path, 'a decimal', value);
}

export function readInteger(body: JsonObject, name: string, path = name): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || Number.isInteger(value)) return value as number | undefined;
  throw wrongType(path, 'an integer', value);
}

export function readBoolean(body: JsonObject, name: string, path = name): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(path, 'a boolean', value);
}

export function readObject(body: JsonObject, name: string, path = name): JsonObject | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw wrongType(path, 'an object', value);
}

export function readList(body: JsonObject, name: string, path = name): Json[] | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongType(path, 'an array of objects', value);
}

export function requireString(body: JsonObject, name: string, path: string): string {
  const value = readString(body, name, path);
  if (value === undefined) throw missing(path);
  return value;
}

export function requireObject(value: Json | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw value === undefined || value === null ? missing(path) : wrongType(path, 'an object', value);
}

export function missing(path: string): InvalidRequest {
  return new InvalidRequest(`Missing required parameter: '${path}'.`, path);
}

export function wrongType(path: string, expected: string, value: unknown): InvalidRequest {
  return new InvalidRequest(
    `Invalid type for '${path}': expected ${expected}, but got ${kindOf(value)} instead.`,
    path,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}

/** The fields that no reader took and that say something, or nothing at all. */
export function restOf(body: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (known.has(name) || value === null || value === undefined) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest;
}
