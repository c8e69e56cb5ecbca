import { isObject, type Json, type JsonObject } from '../json.ts';
import { numberOf } from './fields.ts';
import { camel } from './spelling.ts';

/** Protobuf writes these 64-bit counts as strings. */
const COUNTS = new Set(['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties']);
const SCHEMAS_BY_NAME = new Set(['properties', '$defs', 'defs']);

/** Gemini's `Schema` (a subset of OpenAPI 3.0, types in capitals) as JSON Schema. JSON Schema itself passes unchanged. */
export function readSchema(schema: JsonObject): JsonObject {
  const read: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    const key = name.startsWith('$') ? name : camel(name);
    if (value !== undefined && key !== 'nullable') read[key] = readKeyword(key, value);
  }
  if (read['type'] === 'type_unspecified') delete read['type'];
  // `format: "enum"` only says that there is an enum.
  if (read['format'] === 'enum') delete read['format'];
  return schema['nullable'] === true ? withNull(read) : read;
}

function readKeyword(key: string, value: Json): Json {
  if (key === 'type') return typeof value === 'string' ? value.toLowerCase() : value;
  if (COUNTS.has(key)) return numberOf(value) ?? value;
  if (SCHEMAS_BY_NAME.has(key) && isObject(value)) return readEach(value);
  if (key === 'anyOf' || key === 'oneOf' || key === 'allOf' || key === 'prefixItems') {
    return Array.isArray(value) ? value.map((one) => (isObject(one) ? readSchema(one) : one)) : value;
  }
  return (key === 'items' || key === 'additionalProperties') && isObject(value) ? readSchema(value) : value;
}

function readEach(schemas: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, isObject(schema) ? readSchema(schema) : schema]),
  );
}

function withNull(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema;
  if (typeof type === 'string') schema['type'] = [type, 'null'];
  else if (Array.isArray(anyOf)) schema['anyOf'] = [...anyOf, { type: 'null' }];
  if (Array.isArray(values) && !values.includes(null)) schema['enum'] = [...values, null];
  return schema;
}
