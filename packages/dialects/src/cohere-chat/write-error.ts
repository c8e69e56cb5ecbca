import { KIND_STATUS } from '../chat-words.ts';
import type { ModelError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';

/** The error as this API words it: a bare message, and the id of the request. */
export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const overflow = error.kind === 'context-overflow' ? { error_type: 'TOO_MANY_TOKENS' } : {};
  const body: JsonObject = { ...overflow, id: requestId, message: error.message };
  return { status: KIND_STATUS[error.kind], body };
}

export function writeStreamError(error: ModelError, requestId: string): string {
  return sseFrame(JSON.stringify(writeError(error, requestId).body));
}
