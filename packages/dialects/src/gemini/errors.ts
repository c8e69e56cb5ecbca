import type { ModelError, ModelErrorKind } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { defined, numberOf, objectOf, objectsOf, parseJson, textOf } from './fields.ts';

type Headers = Record<string, string | string[] | undefined>;

const MOST_ORIGINAL = 2_000;

/** google.rpc.Code to kinds and HTTP status (https://cloud.google.com/apis/design/errors#handling_errors). */
const BY_STATUS: Record<string, [ModelErrorKind, number]> = {
  INVALID_ARGUMENT: ['invalid-request', 400],
  FAILED_PRECONDITION: ['invalid-request', 400],
  OUT_OF_RANGE: ['invalid-request', 400],
  UNAUTHENTICATED: ['authentication', 401],
  PERMISSION_DENIED: ['permission', 403],
  NOT_FOUND: ['not-found', 404],
  ALREADY_EXISTS: ['invalid-request', 409],
  ABORTED: ['server', 409],
  RESOURCE_EXHAUSTED: ['rate-limit', 429],
  CANCELLED: ['server', 499],
  DATA_LOSS: ['server', 500],
  UNKNOWN: ['server', 500],
  INTERNAL: ['server', 500],
  UNIMPLEMENTED: ['invalid-request', 501],
  UNAVAILABLE: ['overloaded', 503],
  DEADLINE_EXCEEDED: ['timeout', 504],
};

const BY_HTTP: Record<number, ModelErrorKind> = {
  400: 'invalid-request',
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  500: 'server',
  502: 'unavailable',
  503: 'overloaded',
  504: 'timeout',
};

/** Google says INVALID_ARGUMENT, FAILED_PRECONDITION or PERMISSION_DENIED of many things; its words tell them apart. */
const BY_WORDS: [RegExp, ModelErrorKind][] = [
  [/token count.*exceeds|exceeds the (maximum|max)[^.]* (tokens|context)|context (window|length)/i, 'context-overflow'],
  [/request payload size exceeds|request (is|entity) too large/i, 'too-large'],
  [/api key (not valid|not found|expired|was reported as leaked)|unregistered callers/i, 'authentication'],
  [/user location is not supported/i, 'permission'],
  [/billing (account|to be enabled|disabled|is (disabled|not enabled))|prepayment credits|enable billing/i, 'billing'],
  [/violat\w+ .*(policy|policies|guidelines)|responsible ai/i, 'content-policy'],
];

/** Reads an error body of Google's: `{error: …}`, that in a list, an event of a stream, or no JSON at all. */
export function readError(status: number, body: string, headers: Headers): ModelError {
  const found = errorIn(parseJson(body.trim()) ?? parseJson(body.replace(/^\s*data:\s?/, '').trim()));
  const read = found === undefined ? unreadable(status, body) : readErrorObject(found, status);
  const retryAfterSeconds = read.retryAfterSeconds ?? numberOf(first(headers['retry-after']));
  const requestId = read.requestId ?? first(headers['x-request-id']) ?? first(headers['x-goog-request-id']);
  const original = body === '' ? undefined : body.slice(0, MOST_ORIGINAL);
  return defined({ ...read, retryAfterSeconds, requestId, original });
}

/** Reads the `error` object alone. Without a status of the transport (mid-stream) its own code counts. */
export function readErrorObject(error: JsonObject, httpStatus?: number): ModelError {
  const message = textOf(error['message']) ?? textOf(error['error']) ?? 'The provider gave no reason.';
  const type = textOf(error['status']);
  const details = objectsOf(error['details']);
  const told = numberOf(error['code']);
  const own = told !== undefined && told >= 400 && told < 600 ? told : undefined;
  const status =
    httpStatus !== undefined && httpStatus >= 400 ? httpStatus : (own ?? BY_STATUS[type ?? '']?.[1] ?? 500);
  const reason = textOf(ofType(details, 'ErrorInfo')?.['reason']);
  return defined({
    kind: kindOf({ status: own ?? status, type, reason, message, details }),
    status,
    message,
    code: reason ?? textOf(error['code']),
    type,
    param: paramOf(message, details),
    retryAfterSeconds: retryAfterOf(message, details),
    requestId: textOf(ofType(details, 'RequestInfo')?.['requestId']),
    original: httpStatus === undefined ? JSON.stringify({ error }).slice(0, MOST_ORIGINAL) : undefined,
  });
}

interface Told {
  status: number;
  type: string | undefined;
  reason: string | undefined;
  message: string;
  details: JsonObject[];
}

function kindOf({ status, type, reason, message, details }: Told): ModelErrorKind {
  if (status === 413) return 'too-large';
  if (type === 'RESOURCE_EXHAUSTED' || status === 429) return isQuota(message, details) ? 'quota' : 'rate-limit';
  if (reason?.startsWith('API_KEY_')) return 'authentication';
  if (reason === 'BILLING_DISABLED') return 'billing';
  if (reason === 'CONTENT_POLICY') return 'content-policy';
  if (status < 500) {
    for (const [words, kind] of BY_WORDS) if (words.test(message)) return kind;
  }
  return BY_STATUS[type ?? '']?.[0] ?? BY_HTTP[status] ?? (status >= 500 ? 'server' : 'invalid-request');
}

/** A quota is what waiting a minute does not bring back: a day's, one of zero, or money. */
function isQuota(message: string, details: JsonObject[]): boolean {
  const violations = objectsOf(ofType(details, 'QuotaFailure')?.['violations']);
  const ids = violations.map((violation) => `${textOf(violation['quotaId'])} ${textOf(violation['quotaMetric'])}`);
  if (ids.some((id) => /PerDay/i.test(id)) || violations.some((one) => numberOf(one['quotaValue']) === 0)) return true;
  if (ids.some((id) => /PerMinute|PerHour/i.test(id))) return false;
  return /per day|limit: 0\b|credits (are|is) depleted|spending (cap|limit)|monthly/i.test(message);
}

/** Seconds from `RetryInfo.retryDelay` ("48s", "0.5s"), else from the words of the message. */
function retryAfterOf(message: string, details: JsonObject[]): number | undefined {
  const delay = textOf(ofType(details, 'RetryInfo')?.['retryDelay']);
  const seconds = numberOf(delay?.replace(/s$/, ''));
  return seconds ?? numberOf(/retry in ([\d.]+)s/i.exec(message)?.[1]);
}

function paramOf(message: string, details: JsonObject[]): string | undefined {
  const violation = objectsOf(ofType(details, 'BadRequest')?.['fieldViolations'])[0];
  return textOf(violation?.['field']) ?? /Unknown name "([^"]+)"/.exec(message)?.[1];
}

function ofType(details: JsonObject[], name: string): JsonObject | undefined {
  return details.find((detail) => textOf(detail['@type'])?.endsWith(`google.rpc.${name}`));
}

function errorIn(body: Json | undefined): JsonObject | undefined {
  const told = Array.isArray(body) ? body.find((one) => isObject(one) && one['error'] !== undefined) : body;
  if (!isObject(told)) return undefined;
  const { error } = told;
  if (typeof error === 'string') return { ...told, message: textOf(told['error_description']) ?? error };
  return objectOf(error) ?? (textOf(told['message']) === undefined ? undefined : told);
}

/** A page of a proxy, or nothing: its title or first words are the message. */
function unreadable(status: number, body: string): ModelError {
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  const words = body
    .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const message = title || words.slice(0, 300) || `The provider answered ${status} without a reason.`;
  const kind = kindOf({ status, type: undefined, reason: undefined, message, details: [] });
  return { kind, status, message };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
