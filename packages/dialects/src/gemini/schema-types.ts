import type { Json, JsonObject } from '../json.ts';
import type { SchemaForm } from './schema-subset.ts';

/** The form that is written, and what it could not say. */
interface Losses {
  form: SchemaForm;
  lost: Set<string>;
}

/** `type`, `enum`, `const` and `nullable` together: each of them limits what the value may be. */
export function writeType(walk: Losses, schema: JsonObject, written: JsonObject): void {
  const named = asList(schema['type']).filter((type) => typeof type === 'string');
  const types = typeof schema['type'] === 'string' ? [schema['type']] : named;
  const values = valuesOf(schema);
  const nullable = types.includes('null') || schema['nullable'] === true || (values?.includes(null) ?? false);
  const others = types.filter((type) => type !== 'null');
  writeValues(walk, values, others, written);
  if (others.length === 0 && values !== undefined && written['enum'] !== undefined) {
    others.push(typeof asList(written['enum'])[0] === 'number' ? 'number' : 'string');
  }
  if (others.length > 1) {
    written['anyOf'] = [...others, ...(nullable ? ['null'] : [])].map((type) => ({ type: spell(walk, type) }));
  } else if (others.length === 0) {
    if (nullable) written['type'] = spell(walk, 'null');
  } else if (!nullable) {
    written['type'] = spell(walk, others[0]!);
  } else if (walk.form === 'openapi') {
    Object.assign(written, { type: spell(walk, others[0]!), nullable: true });
  } else {
    written['type'] = [others[0]!, 'null'];
  }
}

function valuesOf(schema: JsonObject): Json[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

function writeValues(walk: Losses, values: Json[] | undefined, types: string[], written: JsonObject): void {
  if (values === undefined) return;
  const told = values.filter((value) => value !== null);
  const fits = (value: Json) => typeof value === 'string' || (walk.form === 'json' && typeof value === 'number');
  if (told.length > 0 && told.every(fits)) {
    written['enum'] = told;
    return;
  }
  // `const: null` says no more than the type does; an empty list allows nothing, which no model could answer.
  if (told.length > 0) walk.lost.add('enum (not strings)');
  else if (values.length === 0) walk.lost.add('enum (empty)');
  if (types.length === 0 && told.length > 0) {
    const kind = typeof told[0];
    if (kind === 'boolean' || kind === 'number') types.push(kind);
  }
}

function spell(walk: Losses, type: string): string {
  return walk.form === 'openapi' ? type.toUpperCase() : type;
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
