import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

const LONGEST_ORIGINAL = 2000;

const KIND_OF_TYPE: Record<string, ModelErrorKind> = {
  invalid_request_error: 'invalid-request',
  authentication_error: 'authentication',
  billing_error: 'billing',
  permission_error: 'permission',
  not_found_error: 'not-found',
  request_too_large: 'too-large',
  rate_limit_error: 'rate-limit',
  timeout_error: 'timeout',
  api_error: 'server',
  overloaded_error: 'overloaded',
};

const KIND_OF_STATUS: Record<number, ModelErrorKind> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
  529: 'overloaded',
};

const STATUS_OF_KIND: Record<ModelErrorKind, number> = {
  'invalid-request': 400,
  'context-overflow': 400,
  'content-policy': 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  'not-found': 404,
  'too-large': 413,
  'rate-limit': 429,
  quota: 429,
  server: 500,
  unavailable: 503,
  timeout: 504,
  overloaded: 529,
};

/** What an `invalid_request_error` (or a plain 4xx) really is; only its wording tells. */
const WORDINGS: [RegExp, ModelErrorKind][] = [
  [
    /prompt is too long|exceeds? (the )?(model's )?(maximum )?context|maximum context length|context window|too many (input )?tokens|input (length|is too long)/i,
    'context-overflow',
  ],
  [/content (filtering|management) polic(y|ies)|usage policy|flagged by|safety system/i, 'content-policy'],
  [/credit balance|billing|payment/i, 'billing'],
  [/usage limits?|spend(ing)? limit|quota/i, 'quota'],
];

/** Reads an error answer: this dialect's own shape, those of hosts that only copy its paths, HTML, and nothing at all. */
export function readError(
  status: number,
  body: string,
  headers: Record<string, string | string[] | undefined>,
): ModelError {
  const parsed = parse(body);
  const error = isObject(parsed) ? readErrorObject(parsed, status) : readPlainText(status, body);
  const requestId = error.requestId ?? header(headers, 'request-id') ?? header(headers, 'x-request-id');
  if (requestId !== undefined) error.requestId = requestId;
  const retryAfter = readRetryAfter(headers);
  if (retryAfter !== undefined) error.retryAfterSeconds = retryAfter;
  if (body !== '') error.original = body.slice(0, LONGEST_ORIGINAL);
  return error;
}

/** Reads an error body or an `error` event. Without a status of its own, the kind's. */
export function readErrorObject(body: JsonObject, status?: number): ModelError {
  const inner = isObject(body['error']) ? body['error'] : body;
  const type = inner === body && body['type'] === 'error' ? undefined : textOf(inner['type']);
  const message = firstText(inner['message'], body['message'], body['error'], body['detail'], inner['detail']);
  const kind = kindOf(type, status, message ?? '');
  const error: ModelError = {
    kind,
    status: status ?? STATUS_OF_KIND[kind],
    message: message ?? describe(status ?? STATUS_OF_KIND[kind]),
  };
  if (type !== undefined) error.type = type;
  const details = inner['details'];
  const code = firstText(isObject(details) ? details['error_code'] : undefined, inner['code']);
  if (code !== undefined) error.code = code;
  const param = textOf(inner['param']) ?? paramIn(message ?? '');
  if (param !== undefined && kind === 'invalid-request') error.param = param;
  const requestId = textOf(body['request_id']);
  if (requestId !== undefined) error.requestId = requestId;
  if (status === undefined) error.original = JSON.stringify(body).slice(0, LONGEST_ORIGINAL);
  return error;
}

function kindOf(type: string | undefined, status: number | undefined, message: string): ModelErrorKind {
  const byType = type === undefined ? undefined : KIND_OF_TYPE[type];
  // A status says more than a type that some host made up; 529 and an overloaded type mean the same either way.
  const byStatus =
    status === undefined ? undefined : (KIND_OF_STATUS[status] ?? (status >= 500 ? 'server' : 'invalid-request'));
  const kind = byType ?? byStatus ?? 'server';
  if (kind === 'rate-limit' && /spend(ing)? limit|usage limits?/i.test(message)) return 'quota';
  if (kind === 'server' && /overloaded/i.test(message)) return 'overloaded';
  if (kind !== 'invalid-request') return kind;
  return WORDINGS.find(([wording]) => wording.test(message))?.[1] ?? kind;
}

function readPlainText(status: number, body: string): ModelError {
  const looksLikeMarkup = /^\s*</.test(body);
  const title = looksLikeMarkup ? /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() : undefined;
  const text = looksLikeMarkup ? title : body.trim().slice(0, 300);
  const kind = kindOf(undefined, status, text ?? '');
  return { kind, status, message: text ? `${describe(status)} ${text}` : describe(status) };
}

function describe(status: number): string {
  return `The provider answered with status ${status}.`;
}

/** `messages.0.content: Field required` names its field first. */
function paramIn(message: string): string | undefined {
  return /^([a-z_][\w]*(?:\.[\w-]+)*):\s/.exec(message)?.[1];
}

function readRetryAfter(headers: Record<string, string | string[] | undefined>): number | undefined {
  const milliseconds = Number(header(headers, 'retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  const value = header(headers, 'retry-after');
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds;
  // A date, measured by the provider's own clock.
  const waited = (Date.parse(value) - Date.parse(header(headers, 'date') ?? '')) / 1000;
  return Number.isFinite(waited) ? Math.max(0, waited) : undefined;
}

function header(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function firstText(...values: (Json | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
