import { ENFORCED_FORMATS, refuseRecursion, Unfit } from '../enforced-schema.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

/**
 * The part of JSON Schema that Anthropic holds answers and strict tools to: closed objects, primitive enums, `anyOf`,
 * local `$ref` without recursion, a few string formats, `minItems` 0 or 1
 * (https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
 */
export type Narrowed = { schema: JsonObject; changes: string[] } | { unfit: string };

const KEPT = new Set(['title', 'description', 'default', 'required', '$defs', 'definitions']);

/** The schema within the subset. Keywords outside of it move into the description; `unfit` says what cannot be said at all. */
export function narrowSchema(schema: JsonObject): Narrowed {
  const changes: string[] = [];
  try {
    refuseRecursion(schema);
    return { schema: narrow(schema, '', changes), changes };
  } catch (error) {
    if (error instanceof Unfit) return { unfit: error.message };
    throw error;
  }
}

function narrow(node: Json | undefined, path: string, changes: string[]): JsonObject {
  if (!isObject(node)) throw new Unfit(`${label(path)} that takes anything`);
  if (typeof node['$ref'] === 'string') {
    return { ...definitionsOf(node, path, changes), $ref: node['$ref'] };
  }
  if (Array.isArray(node['allOf'])) return narrowAllOf(node, node['allOf'], path, changes);
  if (Array.isArray(node['type'])) return narrowTypeList(node, node['type'], path, changes);

  const kept: JsonObject = {};
  const moved: JsonObject = {};
  const type = node['type'] ?? (isObject(node['properties']) ? 'object' : undefined);
  const literals = primitiveLiterals(node);
  const isLiteral = Object.keys(literals).length > 0;
  Object.assign(kept, literals, definitionsOf(node, path, changes));
  const union = unionOf(node, path, changes);
  Object.assign(kept, union);
  if (isLiteral && typeof type === 'string') kept['type'] = type;
  if (!isLiteral && Object.keys(union).length === 0) {
    if (typeof type !== 'string') throw new Unfit(`${label(path)} that takes anything`);
    kept['type'] = type;
  }
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined || key in kept || key === 'type' || key === '$schema' || key === 'oneOf') continue;
    if (KEPT.has(key) || keepsKeyword(type, key, value, kept, path, changes)) kept[key] ??= value;
    else moved[key] = value;
  }
  if (type === 'object') closeObject(node, kept, path, changes);
  return described(kept, moved, path, changes);
}

/** Generators wrap a single schema so, to put a description beside it. Several closed objects at once fit nothing. */
function narrowAllOf(node: JsonObject, branches: Json[], path: string, changes: string[]): JsonObject {
  const { allOf: _allOf, ...rest } = node;
  const [only] = branches;
  if (branches.length !== 1 || !isObject(only)) throw new Unfit(`${label(path)} allOf`);
  return narrow({ ...only, ...rest }, path, changes);
}

/** `type: ["string", "null"]` is one branch for each type. */
function narrowTypeList(node: JsonObject, types: Json[], path: string, changes: string[]): JsonObject {
  const { type: _type, title, description, default: standard, enum: values, ...rest } = node;
  const about = { title, description, default: standard };
  const shared: JsonObject = {};
  for (const [key, value] of Object.entries(about)) if (value !== undefined) shared[key] = value;
  if (Array.isArray(values)) return narrow({ ...shared, enum: values }, path, changes);
  const branches = types.map((type) => narrow(type === 'null' ? { type } : { ...rest, type }, path, changes));
  return { ...shared, anyOf: branches };
}

function primitiveLiterals(node: JsonObject): JsonObject {
  const literals: JsonObject = {};
  const isPrimitive = (value: Json | undefined) => value === null || typeof value !== 'object';
  if (Array.isArray(node['enum']) && node['enum'].length > 0 && node['enum'].every(isPrimitive)) {
    literals['enum'] = node['enum'];
  }
  if (node['const'] !== undefined && isPrimitive(node['const'])) literals['const'] = node['const'];
  return literals;
}

function definitionsOf(node: JsonObject, path: string, changes: string[]): JsonObject {
  const found: JsonObject = {};
  for (const holder of ['$defs', 'definitions']) {
    const definitions = node[holder];
    if (!isObject(definitions)) continue;
    found[holder] = mapSchemas(definitions, `${path}${holder}.`, changes);
  }
  return found;
}

function unionOf(node: JsonObject, path: string, changes: string[]): JsonObject {
  for (const key of ['anyOf', 'oneOf']) {
    const branches = node[key];
    if (!Array.isArray(branches)) continue;
    if (key === 'oneOf') changes.push(`${label(path)} oneOf→anyOf`);
    const written = branches.map((branch, index) => narrow(branch, `${path}${key}[${index}].`, changes));
    return { anyOf: written };
  }
  return {};
}

function keepsKeyword(
  type: Json | undefined,
  key: string,
  value: Json,
  kept: JsonObject,
  path: string,
  changes: string[],
): boolean {
  if (type === 'object') {
    if (key === 'properties' && isObject(value)) kept[key] = mapSchemas(value, path, changes);
    return key === 'properties' || key === 'additionalProperties';
  }
  if (type === 'array') {
    if (key === 'items') kept[key] = narrow(value, `${path}items.`, changes);
    return key === 'items' || (key === 'minItems' && (value === 0 || value === 1));
  }
  return type === 'string' && key === 'format' && typeof value === 'string' && ENFORCED_FORMATS.has(value);
}

/** An object must be closed. One that is open by its nature (a map, any object) cannot be said. */
function closeObject(node: JsonObject, kept: JsonObject, path: string, changes: string[]): void {
  const more = node['additionalProperties'];
  if (isObject(more)) throw new Unfit(`${label(path)} with free keys`);
  if (!isObject(node['properties']) && more !== false) throw new Unfit(`${label(path)} of any shape`);
  if (more === true) changes.push(`${label(path)} additionalProperties true→false`);
  kept['properties'] ??= {};
  kept['additionalProperties'] = false;
}

function described(kept: JsonObject, moved: JsonObject, path: string, changes: string[]): JsonObject {
  const keys = Object.keys(moved);
  if (keys.length === 0) return kept;
  changes.push(`${label(path)} ${keys.join(', ')}→description`);
  const note = `{${keys.map((key) => `${key}: ${JSON.stringify(moved[key])}`).join(', ')}}`;
  const before = typeof kept['description'] === 'string' ? `${kept['description']}\n\n` : '';
  return { ...kept, description: before + note };
}

function mapSchemas(schemas: JsonObject, path: string, changes: string[]): JsonObject {
  const narrowed: JsonObject = {};
  for (const [name, schema] of Object.entries(schemas)) narrowed[name] = narrow(schema, `${path}${name}.`, changes);
  return narrowed;
}

function label(path: string): string {
  return path === '' ? 'schema' : `schema ${path.slice(0, -1)}`;
}
