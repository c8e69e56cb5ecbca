import { readError as readCommonError, readErrorObject as readCommonObject } from '../chat-words.ts';
import type { ModelError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';

/** Reads an error body: a bare `message`, with an `error_type` at times, and the `id` of the request. Never throws. */
export function readError(
  status: number,
  body: string,
  headers: Record<string, string | string[] | undefined>,
): ModelError {
  const error = readCommonError(status, body, headers);
  const id = error.requestId ?? idIn(body);
  if (id !== undefined) error.requestId = id;
  return error;
}

/** Reads an error that came inside a stream or a document of status 200. */
export function readErrorObject(body: JsonObject): ModelError {
  return readCommonObject(body);
}

function idIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) && typeof parsed['id'] === 'string' ? parsed['id'] : undefined;
  } catch {
    return undefined;
  }
}
