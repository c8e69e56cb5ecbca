import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

export interface Answer {
  status: number;
  /** A text is sent as it is and names its own `content-type`; everything else as JSON. */
  body: unknown;
  headers?: Record<string, string>;
}

const TYPES: Partial<Record<GatewayError['kind'], string>> = {
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
};

/** The error as the management API tells it. What is not the gateway's own keeps its message to itself: that may hold anything. */
export function asRefusal(error: unknown, id: string): Answer {
  const known =
    error instanceof GatewayError
      ? error
      : new GatewayError('internal_error', `The gateway failed at this request. Its log has the details under ${id}.`);
  const { status, code, message, param = null } = known;
  const type = TYPES[known.kind] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return {
    status,
    body: { error: { message, type, code, param } },
    headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {},
  };
}

export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  id: string,
): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // Answers may hold a new secret.
    'cache-control': 'no-store',
    'x-request-id': id,
    ...headers,
    // What is still coming of a body that nobody wants is not read on.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
  if (!request.complete) request.resume();
}
