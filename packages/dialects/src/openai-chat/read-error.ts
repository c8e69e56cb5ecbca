import type { ModelError, ModelErrorKind } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';

type Headers = Record<string, string | string[] | undefined>;

interface ErrorWords {
  message: string;
  code?: string;
  type?: string;
  param?: string;
  /** An HTTP status that the body itself tells. */
  status?: number;
}

/** Words by which hosts betray what is wrong, the surest first: code, type and message are searched together. */
const KINDS: [ModelErrorKind, RegExp][] = [
  [
    'context-overflow',
    /context_length_exceeded|too_many_prompt_tokens|too_many_tokens|string_above_max_length|context_window_exceeded/,
  ],
  [
    'context-overflow',
    /(maximum|max|model'?s?) context (length|window|size)|context (length|window|size) (is |was |has been )?exceed|exceed\w* (the |your |this |its |available |model'?s? |max\w* )*context|prompt (is )?too long|prompt contains? .*tokens.* too (large|long)|too many tokens|too large for model with .* maximum context|reduce the length of (the|your) (messages|prompt|input)|total length of all messages is too long|input (length|token count|is too long)[^.]*(exceed|too long|maximum)|range of input length should be|max_prompt_tokens|input is too long/,
  ],
  [
    'content-policy',
    /content_filter|content_policy|content_moderation|responsibleaipolicyviolation|data_inspection_failed|moderation_blocked|invalid_prompt|content management policy|safety system|flagged (by|as)|inappropriate content|"1301"|content exists risk/,
  ],
  [
    'quota',
    /insufficient_quota|quota_exceeded|exceeded your (current|monthly) quota|free allocated quota exceeded|allocationquota|usage limit (reached|exceeded)|limit_requests_per_day/,
  ],
  [
    'billing',
    /insufficient.{0,3}(balance|credits?|funds)|billing_|billing hard limit|payment_required|payment required|arrearage|credit (balance|limit)|out of credits|requires more credits|exceeded_current_quota_error|account is not active|add (more )?credits|suspended due to/,
  ],
  [
    'authentication',
    /invalid_api_key|invalid_authentication|authentication_error|(incorrect|invalid|missing|no) (x-)?api[ -_]?key|api[ -_]?key (is )?(invalid|incorrect|missing|required|not valid)|authentication fail|missing authentication|invalid subscription key|unauthorized|didn't provide an api key|invalid (bearer )?token|no auth credentials/,
  ],
  [
    'overloaded',
    /overloaded|server_busy|server is (too )?busy|engine is currently|at capacity|over capacity|model is busy|service is too busy|no (healthy|available) (upstream|channel|provider)s?|insufficient_system_resource/,
  ],
  [
    'rate-limit',
    /rate.?limit|ratelimitreached|too many requests|too_many_requests|throttl|requests per (minute|second|day)|tokens per (minute|day)|concurrency limit|limit_burst_rate/,
  ],
  [
    'not-found',
    /model_not_found|modelnotfound|deploymentnotfound|model_not_exist|not_found_error|invalid_model|model .{0,80}(does not exist|not found|was removed|has been deprecated|not exist|is not supported on)|no such model|unknown model|no endpoints found|not a valid model/,
  ],
  [
    'permission',
    /permission_denied|permission_error|access_denied|accessdenied|not allowed to|do(es)? not have (access|permission)|forbidden|country, region, or territory not supported|unsupported_country/,
  ],
  ['too-large', /request_too_large|payload too large|request entity too large|body (is )?too large/],
  ['timeout', /timed? ?out|timeout|deadline exceeded/],
];

/** Statuses that tell the kind by themselves, whatever the words. */
const STATUS_KINDS: Record<number, ModelErrorKind> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
};

/** Kinds that a status may hide: a host that answers 400 or 500 to everything still says what is wrong. */
const SURE = new Set<ModelErrorKind>(['context-overflow', 'content-policy', 'quota', 'billing']);

/** The status that each kind of error stands for where nobody told one. */
export const KIND_STATUS: Readonly<Record<ModelErrorKind, number>> = {
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

/** Reads the error bodies of compatible hosts, in some twenty shapes; what is no JSON is told as text. Never throws. */
export function readError(status: number, body: string, headers: Headers): ModelError {
  const parsed = parse(body);
  const words = isObject(parsed) ? findWords(parsed) : { message: textOf(body, status) };
  const error = toError(words, status);
  const retryAfter = readRetryAfter(headers);
  if (retryAfter !== undefined) error.retryAfterSeconds = retryAfter;
  const requestId = requestIdOf(headers) ?? (isObject(parsed) ? text(parsed['request_id']) : undefined);
  if (requestId !== undefined) error.requestId = requestId;
  if (body !== '') error.original = body.slice(0, 2000);
  return error;
}

/** Reads an error that came inside a stream or a document of status 200. */
export function readErrorObject(body: JsonObject): ModelError {
  const error = toError(findWords(body), 200);
  error.original = JSON.stringify(body).slice(0, 2000);
  return error;
}

function toError(words: ErrorWords, told: number): ModelError {
  const status = told >= 400 ? told : (words.status ?? 200);
  const kind = kindOf(words, status);
  const error: ModelError = { kind, status: status >= 400 ? status : KIND_STATUS[kind], message: words.message };
  if (words.code !== undefined) error.code = words.code;
  if (words.type !== undefined) error.type = words.type;
  if (words.param !== undefined) error.param = words.param;
  const wait = readWait(words.message);
  if (wait !== undefined && (kind === 'rate-limit' || kind === 'overloaded')) error.retryAfterSeconds = wait;
  return error;
}

function kindOf({ code, type, message }: ErrorWords, status: number): ModelErrorKind {
  const words = `${code ?? ''} ${type ?? ''} ${message}`.toLowerCase();
  const found = KINDS.find(([, pattern]) => pattern.test(words))?.[0];
  // Google's words for every limit are those of an exhausted quota; a code that names the pace knows better.
  if (found === 'quota' && code === 'rate_limit_exceeded') return 'rate-limit';
  if (found && SURE.has(found)) return found;
  const byStatus = STATUS_KINDS[status];
  // 403 and 404 are also said of keys and models, 503 of maintenance: there the words know better.
  if (byStatus && !(found && [403, 404].includes(status))) return byStatus;
  if (found) return found;
  if (status >= 500) return status === 502 ? 'unavailable' : 'server';
  return status >= 400 ? 'invalid-request' : 'server';
}

/** The words of an error, wherever the host put them. */
function findWords(body: JsonObject): ErrorWords {
  const inner = body['error'];
  if (isObject(inner)) return wordsOf(inner, body);
  if (typeof inner === 'string' && inner !== '')
    return wordsOf({ ...body, message: message(body['message']) ?? inner }, body);
  const { detail, errors, message: told } = body;
  if (Array.isArray(errors) && isObject(errors[0])) return wordsOf(errors[0], body);
  if (isObject(told))
    return wordsOf(
      { ...told, message: validationText(told['detail']) ?? message(told['message']) ?? JSON.stringify(told) },
      body,
    );
  if (told === undefined && detail !== undefined) {
    if (isObject(detail)) return wordsOf(detail, body);
    return wordsOf({ ...body, message: validationText(detail) ?? String(detail) }, body);
  }
  return wordsOf(body, body);
}

function wordsOf(inner: JsonObject, outer: JsonObject): ErrorWords {
  const filter = isObject(inner['innererror']) ? text(inner['innererror']['code']) : undefined;
  const words: ErrorWords = {
    message:
      upstreamMessage(inner) ?? message(inner['message']) ?? message(outer['detailMessage']) ?? JSON.stringify(inner),
  };
  const code = inner['code'] ?? outer['code'];
  if (typeof code === 'string' && code !== '') words.code = filter ?? code;
  else if (filter !== undefined) words.code = filter;
  const type = text(inner['type']) ?? text(inner['error_type']) ?? text(outer['error_type']);
  if (type !== undefined) words.type = type;
  const param = text(inner['param']);
  if (param !== undefined) words.param = param;
  const status = Number(inner['status'] ?? inner['status_code'] ?? code);
  if (status >= 400 && status < 600) words.status = status;
  return words;
}

/** OpenRouter says "Provider returned error" and keeps the provider's own words inside. */
function upstreamMessage({ message: told, metadata }: JsonObject): string | undefined {
  const raw = isObject(metadata) ? metadata['raw'] : undefined;
  if (typeof raw !== 'string' || raw === '' || typeof told !== 'string') return undefined;
  const parsed = parse(raw);
  return `${told}: ${isObject(parsed) ? findWords(parsed).message : raw.slice(0, 500)}`;
}

/** FastAPI's list of what was wrong where. */
function validationText(detail: Json | undefined): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  return detail
    .map((item) => {
      if (!isObject(item)) return String(item);
      const place = Array.isArray(item['loc']) ? `${item['loc'].join('.')}: ` : '';
      return `${place}${item['msg'] ?? JSON.stringify(item)}`;
    })
    .join('; ');
}

function message(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What a body that is no JSON says: the title of a page, or its first words. */
function textOf(body: string, status: number): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  if (title) return title;
  const words = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? `The provider answered ${status} without a word.` : words.slice(0, 500);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const WAIT =
  /(?:try again|retry) (?:in|after)\s*(?:(\d+)h)?\s*(?:(\d+)m(?!s))?\s*(?:(\d+(?:\.\d+)?)\s*(ms|s\b|sec|seconds?))?/i;

/** The wait that a message tells: `try again in 1m2.5s`, `retry after 300ms`. */
function readWait(message: string): number | undefined {
  const [, hours, minutes, amount, unit] = WAIT.exec(message) ?? [];
  if (hours === undefined && minutes === undefined && amount === undefined) return undefined;
  const seconds = amount === undefined ? 0 : Number(amount) / (unit?.toLowerCase() === 'ms' ? 1000 : 1);
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + seconds;
}

/** `retry-after-ms`, `retry-after` in seconds or as a date (against the `date` that came with it). */
function readRetryAfter(headers: Headers): number | undefined {
  const after = header(headers, 'retry-after');
  const ms = Number(header(headers, 'retry-after-ms') || Number.NaN);
  // Azure sends 0 ms beside a full second; the longer wait is the safe one.
  const fromMs = ms >= 0 ? ms / 1000 : undefined;
  if (after === undefined || after === '') return fromMs;
  const seconds = Number(after);
  if (seconds >= 0) return Math.max(seconds, fromMs ?? 0);
  const date = Date.parse(after);
  const now = Date.parse(header(headers, 'date') ?? '');
  if (Number.isNaN(date) || Number.isNaN(now)) return fromMs;
  return Math.max(0, (date - now) / 1000);
}

const ID_HEADERS = ['x-request-id', 'request-id', 'apim-request-id', 'x-kong-request-id', 'cf-ray'];

function requestIdOf(headers: Headers): string | undefined {
  for (const name of ID_HEADERS) {
    const value = header(headers, name);
    if (value) return value;
  }
  return undefined;
}

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
