import {
  type DialectName,
  dialects,
  isObject,
  type JsonObject,
  type ModelError,
  type PartialAnswer,
} from '@xidao/dialects';
import { asGatewayError, type GatewayError } from '../core/errors.ts';

/** What is told instead of an answer. */
export interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export function asModelError(error: GatewayError): ModelError {
  return {
    kind: error.kind,
    status: error.status,
    code: error.code,
    isOwn: true,
    message: error.message,
    ...(error.param !== undefined && { param: error.param }),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

/** The error in the words of the client's dialect. */
export function refuse(error: unknown, dialect: DialectName, id: string): Refusal {
  const known = asGatewayError(error);
  const { status: worded, body } = dialects[dialect].writeError(asModelError(known), id);
  // Money that is spent has another status in each vendor's API (docs/decisions/0010-spent-budgets.md).
  const status = known.kind === 'quota' ? worded : known.status;
  matchStatus(body, status);
  const headers: Record<string, string> = { 'content-type': 'application/json', ...known.headers };
  if (known.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(Math.ceil(known.retryAfterSeconds));
    headers['retry-after-ms'] = String(Math.ceil(known.retryAfterSeconds * 1000));
  }
  // Both official SDKs retry by status unless told otherwise; what will fail again should not come again.
  if (known.status < 500 && known.status !== 429 && known.status !== 408) headers['x-should-retry'] = 'false';
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Gemini tells the status in the body as well; the two must not differ. */
function matchStatus(body: JsonObject, status: number): void {
  const { error } = body;
  if (isObject(error) && typeof error['code'] === 'number') error['code'] = status;
}

/** The error as the frames that end a stream, with what the client has of the answer. */
export function refuseInStream(
  error: unknown,
  { dialect, id }: { dialect: DialectName; id: string },
  partial: PartialAnswer | undefined,
): string {
  const told = asModelError(asGatewayError(error));
  return dialects[dialect].writeStreamError(partial === undefined ? told : { ...told, partial }, id);
}
