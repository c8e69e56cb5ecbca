/** Errors in the words of OpenAI's API, as its clients read them. */

import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';
import { writePartial } from '../write-partial.ts';
import { given } from './fields.ts';
import { responseId } from './response-object.ts';
import { writeUsage } from './usage.ts';

interface Wording {
  status: number;
  type: string;
  code: string | null;
}

const WORDING: Record<ModelErrorKind, Wording> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', code: null },
  'context-overflow': { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  'content-policy': { status: 400, type: 'invalid_request_error', code: 'content_filter' },
  authentication: { status: 401, type: 'authentication_error', code: 'invalid_api_key' },
  permission: { status: 403, type: 'permission_error', code: 'permission_denied' },
  // OpenAI's clients know no 402: a spent account is told as a quota.
  billing: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  'too-large': { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  'rate-limit': { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  quota: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  overloaded: { status: 503, type: 'server_error', code: 'server_is_overloaded' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
  server: { status: 500, type: 'server_error', code: 'server_error' },
  unavailable: { status: 503, type: 'server_error', code: 'upstream_error' },
};
/** Kinds whose own code says more than ours. */
const KEEPS_CODE: ReadonlySet<ModelErrorKind> = new Set([
  'invalid-request',
  'content-policy',
  'permission',
  'not-found',
]);

/** The status and body that a client of OpenAI's API expects; what the provider said stands in `error.upstream`. */
export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const wording = WORDING[error.kind];
  const status = error.kind === 'server' && error.status > 500 && error.status < 600 ? error.status : wording.status;
  return {
    status: status === 529 ? 503 : status,
    body: {
      error: given<JsonObject>({
        message: messageOf(error),
        type: wording.type,
        param: error.param ?? null,
        code: codeOf(error),
        request_id: requestId,
        upstream: error.original,
      }),
    },
  };
}

/** The frames that end a stream: OpenAI tells `error` first and `response.failed` after it. */
export function writeStreamError(error: ModelError, requestId: string): string {
  const response: JsonObject = {
    id: responseId(requestId),
    object: 'response',
    status: 'failed',
    error: responseError(error),
    output: [],
  };
  return streamErrorFrames(error, response, 0);
}

export function streamErrorFrames(error: ModelError, response: JsonObject, sequenceNumber: number): string {
  const told = { type: 'error', code: codeOf(error), message: messageOf(error), param: error.param ?? null };
  const partial = writePartial(error, writeUsage);
  return (
    sseFrame(JSON.stringify({ ...told, ...partial, sequence_number: sequenceNumber }), 'error') +
    sseFrame(
      JSON.stringify({ type: 'response.failed', response, sequence_number: sequenceNumber + 1 }),
      'response.failed',
    )
  );
}

/** `response.error`; here `code` is never null. */
export function responseError(error: ModelError): JsonObject {
  return { code: codeOf(error) ?? 'invalid_prompt', message: messageOf(error), ...writePartial(error, writeUsage) };
}

function codeOf(error: ModelError): string | null {
  if (error.isOwn && error.code !== undefined) return error.code;
  const { code } = WORDING[error.kind];
  // Some hosts tell the HTTP status as the code; a word is wanted.
  return KEEPS_CODE.has(error.kind) && error.code !== undefined && /^[a-z_]+$/i.test(error.code) ? error.code : code;
}

/** Coding agents read the waiting time out of the message. */
function messageOf(error: ModelError): string {
  const { retryAfterSeconds, message } = error;
  if (error.kind !== 'rate-limit' || retryAfterSeconds === undefined || /try again in/i.test(message)) return message;
  return `${message.replace(/\s*$/, '')} Please try again in ${Number(retryAfterSeconds.toFixed(3))}s.`;
}
