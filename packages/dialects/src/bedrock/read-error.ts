import type { ModelError, ModelErrorKind } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

const LONGEST_ORIGINAL = 2000;

type Headers = Record<string, string | string[] | undefined>;

/** The service's exceptions, those of the signature check before it, and the status each stands for. */
const EXCEPTIONS: Record<string, { kind: ModelErrorKind; status: number }> = {
  ValidationException: { kind: 'invalid-request', status: 400 },
  ConflictException: { kind: 'invalid-request', status: 400 },
  SerializationException: { kind: 'invalid-request', status: 400 },
  ServiceQuotaExceededException: { kind: 'quota', status: 400 },
  AccessDeniedException: { kind: 'permission', status: 403 },
  UnrecognizedClientException: { kind: 'authentication', status: 403 },
  InvalidSignatureException: { kind: 'authentication', status: 403 },
  SignatureDoesNotMatch: { kind: 'authentication', status: 403 },
  IncompleteSignatureException: { kind: 'authentication', status: 403 },
  InvalidClientTokenId: { kind: 'authentication', status: 403 },
  MissingAuthenticationTokenException: { kind: 'authentication', status: 403 },
  ExpiredTokenException: { kind: 'authentication', status: 403 },
  ExpiredToken: { kind: 'authentication', status: 403 },
  NotAuthorizedException: { kind: 'authentication', status: 401 },
  OptInRequired: { kind: 'permission', status: 403 },
  ResourceNotFoundException: { kind: 'not-found', status: 404 },
  UnknownOperationException: { kind: 'not-found', status: 404 },
  ModelTimeoutException: { kind: 'timeout', status: 408 },
  RequestTimeoutException: { kind: 'timeout', status: 408 },
  RequestEntityTooLargeException: { kind: 'too-large', status: 413 },
  ModelErrorException: { kind: 'server', status: 424 },
  ModelStreamErrorException: { kind: 'server', status: 424 },
  ThrottlingException: { kind: 'rate-limit', status: 429 },
  TooManyRequestsException: { kind: 'rate-limit', status: 429 },
  ModelNotReadyException: { kind: 'overloaded', status: 429 },
  InternalServerException: { kind: 'server', status: 500 },
  InternalFailure: { kind: 'server', status: 500 },
  ServiceUnavailableException: { kind: 'unavailable', status: 503 },
};

const KIND_OF_STATUS: Record<number, ModelErrorKind> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  424: 'server',
  429: 'rate-limit',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

/** What an exception really is, where only its wording tells. Models pass their own complaints through in it. */
const WORDINGS: [RegExp, ModelErrorKind[], ModelErrorKind][] = [
  [
    /(input|prompt) is too long|input tokens exceeded|too many input tokens|maximum context length|context (window|length)|exceeds? (the )?(model's )?maximum (number of )?(input )?tokens|number of input tokens/i,
    ['invalid-request', 'server'],
    'context-overflow',
  ],
  [
    /model identifier is invalid|end of its life|model (id|version) .*(not found|not exist)/i,
    ['invalid-request'],
    'not-found',
  ],
  [/content filter|guardrail .*(blocked|intervened)|blocked by .*polic/i, ['invalid-request'], 'content-policy'],
  [/security token|signature|credential|api key|bearer token|authenticat/i, ['permission'], 'authentication'],
  [/per day|daily|quota/i, ['rate-limit'], 'quota'],
  [/overloaded|not ready|capacity/i, ['unavailable', 'server'], 'overloaded'],
];

/** Reads an error answer: the exception stands in a header, in the body, or nowhere. Never throws. */
export function readError(status: number, body: string, headers: Headers): ModelError {
  const parsed = parse(body);
  const named = nameOf(header(headers, 'x-amzn-errortype'));
  const error = isObject(parsed)
    ? readErrorObject(parsed, { status, ...(named === undefined ? {} : { type: named }) })
    : describePlain(status, body, named);
  const requestId = header(headers, 'x-amzn-requestid') ?? header(headers, 'x-amz-request-id');
  if (requestId !== undefined) error.requestId = requestId;
  const retryAfter = Number(header(headers, 'retry-after') ?? Number.NaN);
  if (Number.isFinite(retryAfter)) error.retryAfterSeconds = retryAfter;
  if (body !== '') error.original = body.slice(0, LONGEST_ORIGINAL);
  return error;
}

/** Reads an exception's body. Without a status of its own, the exception's: so it is within a stream. */
export function readErrorObject(body: JsonObject, told: { status?: number; type?: string }): ModelError {
  const inner = innerOf(body);
  const type = told.type ?? nameOf(inner['__type']) ?? nameOf(inner['type']) ?? nameOf(inner['code']);
  const message = firstText(inner['message'], inner['Message'], inner['originalMessage'], body['error']);
  const error = classify(told.status, type, message);
  if (told.status === undefined) error.original = JSON.stringify(body).slice(0, LONGEST_ORIGINAL);
  const original = inner['originalStatusCode'];
  if (typeof original === 'number') error.code = String(original);
  return error;
}

/** The gate before the service wraps its answers in `Output`, copies of the API theirs in `error`. */
function innerOf(body: JsonObject): JsonObject {
  for (const wrapper of [body['Output'], body['error'], body['Error']]) if (isObject(wrapper)) return wrapper;
  return body;
}

function describePlain(status: number, body: string, type: string | undefined): ModelError {
  const isMarkup = /^\s*</.test(body);
  const text = isMarkup ? /<(?:title|message)[^>]*>([^<]*)/i.exec(body)?.[1] : body.slice(0, 300);
  return classify(status, type, text?.trim() || undefined);
}

function classify(status: number | undefined, type: string | undefined, message: string | undefined): ModelError {
  const exception = type === undefined ? undefined : EXCEPTIONS[type];
  const byStatus =
    status === undefined ? 'server' : (KIND_OF_STATUS[status] ?? (status >= 500 ? 'server' : 'invalid-request'));
  const plain = exception?.kind ?? byStatus;
  const wording = WORDINGS.find(([words, kinds]) => kinds.includes(plain) && words.test(message ?? ''));
  const known = status ?? exception?.status ?? 500;
  const error: ModelError = {
    kind: wording?.[2] ?? plain,
    status: known,
    message: message ?? `The provider answered with ${type ?? `status ${known}`}.`,
  };
  if (type !== undefined) error.type = type;
  return error;
}

/** `ValidationException:http://internal…`, `com.amazon.coral#ValidationException` and, in streams, `validationException` are one name. */
export function nameOf(type: Json | undefined): string | undefined {
  if (typeof type !== 'string' || type === '') return undefined;
  const bare = type.split(':')[0]?.split('#').at(-1) ?? '';
  return bare === '' ? undefined : bare.charAt(0).toUpperCase() + bare.slice(1);
}

function header(headers: Headers, name: string): string | undefined {
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

function firstText(...values: (Json | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
