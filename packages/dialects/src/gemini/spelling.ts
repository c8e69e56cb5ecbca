import { isObject, type Json, type JsonObject } from '../json.ts';

/** Fields whose content belongs to the user: a name with an underscore in there is data, not spelling. */
const VERBATIM = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseJsonSchema',
  'responseSchema',
  'labels',
  'partMetadata',
  'headers',
]);

/**
 * The same request with every field in camelCase and without nulls: protobuf's JSON takes `max_output_tokens` and
 * `maxOutputTokens` alike, and null for a field that is not set.
 */
export function toCamelCase(body: JsonObject): JsonObject {
  const spelled: JsonObject = {};
  for (const [key, value] of Object.entries(body)) {
    const name = camel(key);
    if (value !== undefined && value !== null) spelled[name] = VERBATIM.has(name) ? value : spell(value);
  }
  return spelled;
}

export function camel(name: string): string {
  if (!name.includes('_')) return name;
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function spell(value: Json): Json {
  if (Array.isArray(value)) return value.map(spell);
  return isObject(value) ? toCamelCase(value) : value;
}
