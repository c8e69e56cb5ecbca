import { KIND_STATUS } from '../chat-words.ts';
import type { ModelError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { jsonLine } from '../ndjson.ts';

/** The error as this API words it: one string. */
export function writeError(error: ModelError, _requestId: string): { status: number; body: JsonObject } {
  return { status: KIND_STATUS[error.kind], body: { error: error.message } };
}

export function writeStreamError(error: ModelError): string {
  return jsonLine(writeError(error, '').body);
}
