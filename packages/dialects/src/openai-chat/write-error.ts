import type { ModelError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';
import { writePartial } from '../write-partial.ts';
import { writeUsage } from './usage.ts';

interface Words {
  status: number;
  type: string;
  code: string | null;
}

/** The error as OpenAI's clients know it: the status and code decide whether they retry, compact or give up. */
export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const { status, type, code: usual } = wordsFor(error);
  const code = error.isOwn ? (error.code ?? usual) : usual;
  const inner: JsonObject = { message: messageFor(error), type, param: error.param ?? null, code };
  if (requestId !== '') inner['request_id'] = requestId;
  if (error.original !== undefined) inner['upstream'] = original(error.original);
  Object.assign(inner, writePartial(error, writeUsage));
  return { status, body: { error: inner } };
}

/** One frame; clients raise on it, and no `[DONE]` may follow. */
export function writeStreamError(error: ModelError, requestId: string): string {
  return sseFrame(JSON.stringify(writeError(error, requestId).body));
}

function wordsFor({ kind, status, code }: ModelError): Words {
  switch (kind) {
    case 'invalid-request':
      return {
        status: status >= 400 && status < 500 ? status : 400,
        type: 'invalid_request_error',
        code: code ?? null,
      };
    case 'context-overflow':
      return { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' };
    case 'content-policy':
      return { status: 400, type: 'invalid_request_error', code: 'content_filter' };
    case 'authentication':
      return { status: 401, type: 'authentication_error', code: 'invalid_api_key' };
    case 'permission':
      return { status: 403, type: 'permission_error', code: code ?? null };
    case 'billing':
    case 'quota':
      return { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' };
    case 'not-found':
      return { status: 404, type: 'invalid_request_error', code: 'model_not_found' };
    case 'too-large':
      return { status: 413, type: 'invalid_request_error', code: 'request_too_large' };
    case 'rate-limit':
      return { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' };
    case 'overloaded':
      return { status: 503, type: 'server_error', code: 'overloaded' };
    case 'timeout':
      return { status: status === 408 ? 408 : 504, type: 'timeout', code: 'timeout' };
    case 'unavailable':
      return { status: 503, type: 'server_error', code: 'no_healthy_provider' };
    case 'server':
      return { status: status >= 500 && status < 600 ? status : 502, type: 'server_error', code: 'upstream_error' };
  }
}

/** Codex reads the wait from the words `try again in 12.3s`, and nowhere else. */
function messageFor({ kind, message, retryAfterSeconds }: ModelError): string {
  if (kind !== 'rate-limit' || retryAfterSeconds === undefined) return message;
  if (/try again in\s*\d+(\.\d+)?\s*(s|ms|seconds?)/i.test(message)) return message;
  return `${message.trimEnd()} Please try again in ${Math.round(retryAfterSeconds * 1000) / 1000}s.`;
}

function original(body: string): Json {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : body;
  } catch {
    return body;
  }
}
