/**
 * Every way in which the gateway itself says no. Codes are stable and documented in docs/reference/errors.md, which is
 * generated from this list; the dialect's wording is found at the rim (http/refusal.ts).
 */

import { InvalidRequest, type ModelErrorKind } from '@xidao/dialects';

interface ErrorKind {
  status: number;
  kind: ModelErrorKind;
  /** For the reference page: when it happens and what to do. */
  meaning: string;
}

export const ERRORS = {
  invalid_json: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'The body is not the JSON object that it should be. The message names the position.',
  },
  invalid_request: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'A field is missing or has the wrong type; `param` names it.',
  },
  unsupported_content_encoding: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'The body is compressed in a way that is not known. Use gzip, deflate, br, zstd or none.',
  },
  corrupt_body: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'The body could not be decompressed, or ended early.',
  },
  missing_model: { status: 400, kind: 'invalid-request', meaning: 'The body names no `model`.' },
  key_in_query: {
    status: 401,
    kind: 'authentication',
    meaning: 'The key stood in the URL, where logs and proxies keep it. Send it as a header, and replace it.',
  },
  missing_api_key: {
    status: 401,
    kind: 'authentication',
    meaning: 'No key was sent. Use `Authorization: Bearer xd-…` or `x-api-key`.',
  },
  invalid_api_key: { status: 401, kind: 'authentication', meaning: 'The key is not known here.' },
  revoked_api_key: { status: 401, kind: 'authentication', meaning: 'The key was revoked or replaced.' },
  expired_api_key: { status: 401, kind: 'authentication', meaning: 'The key is past its expiry.' },
  not_allowed: { status: 403, kind: 'permission', meaning: 'The credential is good, but not for this.' },
  model_not_allowed: { status: 403, kind: 'permission', meaning: 'The key may not use this model.' },
  model_not_found: {
    status: 404,
    kind: 'not-found',
    meaning: 'No configured provider serves this model. The message names the nearest ones.',
  },
  previous_response_not_found: {
    status: 404,
    kind: 'not-found',
    meaning:
      "`previous_response_id` names no response that this key can go on from: it was never kept (`store: false`), was deleted or has expired, belongs to another key, or to another provider than the model's.",
  },
  response_not_found: {
    status: 404,
    kind: 'not-found',
    meaning:
      'This key has no kept response of that id. Kept here are answers of providers that do not speak the Responses API; others lie with their provider.',
  },
  operation_not_supported: {
    status: 400,
    kind: 'invalid-request',
    meaning: 'No target of the model offers this operation or can be asked in this dialect.',
  },
  path_not_found: {
    status: 404,
    kind: 'not-found',
    meaning: 'There is nothing at this path. The message names the nearest one.',
  },
  method_not_allowed: { status: 405, kind: 'invalid-request', meaning: 'The path is there, but not for this method.' },
  request_too_large: {
    status: 413,
    kind: 'too-large',
    meaning: 'The body is over `server.body_limit`, before or after decompression.',
  },
  request_timeout: { status: 408, kind: 'timeout', meaning: 'The client did not send its request in time.' },
  upgrade_not_supported: {
    status: 426,
    kind: 'invalid-request',
    meaning: 'WebSockets are not served; the same call works over plain HTTP.',
  },
  headers_too_large: { status: 431, kind: 'invalid-request', meaning: 'The request line and headers are over 16 KB.' },
  thread_unsupported_request: {
    status: 400,
    kind: 'invalid-request',
    meaning:
      'The call continues a thread that its own provider keeps, and another provider was to answer. Clients that know the code send the whole conversation instead.',
  },
  translation_lossy: {
    status: 400,
    kind: 'invalid-request',
    meaning:
      'With `x-xidao-strict: true` or `models.NAME.strict`: no target can carry everything that was asked for. The message lists what.',
  },
  image_fetch_failed: {
    status: 400,
    kind: 'invalid-request',
    meaning:
      'An image or file stands at an address that the model does not open itself, and the gateway could not or must not fetch it. `param` is its place, the message the reason.',
  },
  rate_limit_exceeded: {
    status: 429,
    kind: 'rate-limit',
    meaning:
      'A limit on requests, tokens or concurrent calls is used up. The message names it, `retry-after` the wait.',
  },
  budget_exceeded: {
    status: 402,
    kind: 'quota',
    meaning:
      "A budget has no money left for the call, or the call may cost more than its `X-Budget-Limit`. The message names the budget, its amount, what is used and when it starts anew. In the words of the client's API: 429 `insufficient_quota` for OpenAI's and Gemini's clients, 402 `billing_error` for Anthropic's. Trying again is in vain, and `x-should-retry: false` says so.",
  },
  price_unknown: {
    status: 403,
    kind: 'permission',
    meaning:
      'The price of the model is not known, and a budget that cannot be kept without it is set to refuse such calls (`budgets.unpriced`), or the call has an `X-Budget-Limit`.',
  },
  limits_unavailable: {
    status: 503,
    kind: 'unavailable',
    meaning: 'Redis, which holds the limits, cannot be reached, and `rate_limit.on_redis_failure` is `fail_closed`.',
  },
  store_unavailable: {
    status: 503,
    kind: 'unavailable',
    meaning: 'The database does not answer, and what was asked for cannot be done without it. Calls go on.',
  },
  upstream_error: {
    status: 502,
    kind: 'server',
    meaning: 'The provider answered with something that is not an answer.',
  },
  upstream_unreachable: {
    status: 502,
    kind: 'unavailable',
    meaning: 'No connection to the provider could be made, or it broke before an answer began.',
  },
  upstream_sign_in_failed: {
    status: 502,
    kind: 'unavailable',
    meaning: 'The provider gave no access token for the configured credentials, or they cannot be read.',
  },
  upstream_broke_off: { status: 502, kind: 'server', meaning: 'The provider broke off in the middle of its answer.' },
  upstream_connect_timeout: {
    status: 504,
    kind: 'timeout',
    meaning: 'The provider did not take the connection within `timeout.connect`.',
  },
  upstream_first_byte_timeout: {
    status: 504,
    kind: 'timeout',
    meaning: 'The provider began no answer within `timeout.first_byte`.',
  },
  upstream_idle_timeout: {
    status: 504,
    kind: 'timeout',
    meaning: 'The provider paused in its answer for longer than `timeout.idle`.',
  },
  upstream_total_timeout: { status: 504, kind: 'timeout', meaning: 'The answer took longer than `timeout.total`.' },
  deadline_exceeded: {
    status: 504,
    kind: 'timeout',
    meaning: 'No answer began before the deadline that the client set with `x-xidao-deadline`.',
  },
  overloaded: {
    status: 503,
    kind: 'overloaded',
    meaning:
      'The targets of the model take no more calls at the moment, and the queue in front of them is full or too slow.',
  },
  upstream_unavailable: {
    status: 503,
    kind: 'unavailable',
    meaning: 'Every target of the model is barred for the moment: its limits are used up or it keeps failing.',
  },
  provider_key_missing: {
    status: 503,
    kind: 'unavailable',
    meaning: 'The provider has no API key in configuration or environment.',
  },
  shutting_down: {
    status: 503,
    kind: 'unavailable',
    meaning: 'The gateway is stopping. Another node, or this one in a moment, will answer.',
  },
  internal_error: {
    status: 500,
    kind: 'server',
    meaning: 'A fault of the gateway. Its log has the details under the request id.',
  },
  conflict: {
    status: 409,
    kind: 'invalid-request',
    meaning: 'Management API: the name is taken, or the thing has changed meanwhile.',
  },
  not_found: { status: 404, kind: 'not-found', meaning: 'Management API: there is no such thing.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  param?: string;
  retryAfterSeconds?: number;
  /** Further headers of the refusal. */
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** A refusal or failure of the gateway's own, with a stable code and a message that says what to do. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly kind: ModelErrorKind;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.kind = ERRORS[code].kind;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.headers = details.headers;
  }
}

/** Any error as the gateway's own. What is neither that nor the caller's mistake becomes `internal_error`, without its message: that may hold anything. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof InvalidRequest) {
    return new GatewayError('invalid_request', error.message, error.param === undefined ? {} : { param: error.param });
  }
  return new GatewayError(
    'internal_error',
    'The gateway failed at this call. Its log has the details under the request id.',
    { cause: error },
  );
}
