import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { writePartial } from '../write-partial.ts';
import { defined } from './fields.ts';
import { writeUsage } from './usage.ts';

const WRITTEN: Record<ModelErrorKind, [status: number, name: string]> = {
  'invalid-request': [400, 'INVALID_ARGUMENT'],
  'context-overflow': [400, 'INVALID_ARGUMENT'],
  'content-policy': [400, 'INVALID_ARGUMENT'],
  authentication: [401, 'UNAUTHENTICATED'],
  permission: [403, 'PERMISSION_DENIED'],
  billing: [403, 'PERMISSION_DENIED'],
  'not-found': [404, 'NOT_FOUND'],
  'too-large': [413, 'INVALID_ARGUMENT'],
  'rate-limit': [429, 'RESOURCE_EXHAUSTED'],
  quota: [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  server: [500, 'INTERNAL'],
  unavailable: [503, 'UNAVAILABLE'],
};

/** What is told apart by its reason alone. */
const REASONS: Partial<Record<ModelErrorKind, string>> = {
  authentication: 'API_KEY_INVALID',
  'content-policy': 'CONTENT_POLICY',
};

/** What Gemini says when a prompt is too long; clients look for these words. */
const TOO_LONG = 'The input token count exceeds the maximum number of tokens allowed.';

/** The error as Google words it (google.rpc.Status as JSON), with the provider's own body in `error.upstream`. */
export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  // A plain 503 is a moment's trouble and no fault inside, whatever its host calls it.
  const [status, name] = WRITTEN[error.kind === 'server' && error.status === 503 ? 'unavailable' : error.kind];
  const details = detailsOf(error, requestId);
  const body = defined({ code: status, message: messageOf(error), status: name, details, upstream: error.original });
  return { status, body: { error: { ...body, ...writePartial(error, writeUsage) } } };
}

/** A frame that breaks a stream off; the official SDK throws on it. */
export function writeStreamError(error: ModelError, requestId: string): string {
  return `data: ${JSON.stringify(writeError(error, requestId).body)}\r\n\r\n`;
}

function messageOf({ kind, message }: ModelError): string {
  return kind === 'context-overflow' && !/token count.*exceeds/i.test(message) ? `${TOO_LONG} ${message}` : message;
}

function detailsOf(error: ModelError, requestId: string): Json[] {
  const details: Json[] = [{ '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId }];
  const reason = REASONS[error.kind] ?? error.code;
  if (reason !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' });
  }
  if (error.param !== undefined) {
    const fieldViolations = [{ field: error.param, description: error.message }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations });
  }
  if (error.retryAfterSeconds !== undefined) {
    const retryDelay = `${error.retryAfterSeconds}s`;
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  return details;
}
