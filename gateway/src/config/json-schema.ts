import { z } from 'zod';
import { configSchema } from './schema.ts';

export type JsonSchema = { [keyword: string]: unknown };

const reference = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}' };

/** The JSON Schema (draft 7, as editors understand it) of a configuration as it is written, environment references included. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as JsonSchema;
  return { ...(allowReferences(schema) as JsonSchema), title: 'XiDao Gateway configuration' };
}

/** A value that is not just any text may also be a `${VAR}` that becomes one. */
function allowReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(allowReferences);
  if (node === null || typeof node !== 'object') return node;
  const schema = node as JsonSchema;
  if (isPickyScalar(schema)) return widen(schema);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [
      keyword,
      keyword === 'propertyNames' || keyword === 'default' ? value : allowReferences(value),
    ]),
  );
}

function isPickyScalar(schema: JsonSchema): boolean {
  const { type } = schema;
  if (type === 'number' || type === 'integer' || type === 'boolean' || Array.isArray(schema['enum'])) return true;
  return type === 'string' && (schema['pattern'] !== undefined || schema['format'] !== undefined);
}

function widen({ description, title, default: fallback, ...narrow }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(title !== undefined && { title }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [narrow, reference],
  };
}
