import type { z } from 'zod';

type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypes['_zod']['def'];

/** The keys that the schema knows at a path. Undefined: it is no section there, or its keys are free. */
export function knownKeys(schema: Schema, path: readonly PropertyKey[]): string[] | undefined {
  const keys = new Set<string>();
  for (const candidate of schemasAt(schema, path)) {
    const definition = definitionOf(candidate);
    if (definition.type === 'object') for (const key of Object.keys(definition.shape)) keys.add(key);
  }
  return keys.size > 0 ? [...keys] : undefined;
}

/** The schemas that a value at the path may meet; several where there are alternatives. */
function schemasAt(schema: Schema, path: readonly PropertyKey[]): Schema[] {
  return path.reduce<Schema[]>((schemas, step) => schemas.flatMap((one) => schemasUnder(one, step)), unwrap(schema));
}

function schemasUnder(schema: Schema, step: PropertyKey): Schema[] {
  const definition = definitionOf(schema);
  if (definition.type === 'array') return unwrap(definition.element);
  if (definition.type === 'record') return unwrap(definition.valueType);
  if (definition.type !== 'object') return [];
  const under = Object.hasOwn(definition.shape, step) ? definition.shape[String(step)] : definition.catchall;
  return under === undefined ? [] : unwrap(under);
}

function unwrap(schema: Schema): Schema[] {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
      return unwrap(definition.innerType);
    case 'pipe':
      return unwrap(definition.in);
    case 'union':
      return definition.options.flatMap(unwrap);
    default:
      return [schema];
  }
}

function definitionOf(schema: Schema): Definition {
  return schema._zod.def as Definition;
}
