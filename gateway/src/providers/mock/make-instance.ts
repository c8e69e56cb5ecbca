import { isObject, type Json, type JsonObject } from '@xidao/dialects';

const DEEPEST = 6;

/** A small value that satisfies the JSON Schema, as far as it asks for what models are usually asked for. Recursion ends. */
export function makeInstance(schema: JsonObject, root: JsonObject = schema, depth = 0): Json {
  if (typeof schema['$ref'] === 'string') {
    const referred = depth > DEEPEST ? undefined : lookUp(root, schema['$ref']);
    return referred === undefined ? null : makeInstance(referred, root, depth + 1);
  }
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  const branch = firstBranch(schema);
  if (branch !== undefined) return makeInstance(branch, root, depth + 1);
  return makeTyped(schema, root, depth);
}

function firstBranch(schema: JsonObject): JsonObject | undefined {
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    const open = branches.filter(isObject);
    const branch =
      open.find(({ type }) => type === 'null') !== undefined ? open.find(({ type }) => type !== 'null') : open[0];
    if (branch !== undefined) return branch;
  }
  return undefined;
}

function makeTyped(schema: JsonObject, root: JsonObject, depth: number): Json {
  switch (typeOf(schema)) {
    case 'object':
      return makeObject(schema, root, depth);
    case 'array':
      return makeList(schema, root, depth);
    case 'integer':
    case 'number':
      return numberWithin(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return makeText(schema);
  }
}

function typeOf(schema: JsonObject): Json | undefined {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  if (type !== undefined) return type;
  return isObject(schema['properties']) ? 'object' : isObject(schema['items']) ? 'array' : undefined;
}

function makeObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : Object.keys(properties);
  const made: JsonObject = {};
  for (const name of depth > DEEPEST ? required : Object.keys(properties)) {
    const property = properties[String(name)];
    if (isObject(property)) made[String(name)] = makeInstance(property, root, depth + 1);
  }
  return made;
}

function makeList(schema: JsonObject, root: JsonObject, depth: number): Json[] {
  if (depth > DEEPEST) return [];
  const length = typeof schema['minItems'] === 'number' ? Math.min(schema['minItems'], 20) : 1;
  const items = isObject(schema['items']) ? schema['items'] : {};
  return Array.from({ length }, () => makeInstance(items, root, depth + 1));
}

function numberWithin(schema: JsonObject): number {
  const least =
    schema['minimum'] ?? (typeof schema['exclusiveMinimum'] === 'number' ? schema['exclusiveMinimum'] + 1 : undefined);
  if (typeof least === 'number') return typeOf(schema) === 'integer' ? Math.ceil(least) : least;
  const most = schema['maximum'];
  return typeof most === 'number' && most < 1 ? most : 1;
}

const FORMATS: Record<string, string> = {
  date: '2026-01-01',
  time: '12:00:00Z',
  'date-time': '2026-01-01T12:00:00Z',
  email: 'mock@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function makeText(schema: JsonObject): string {
  const text = (typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined) ?? 'mock';
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  const most = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Number.POSITIVE_INFINITY;
  return text.padEnd(Math.min(least, 10_000), 'x').slice(0, most);
}

function lookUp(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#')) return undefined;
  let at: Json | undefined = root;
  for (const step of reference.slice(1).split('/').filter(Boolean)) {
    at = isObject(at) ? at[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isObject(at) ? at : undefined;
}
