import { isObject, type JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { readSchema } from './schema-read.ts';

/**
 * The schema as a Gemini client worded it (`parameters` of the function `name`, or `responseSchema`), if the request
 * still means the same by it: a guard may have changed the schema since.
 */
export function asWorded(
  request: ModelRequest,
  field: 'parameters' | 'responseSchema',
  name: string,
  schema: JsonObject | undefined,
): JsonObject | undefined {
  if (request.origin !== 'gemini' || schema === undefined) return undefined;
  const worded = request.wording?.[field];
  const own = field === 'parameters' && isObject(worded) ? worded[name] : worded;
  if (!isObject(own) || JSON.stringify(readSchema(own)) !== JSON.stringify(schema)) return undefined;
  return own;
}
