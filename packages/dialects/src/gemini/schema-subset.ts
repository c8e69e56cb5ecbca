/**
 * JSON Schema within what Gemini takes. Two forms exist: `json` (`parametersJsonSchema`, `responseJsonSchema`), the
 * default, which knows `$defs`, `$ref`, `prefixItems` and `additionalProperties`, and `openapi` (`parameters`,
 * `responseSchema`), which refuses every field that its protobuf message lacks. Whatever does not fit is told in `lost`.
 * Sources: https://ai.google.dev/api/generate-content#FIELDS.response_json_schema and https://ai.google.dev/api/caching#Schema
 */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { canKeepRefs, countNodes, resolveRef } from './schema-refs.ts';
import { writeType } from './schema-types.ts';

export type SchemaForm = 'json' | 'openapi';

/** `lost` names the keywords that were left out or weakened, each once. */
export interface WrittenSchema {
  schema: JsonObject;
  lost: string[];
}

interface Walk {
  root: JsonObject;
  form: SchemaForm;
  keepsRefs: boolean;
  lost: Set<string>;
  /** Sub-schemas that may still be written: inlined definitions multiply, and memory must not follow. */
  left: number;
}

interface Place {
  depth: number;
  /** References being inlined around this place. */
  refs: readonly string[];
}

const MAX_DEPTH = 64;
const MAX_TURNS = 2;
const LEAST_BUDGET = 1_000;

/** Both forms carry these as they are. */
const CARRIED = new Set([
  'title',
  'description',
  'default',
  'example',
  'examples',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'propertyOrdering',
]);
/** Names and remarks: leaving them out changes nothing that a model could do. */
const IRRELEVANT = new Set(['$schema', '$id', 'id', '$anchor', '$comment', '$vocabulary', '$defs', 'definitions']);
/** The only string formats of the `Schema` message, and the number formats of OpenAPI. */
const OPENAPI_FORMATS = new Set(['date-time', 'int32', 'int64', 'float', 'double']);
const LOOK_AROUND = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;

/** Writes a schema in the form asked for. Ends for every schema, circles included, and stays within a size proportionate to the original. */
export function writeSchema(schema: JsonObject, form: SchemaForm): WrittenSchema {
  const keepsRefs = form === 'json' && canKeepRefs(schema);
  const walk: Walk = { root: schema, form, keepsRefs, lost: new Set(), left: LEAST_BUDGET + 2 * countNodes(schema) };
  const place: Place = { depth: 0, refs: [] };
  const written = convert(walk, schema, place);
  const defs = schema['$defs'];
  if (keepsRefs && isObject(defs)) written['$defs'] = convertEach(walk, defs, place);
  return { schema: written, lost: [...walk.lost] };
}

function convert(walk: Walk, schema: Json | undefined, place: Place): JsonObject {
  if (!isObject(schema)) {
    if (schema === false) walk.lost.add('false');
    return withoutType(walk, {});
  }
  if (--walk.left < 0 || place.depth > MAX_DEPTH) return cut(walk, schema, 'depth');
  const ref = schema['$ref'];
  if (typeof ref === 'string') return convertRef(walk, schema, ref, place);
  if (Array.isArray(schema['allOf'])) return convertAllOf(walk, schema, place);
  return convertPlain(walk, schema, place);
}

/** What remains of a schema too deep or too often repeated: its outer type, for the model to fill in. */
function cut(walk: Walk, schema: Json | undefined, why: string): JsonObject {
  walk.lost.add(why);
  const kept: JsonObject = {};
  if (isObject(schema)) {
    const { type, description } = schema;
    if (typeof type === 'string') kept['type'] = walk.form === 'openapi' ? type.toUpperCase() : type;
    if (typeof description === 'string') kept['description'] = description;
  }
  return withoutType(walk, kept);
}

function convertRef(walk: Walk, schema: JsonObject, ref: string, place: Place): JsonObject {
  const { $ref: _, ...beside } = schema;
  if (walk.keepsRefs) {
    // Nothing may stand beside a `$ref`; a description does so often, and moves one level out.
    const rest = convertPlain(walk, beside, place);
    return Object.keys(rest).length === 0 ? { $ref: ref } : { ...rest, anyOf: [{ $ref: ref }] };
  }
  const target = resolveRef(walk.root, ref);
  if (!isObject(target)) return { ...cut(walk, beside, '$ref'), ...convertPlain(walk, beside, place) };
  const merged = { ...target, ...beside };
  if (place.refs.filter((one) => one === ref).length >= MAX_TURNS) return cut(walk, merged, '$ref (recursive)');
  return convert(walk, merged, { depth: place.depth + 1, refs: [...place.refs, ref] });
}

function convertAllOf(walk: Walk, schema: JsonObject, place: Place): JsonObject {
  const { allOf, ...beside } = schema;
  let merged: JsonObject = beside;
  let refs = place.refs;
  for (const member of Array.isArray(allOf) ? allOf : []) {
    if (!isObject(member)) continue;
    const ref = member['$ref'];
    let part: JsonObject = member;
    if (typeof ref === 'string') {
      const target = resolveRef(walk.root, ref);
      if (!isObject(target) || refs.filter((one) => one === ref).length >= MAX_TURNS) {
        walk.lost.add('$ref (recursive)');
        continue;
      }
      const { $ref: _, ...more } = member;
      part = { ...target, ...more };
      refs = [...refs, ref];
    }
    merged = mergeSchemas(walk, merged, part);
  }
  return convert(walk, merged, { depth: place.depth + 1, refs });
}

/** Both schemas at once, as far as one object can say it. */
function mergeSchemas(walk: Walk, one: JsonObject, other: JsonObject): JsonObject {
  const merged: JsonObject = { ...other, ...one };
  const properties = { ...asObject(other['properties']), ...asObject(one['properties']) };
  if (Object.keys(properties).length > 0) merged['properties'] = properties;
  const required = new Set([...asList(one['required']), ...asList(other['required'])]);
  if (required.size > 0) merged['required'] = [...required];
  const all = [...asList(one['allOf']), ...asList(other['allOf'])];
  if (all.length > 0) merged['allOf'] = all;
  for (const key of Object.keys(one)) {
    if (key in other && !MERGED.has(key) && JSON.stringify(one[key]) !== JSON.stringify(other[key])) {
      walk.lost.add('allOf');
    }
  }
  return merged;
}

const MERGED = new Set(['properties', 'required', 'allOf', 'description', 'title']);

function convertPlain(walk: Walk, schema: JsonObject, place: Place): JsonObject {
  const inner: Place = { depth: place.depth + 1, refs: place.refs };
  const written: JsonObject = {};
  writeType(walk, schema, written);
  for (const [key, value] of Object.entries(schema)) {
    if (value !== undefined) writeKeyword(walk, { key, value, schema, written, inner });
  }
  writeRequired(walk, schema, written);
  return completed(walk, written);
}

interface Keyword {
  key: string;
  value: Json;
  schema: JsonObject;
  written: JsonObject;
  inner: Place;
}

function writeKeyword(walk: Walk, keyword: Keyword): void {
  const { key, value, schema, written, inner } = keyword;
  if (CARRIED.has(key)) {
    if (key === 'examples' && walk.form === 'openapi') walk.lost.add(key);
    else if (written[key] === undefined) written[key] = value; // an exclusive bound may have been there first
    return;
  }
  switch (key) {
    case 'type':
    case 'enum':
    case 'const':
    case 'nullable':
    case 'required':
      return;
    case 'properties':
      if (isObject(value)) written[key] = convertEach(walk, value, inner);
      return;
    case 'anyOf':
    case 'oneOf':
      writeAlternatives(walk, keyword);
      return;
    case 'items':
    case 'prefixItems':
      writeItems(walk, keyword);
      return;
    case 'additionalProperties':
      if (walk.form === 'openapi') walk.lost.add(key);
      else written[key] = isObject(value) ? convert(walk, value, inner) : value;
      return;
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      writeBound(walk, key, schema, written);
      return;
    case 'pattern':
      if (typeof value === 'string' && !LOOK_AROUND.test(value)) written[key] = value;
      else walk.lost.add('pattern (look-around)');
      return;
    case 'format':
      if (walk.form === 'json' || OPENAPI_FORMATS.has(String(value))) written[key] = value;
      else walk.lost.add(`format ${String(value)}`);
      return;
    default:
      if (!IRRELEVANT.has(key)) walk.lost.add(key);
  }
}

function convertEach(walk: Walk, schemas: JsonObject, inner: Place): JsonObject {
  const written: JsonObject = {};
  for (const [name, schema] of Object.entries(schemas)) {
    if (walk.left <= 0) {
      walk.lost.add('depth');
      break;
    }
    written[name] = convert(walk, schema, inner);
  }
  return written;
}

function writeAlternatives(walk: Walk, { key, value, written, inner }: Keyword): void {
  if (!Array.isArray(value)) return;
  const isOne = walk.form === 'openapi' && value.length === 2 && value.some(isNull);
  if (isOne) {
    // `anyOf: [x, null]` is how most generators say "optional".
    const only = value.find((one) => !isNull(one));
    Object.assign(written, { ...convert(walk, only, inner), ...written, nullable: true });
    return;
  }
  const alternatives: Json[] = value.slice(0, Math.max(0, walk.left)).map((one) => convert(walk, one, inner));
  if (alternatives.length === 0) {
    walk.lost.add(value.length === 0 ? key : 'depth');
    return;
  }
  if (key === 'oneOf' && walk.form === 'json') written[key] = alternatives;
  else {
    if (key === 'oneOf') walk.lost.add('oneOf→anyOf');
    if (written['anyOf'] !== undefined) walk.lost.add('anyOf');
    written['anyOf'] = alternatives;
  }
}

function isNull(schema: Json): boolean {
  return isObject(schema) && schema['type'] === 'null';
}

function writeItems(walk: Walk, { key, value, schema, written, inner }: Keyword): void {
  const tuple = Array.isArray(value) ? value.slice(0, Math.max(0, walk.left)) : undefined;
  if (tuple === undefined) {
    if (written['items'] === undefined && value !== false) written['items'] = convert(walk, value, inner);
    return;
  }
  const kinds: Json[] = tuple.map((one) => convert(walk, one, inner));
  if (walk.form === 'json') {
    written['prefixItems'] = kinds;
    return;
  }
  walk.lost.add(key === 'items' ? 'items (tuple)' : key);
  if (kinds.length > 0 && !isObject(schema['items'])) {
    written['items'] = kinds.length === 1 ? kinds[0]! : { anyOf: kinds };
  }
}

function writeBound(walk: Walk, key: string, schema: JsonObject, written: JsonObject): void {
  const isLower = key === 'exclusiveMinimum';
  const inclusive = isLower ? 'minimum' : 'maximum';
  // Draft 4 has `exclusiveMinimum: true` beside `minimum`.
  const bound = schema[key] === true ? schema[inclusive] : schema[key];
  if (typeof bound !== 'number') return;
  const step = schema['type'] === 'integer' && Number.isInteger(bound) ? (isLower ? 1 : -1) : 0;
  if (step === 0) walk.lost.add(`${key}→${inclusive}`);
  const told = schema[key] === true ? undefined : schema[inclusive];
  const moved = bound + step;
  written[inclusive] = typeof told !== 'number' ? moved : isLower ? Math.max(told, moved) : Math.min(told, moved);
}

/** Gemini refuses to require a property that it does not know. */
function writeRequired(walk: Walk, schema: JsonObject, written: JsonObject): void {
  const required = asList(schema['required']).filter((name) => typeof name === 'string');
  if (required.length === 0) return;
  const properties = asObject(written['properties']);
  const known = required.filter((name) => Object.hasOwn(properties, name));
  if (known.length < required.length) walk.lost.add('required (undeclared)');
  if (known.length > 0) written['required'] = known;
}

function completed(walk: Walk, written: JsonObject): JsonObject {
  if (walk.form === 'json') return written;
  if (written['type'] === 'ARRAY' && written['items'] === undefined) {
    walk.lost.add('items (any)');
    written['items'] = { type: 'STRING' };
  }
  return withoutType(walk, written);
}

/** The OpenAPI form has no word for "anything"; a type that is evident from the rest is filled in. */
function withoutType(walk: Walk, written: JsonObject): JsonObject {
  if (walk.form === 'json' || written['type'] !== undefined || written['anyOf'] !== undefined) return written;
  if (written['properties'] !== undefined) return { type: 'OBJECT', ...written };
  if (written['items'] !== undefined) return { type: 'ARRAY', ...written };
  walk.lost.add('type (any)');
  return { type: 'STRING', ...written };
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
