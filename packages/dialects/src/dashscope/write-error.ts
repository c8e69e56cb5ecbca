import { KIND_STATUS } from '../chat-words.ts';
import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { JsonObject } from '../json.ts';

const CODES: Partial<Record<ModelErrorKind, string>> = {
  'content-policy': 'DataInspectionFailed',
  authentication: 'InvalidApiKey',
  permission: 'AccessDenied',
  billing: 'Arrearage',
  'not-found': 'ModelNotFound',
  'rate-limit': 'Throttling.RateQuota',
  quota: 'Throttling.AllocationQuota',
  overloaded: 'ServiceUnavailable',
  unavailable: 'ServiceUnavailable',
  timeout: 'RequestTimeOut',
  server: 'InternalError',
};

export function writeError(error: ModelError, requestId: string): { status: number; body: JsonObject } {
  const code = CODES[error.kind] ?? 'InvalidParameter';
  return { status: KIND_STATUS[error.kind], body: { code, message: error.message, request_id: requestId } };
}

export function writeStreamError(error: ModelError, requestId: string): string {
  const { status, body } = writeError(error, requestId);
  return `event:error\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(body)}\n\n`;
}
