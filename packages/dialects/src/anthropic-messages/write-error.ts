import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';
import { writePartial } from '../write-partial.ts';
import { writeUsage } from './usage.ts';

const WRITTEN: Record<ModelErrorKind, { status: number; type: string }> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  'context-overflow': { status: 400, type: 'invalid_request_error' },
  'content-policy': { status: 400, type: 'invalid_request_error' },
  authentication: { status: 401, type: 'authentication_error' },
  billing: { status: 402, type: 'billing_error' },
  // Money again, not pace: a client that tried again would only be refused again.
  quota: { status: 402, type: 'billing_error' },
  permission: { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  'too-large': { status: 413, type: 'request_too_large' },
  'rate-limit': { status: 429, type: 'rate_limit_error' },
  server: { status: 500, type: 'api_error' },
  unavailable: { status: 503, type: 'api_error' },
  timeout: { status: 504, type: 'timeout_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
};

/** Agents compact their conversation on this wording, and on no other. */
const OVERFLOW_WORDING = 'prompt is too long';

/** How this API says that a filter refused; nothing but the words tells it from any other bad request. */
const FILTER_WORDING = 'content filtering policy';

export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const { status, type } = WRITTEN[error.kind];
  const inner: JsonObject = { type, message: writeMessage(error) };
  if (error.code !== undefined) inner['details'] = { error_code: error.code };
  if (error.original !== undefined) inner['upstream'] = error.original;
  Object.assign(inner, writePartial(error, writeUsage));
  return { status: keptStatus(error) ?? status, body: { type: 'error', error: inner, request_id: requestId } };
}

export function writeStreamError(error: ModelError, requestId: string): string {
  return sseFrame(JSON.stringify(writeError(error, requestId).body), 'error');
}

function writeMessage(error: ModelError): string {
  switch (error.kind) {
    case 'context-overflow':
      return error.message.includes(OVERFLOW_WORDING) ? error.message : `${OVERFLOW_WORDING}: ${error.message}`;
    case 'content-policy':
      return error.message.includes(FILTER_WORDING) ? error.message : `Blocked by ${FILTER_WORDING}: ${error.message}`;
    default:
      return error.message;
  }
}

/** A provider's own 5xx says more than the kind's: 502 and 503 are known to every client. */
function keptStatus({ kind, status }: ModelError): number | undefined {
  const isPlainServerError = (kind === 'server' || kind === 'unavailable') && status >= 500 && status < 600;
  return isPlainServerError && status !== 529 ? status : undefined;
}
