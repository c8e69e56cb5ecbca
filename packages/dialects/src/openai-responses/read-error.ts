/** Error bodies of OpenAI, Azure, xAI and the many hosts that speak like them. */

import type { ModelError, ModelErrorKind } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asText, given } from './fields.ts';

type Headers = Record<string, string | string[] | undefined>;

const LONGEST_ORIGINAL = 2000;
const KIND_OF_CODE: [RegExp, ModelErrorKind][] = [
  [/context_length_exceeded|context_window|prompt_too_long/, 'context-overflow'],
  [/insufficient_quota|billing_hard_limit|usage_not_included|exceeded_current_quota/, 'quota'],
  [/rate_limit|too_many_requests|\b429\b/, 'rate-limit'],
  [/content_filter|content_policy|invalid_prompt|bio_policy|ResponsibleAI/i, 'content-policy'],
  [/invalid_api_key|invalid_authentication|authentication/, 'authentication'],
  [/model_not_found|DeploymentNotFound|not_found/, 'not-found'],
  [/overloaded|slow_down|service_unavailable/, 'overloaded'],
  [/permission|unsupported_country|model_not_allowed/, 'permission'],
];
const KIND_OF_MESSAGE: [RegExp, ModelErrorKind][] = [
  [
    /context (window|length)|maximum (prompt|context) length|too many (input )?tokens|prompt is too long/i,
    'context-overflow',
  ],
  [/exceeded your current quota|out of credits|credit balance/i, 'quota'],
  [/incorrect api key|invalid api key/i, 'authentication'],
];

/** Reads an error as it came over HTTP. Never throws; an unreadable body gives its status a name. */
export function readError(status: number, body: string, headers: Headers): ModelError {
  const parsed = parse(body);
  const found = isObject(parsed) ? findError(parsed) : { message: textOf(parsed) ?? textOfPage(body) };
  const error = given<ModelError>({
    kind: kindOf(status, found),
    status,
    message: found.message || `The provider answered with status ${status} and no message.`,
    code: found.code,
    type: found.type,
    param: found.param,
    retryAfterSeconds: retryAfter(headers, found.message),
    requestId: header(headers, 'x-request-id') ?? header(headers, 'apim-request-id'),
    original: body === '' ? undefined : body.slice(0, LONGEST_ORIGINAL),
  });
  return error;
}

/** Reads an error that came inside a stream or a response object; its status is the one that its kind stands for. */
export function readErrorObject(error: JsonObject): ModelError {
  const found = findError(error);
  const kind = kindOf(0, found);
  return given<ModelError>({
    kind,
    status: STATUS_OF_KIND[kind],
    message: found.message || 'The provider broke off without a message.',
    code: found.code,
    type: found.type,
    param: found.param,
    retryAfterSeconds: retryAfter({}, found.message),
    original: JSON.stringify(error).slice(0, LONGEST_ORIGINAL),
  });
}

export const STATUS_OF_KIND: Record<ModelErrorKind, number> = {
  'invalid-request': 400,
  'context-overflow': 400,
  'content-policy': 400,
  authentication: 401,
  permission: 403,
  billing: 402,
  'not-found': 404,
  'too-large': 413,
  'rate-limit': 429,
  quota: 429,
  overloaded: 503,
  timeout: 504,
  server: 500,
  unavailable: 503,
};

interface Found {
  message?: string | undefined;
  code?: string | undefined;
  type?: string | undefined;
  param?: string | undefined;
}

/** `{error: {…}}`, `{error: "…", code}`, `{message, code}`, `{detail}`, `{statusCode, message}`, and so on. */
function findError(body: JsonObject): Found {
  const inner = body['error'];
  if (isObject(inner)) return { ...fieldsOf(body), ...withoutUndefined(fieldsOf(inner)) };
  if (typeof inner === 'string') return { ...fieldsOf(body), message: inner };
  return fieldsOf(body);
}

function fieldsOf(error: JsonObject): Found {
  const type = asText(error['type']);
  return {
    message: asText(error['message']) ?? textOf(error['detail']) ?? asText(error['title']),
    code: scalar(error['code']) ?? scalar(error['statusCode']),
    // In a stream the frame's own type says `error` and nothing else.
    type: type === 'error' || type?.startsWith('response.') ? undefined : type,
    param: asText(error['param']),
  };
}

function withoutUndefined(found: Found): Found {
  return given<Found>(found as { [K in keyof Found]: Found[K] });
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return value.map((entry) => (isObject(entry) ? asText(entry['msg']) : textOf(entry))).join('; ');
  return isObject(value) ? asText(value['message']) : undefined;
}

function scalar(value: Json | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : asText(value);
}

function kindOf(status: number, found: Found): ModelErrorKind {
  const words = `${found.code ?? ''} ${found.type ?? ''}`;
  const byCode = KIND_OF_CODE.find(([pattern]) => pattern.test(words))?.[1];
  const byMessage = KIND_OF_MESSAGE.find(([pattern]) => pattern.test(found.message ?? ''))?.[1];
  // Hosts give "invalid_request_error" to everything; a context overflow is told by the message alone.
  return byCode ?? byMessage ?? kindOfStatus(status, words);
}

function kindOfStatus(status: number, words: string): ModelErrorKind {
  switch (status) {
    case 401:
      return 'authentication';
    case 402:
      return 'billing';
    case 403:
      return 'permission';
    case 404:
      return 'not-found';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limit';
    case 502:
      return 'unavailable';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 500 || (status === 0 && !/invalid/.test(words)) ? 'server' : 'invalid-request';
  }
}

function retryAfter(headers: Headers, message: string | undefined): number | undefined {
  const milliseconds = Number(header(headers, 'retry-after-ms'));
  if (milliseconds > 0) return milliseconds / 1000;
  const seconds = Number(header(headers, 'retry-after'));
  if (seconds > 0) return seconds;
  const told = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|s)/i.exec(message ?? '');
  if (told === null) return undefined;
  return told[2]?.toLowerCase() === 'ms' ? Number(told[1]) / 1000 : Number(told[1]);
}

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}

/** What a page of HTML says, by its title; plain text as it is. */
function textOfPage(body: string): string | undefined {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  if (title) return title;
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text.slice(0, 300);
}
