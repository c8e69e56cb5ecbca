/** Reading JSON fields that may be of any type, and leaving out those that are not there. */

import { isObject, type Json, type JsonObject } from '../json.ts';

/** The same object without its undefined fields. */
export function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept as T;
}

export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The objects among the items of a list; nothing for anything else. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The fields of `item` besides the named ones, null and undefined left out; undefined if none remain. */
export function fieldsBesides(item: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const [key, value] of Object.entries(item)) {
    if (known.has(key) || value === undefined || value === null) continue;
    rest ??= {};
    rest[key] = value;
  }
  return rest;
}

/** The list without what was left undefined. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
