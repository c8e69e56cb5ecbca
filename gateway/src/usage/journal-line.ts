import type { Usage } from '@xidao/dialects';
import { createPhrases, hundredths, quote } from '../core/json-text.ts';
import type { AttemptRecord, CallRecord } from '../core/record.ts';

/** Of lines of this form. A reader takes what it knows and leaves the rest, so that fields may be added under the same number. */
const VERSION = 1;

/** What a journal line tells of a call, as it is read back. Money in integer pico-dollars; times in milliseconds. */
export interface JournalEntry {
  v: number;
  id: string;
  at: number;
  organisation?: string;
  key?: string;
  key_name?: string;
  team?: string;
  project?: string;
  user?: string;
  session?: string;
  tags?: Record<string, string>;
  dialect: string;
  asked: string;
  provider?: string;
  model?: string;
  operation: string;
  variant?: string;
  route?: string;
  shadow_of?: string;
  streamed: boolean;
  status: number;
  outcome: string;
  error?: string;
  error_message?: string;
  attempts: JournalAttempt[];
  usage?: JournalUsage;
  usage_source: string;
  /** Null: no price is known, which is not zero. */
  cost_pico_usd: number | null;
  price_version?: string;
  /** What the team is charged, where that is not the cost. */
  charged_pico_usd?: number;
  /** True: a part of it has no price. */
  unpriced?: boolean;
  cache?: string;
  guard?: string;
  saved_by_cache_pico_usd?: number;
  saved_by_prompt_cache_pico_usd?: number;
  baseline_cost_pico_usd?: number;
  ms: number;
  first_byte_ms?: number;
  overhead_ms?: number;
  bytes_in: number;
  bytes_out: number;
  trace_id?: string;
}

export interface JournalAttempt {
  provider: string;
  model: string;
  started_ms: number;
  first_byte_ms?: number;
  status?: number;
  verdict: string;
  why?: string;
  hedge?: boolean;
  usage?: JournalUsage;
  usage_source?: string;
  cost_pico_usd?: number;
}

/** The usage vector: counts under the names of `Usage`, zero where zero was told, and the service tier. */
export type JournalUsage = Partial<Record<keyof Usage, number | string>>;

/** Fields of a record that rooms to come will set; a record without them is written without them. */
export interface JournalExtras {
  priceVersion?: string;
  /** `hit`, `semantic`, `miss` …; absent: the cache was not asked. */
  cache?: string;
  /** What the guardrails said, where they said something. */
  guard?: string;
  /** What an answer from the cache would have cost at its model's price. */
  savedByCachePicoUsd?: number;
  /** What the same usage would have cost with no prompt cache, less what it did cost. */
  savedByPromptCachePicoUsd?: number;
  /** What the same usage would have cost at the model that routing was asked to improve on. */
  baselineCostPicoUsd?: number;
}

/**
 * Gives a function that writes one call as a line of the journal, newline included. By hand, as every call pays for it: what is
 * left out was not known. A line holds what the record holds: no header, no body, no key.
 */
export function createJournalLine(): (record: CallRecord & JournalExtras) => string {
  const known = createPhrases();
  const attempt = (record: AttemptRecord) =>
    `{"provider":${known(record.provider)},"model":${known(record.model)},"started_ms":${hundredths(record.startedMs)}` +
    time('first_byte_ms', record.firstByteMs) +
    whole('status', record.status) +
    `,"verdict":"${record.verdict}"` +
    text('why', record.why) +
    (record.isHedge === true ? ',"hedge":true' : '') +
    usage(record.usage) +
    text('usage_source', record.usageSource) +
    `${whole('cost_pico_usd', record.costPicoUsd)}}`;
  const attempts = (all: readonly AttemptRecord[]) => {
    let written = '';
    for (const one of all) written += written === '' ? attempt(one) : `,${attempt(one)}`;
    return written;
  };
  const phrase = (name: string, value: string | undefined) => (value === undefined ? '' : `,"${name}":${known(value)}`);

  return (record) =>
    `{"v":${VERSION},"id":${quote(record.id)},"at":${record.startedAtMs}` +
    phrase('organisation', record.organisation) +
    phrase('key', record.keyId) +
    phrase('key_name', record.keyName) +
    phrase('team', record.team) +
    phrase('project', record.project) +
    text('user', record.user) +
    text('session', record.session) +
    (record.tags === undefined ? '' : `,"tags":${JSON.stringify(record.tags)}`) +
    `,"dialect":"${record.dialect}","asked":${known(record.modelAsked)}` +
    phrase('provider', record.provider) +
    phrase('model', record.modelServed) +
    `,"operation":"${record.operation}"` +
    phrase('variant', record.variant) +
    text('route', record.route) +
    text('shadow_of', record.shadowOf) +
    `,"streamed":${record.streamed},"status":${record.status},"outcome":"${record.outcome}"` +
    phrase('error', record.errorCode) +
    text('error_message', record.errorMessage) +
    `,"attempts":[${attempts(record.attempts)}]` +
    usage(record.usage) +
    `,"usage_source":"${record.usageSource}","cost_pico_usd":${record.costPicoUsd ?? null}` +
    phrase('price_version', record.priceVersion) +
    whole('charged_pico_usd', record.chargedPicoUsd) +
    (record.isUnpriced === true ? ',"unpriced":true' : '') +
    phrase('cache', record.cache) +
    phrase('guard', record.guard) +
    whole('saved_by_cache_pico_usd', record.savedByCachePicoUsd) +
    whole('saved_by_prompt_cache_pico_usd', record.savedByPromptCachePicoUsd) +
    whole('baseline_cost_pico_usd', record.baselineCostPicoUsd) +
    `,"ms":${hundredths(record.durationMs)}` +
    time('first_byte_ms', record.firstByteMs) +
    time('overhead_ms', record.overheadMs) +
    `,"bytes_in":${record.bytesIn},"bytes_out":${record.bytesOut}` +
    `${text('trace_id', record.traceId)}}\n`;
}

/** The call that a line tells of. Undefined: the line is torn, or of a form that this version does not know. */
export function readJournalLine(line: string): JournalEntry | undefined {
  let entry: Partial<JournalEntry>;
  try {
    entry = JSON.parse(line, line.includes('\\u0000') ? withoutNul : undefined) as Partial<JournalEntry>;
  } catch {
    return undefined;
  }
  const isWhole =
    entry !== null &&
    entry.v === VERSION &&
    typeof entry.id === 'string' &&
    typeof entry.at === 'number' &&
    Array.isArray(entry.attempts);
  return isWhole ? (entry as JournalEntry) : undefined;
}

/** PostgreSQL holds no NUL in a text. */
function withoutNul(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.replaceAll('\0', '\ufffd'), one]));
}

function usage(counts: Usage | undefined): string {
  if (counts === undefined) return '';
  let written = `,"usage":{"inputTokens":${counts.inputTokens},"outputTokens":${counts.outputTokens}`;
  for (const name in counts) {
    if (name === 'inputTokens' || name === 'outputTokens') continue;
    const value = counts[name as keyof Usage];
    if (typeof value === 'number') written += `,"${name}":${value}`;
    else if (value !== undefined) written += `,"${name}":${quote(value)}`;
  }
  return `${written}}`;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quote(value)}`;
}

function whole(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}

function time(name: string, milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : `,"${name}":${hundredths(milliseconds)}`;
}
