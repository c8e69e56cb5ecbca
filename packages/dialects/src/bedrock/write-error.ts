import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { exceptionFrame } from './write-frame.ts';

const WRITTEN: Record<ModelErrorKind, { status: number; type: string }> = {
  'invalid-request': { status: 400, type: 'ValidationException' },
  'context-overflow': { status: 400, type: 'ValidationException' },
  'content-policy': { status: 400, type: 'ValidationException' },
  'too-large': { status: 413, type: 'ValidationException' },
  authentication: { status: 403, type: 'UnrecognizedClientException' },
  permission: { status: 403, type: 'AccessDeniedException' },
  billing: { status: 403, type: 'AccessDeniedException' },
  'not-found': { status: 404, type: 'ResourceNotFoundException' },
  timeout: { status: 408, type: 'ModelTimeoutException' },
  quota: { status: 400, type: 'ServiceQuotaExceededException' },
  'rate-limit': { status: 429, type: 'ThrottlingException' },
  server: { status: 500, type: 'InternalServerException' },
  overloaded: { status: 503, type: 'ServiceUnavailableException' },
  unavailable: { status: 503, type: 'ServiceUnavailableException' },
};

/** Exceptions that the stream of ConverseStream knows. */
const IN_STREAMS = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ValidationException',
  'ThrottlingException',
  'ServiceUnavailableException',
]);

const OVERFLOW_WORDING = 'Input is too long for requested model.';

/** The exception, named in the body, as the contract has no place for the header that the service names it in. */
export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const { status, type } = WRITTEN[error.kind];
  const body: JsonObject = { __type: type, message: writeMessage(error), requestId };
  if (error.original !== undefined) body['upstream'] = error.original;
  return { status, body };
}

export function writeStreamError(error: ModelError, requestId: string): string {
  const { __type: type, ...body } = writeError(error, requestId).body;
  const name = String(type);
  return exceptionFrame(IN_STREAMS.has(name) ? name : 'InternalServerException', body);
}

function writeMessage(error: ModelError): string {
  if (error.kind !== 'context-overflow' || /is too long/i.test(error.message)) return error.message;
  return `${OVERFLOW_WORDING} ${error.message}`;
}
