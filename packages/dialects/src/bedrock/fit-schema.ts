import { ENFORCED_FORMATS, refuseRecursion, Unfit } from '../enforced-schema.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

export type Fitted = { schema: JsonObject; changes: string[] } | { unfit: string };

/** Keywords that the service's grammar knows (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html). */
const KNOWN = new Set(
  '$schema title description default type enum const properties required additionalProperties items anyOf $ref $defs definitions format minItems'.split(
    ' ',
  ),
);

/**
 * The schema as the service enforces it: every object closed, all else as it was. `unfit` says what in it cannot be
 * enforced: bounds, patterns, free keys, recursion. Such a schema goes another way rather than half of it here.
 */
export function fitSchema(schema: JsonObject): Fitted {
  const changes: string[] = [];
  try {
    refuseRecursion(schema);
    return { schema: close(schema, '', changes), changes };
  } catch (error) {
    if (error instanceof Unfit) return { unfit: error.message };
    throw error;
  }
}

function close(node: Json | undefined, path: string, changes: string[]): JsonObject {
  if (!isObject(node)) throw new Unfit(`${label(path)} that takes anything`);
  const closed: JsonObject = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    refuseKeyword(key, value, path);
    if (key === 'properties' || key === '$defs' || key === 'definitions') closed[key] = closeAll(value, path, changes);
    else if (key === 'items') closed[key] = close(value, `${path}items.`, changes);
    else if (key === 'anyOf' && Array.isArray(value)) closed[key] = value.map((branch) => close(branch, path, changes));
    else closed[key] = value;
  }
  const isObjectSchema = closed['type'] === 'object' || closed['properties'] !== undefined;
  if (isObjectSchema) closeObject(closed, path, changes);
  return closed;
}

function refuseKeyword(key: string, value: Json, path: string): void {
  const isFormat = key !== 'format' || (typeof value === 'string' && ENFORCED_FORMATS.has(value));
  const isLength = key !== 'minItems' || value === 0 || value === 1;
  if (!KNOWN.has(key) || !isFormat || !isLength) throw new Unfit(`${label(path)} ${key}`);
}

/** An object that is open by its nature, a map or one of any shape, cannot be enforced. */
function closeObject(closed: JsonObject, path: string, changes: string[]): void {
  const more = closed['additionalProperties'];
  if (isObject(more)) throw new Unfit(`${label(path)} with free keys`);
  if (closed['properties'] === undefined && more !== false) throw new Unfit(`${label(path)} of any shape`);
  if (more === true) changes.push(`${label(path)} additionalProperties true→false`);
  closed['additionalProperties'] = false;
}

function closeAll(schemas: Json, path: string, changes: string[]): JsonObject {
  if (!isObject(schemas)) throw new Unfit(`${label(path)} properties`);
  const closed: JsonObject = {};
  for (const [name, schema] of Object.entries(schemas)) closed[name] = close(schema, `${path}${name}.`, changes);
  return closed;
}

function label(path: string): string {
  return path === '' ? 'schema' : `schema ${path.slice(0, -1)}`;
}
