/** What the calls used and cost, read back: reports from hourly sums, and the log of calls. Money is in integer pico-dollars (1e-12 USD). */
export interface UsageStore {
  /** Sums over a time, by up to two dimensions, the dearest first. */
  report(query: UsageQuery): Promise<UsageReport>;
  /** What was not spent, and by what. */
  savings(query: Omit<UsageQuery, 'by' | 'each' | 'limit'>): Promise<SavingsLine[]>;
  /** Calls, the newest first, a page at a time. */
  searchCalls(search: CallSearch): Promise<CallPage>;
  /** One call with its ledger entries. Undefined: there is none, or it was purged. */
  findCall(id: string): Promise<CallDetail | undefined>;
  /** Keeps the sealed bodies of a call; a second time for the same call changes nothing. */
  keepBodies(callId: string, atMs: number, sealed: string): Promise<void>;
  /** Undefined: none were kept, or they were purged. */
  findBodies(callId: string): Promise<string | undefined>;
  /** Takes away what is older than its time; gives how many rows of each went. */
  purge(olderThan: Retention): Promise<Record<keyof Retention, number>>;
}

/** `tag` counts a call once under each of its tags (`name=value`); `tag:NAME` splits by the value of one tag. */
export const DIMENSIONS = [
  'organisation',
  'team',
  'project',
  'user',
  'key',
  'model',
  'provider',
  'variant',
  'tag',
] as const;
export type Dimension = (typeof DIMENSIONS)[number] | `tag:${string}`;

export interface UsageQuery {
  /** Milliseconds since 1970, from this one on and up to that one, which is not in it. */
  fromMs: number;
  toMs: number;
  by?: readonly Dimension[];
  /** A row for each hour or UTC day. */
  each?: 'hour' | 'day';
  filter?: UsageFilter;
  /** Most rows that are given; 1,000 if absent. */
  limit?: number;
}

/** Each: only these values. `null` stands for calls without one. */
export type UsageFilter = { readonly [dimension in Exclude<Dimension, 'tag'>]?: readonly (string | null)[] };

export interface UsageReport {
  rows: UsageRow[];
  /** Over everything, also rows beyond the limit. With `tag`, a call counts here once for each row that it is in. */
  total: UsageSums;
  /** True: there are more rows than the limit. */
  isCut: boolean;
}

export interface UsageRow extends UsageSums {
  /** The value of each dimension that was asked for, in order; null: calls without one. */
  of: readonly (string | null)[];
  /** With `key`: the key's name when it was last used. */
  keyName?: string;
  /** With `each`: when this hour or day begins. */
  startsAtMs?: number;
}

export interface UsageSums {
  /** Calls of clients. An attempt that failed or lost a race is none, but its cost counts. */
  calls: number;
  /** Those of them that were refused, failed or broke off. */
  errors: number;
  attempts: number;
  /** Calls answered from the cache. */
  cachedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** Parts of `inputTokens`. */
  cachedInputTokens: number;
  cacheWriteTokens: number;
  /** Part of `outputTokens`. */
  reasoningTokens: number;
  costPico: bigint;
  /** Attempts with usage for which no price was known: `costPico` lacks them. */
  unpriced: number;
  /** Attempts whose usage is estimated, not told by the provider. */
  estimated: number;
  /** Cost of the attempts that no client saw: failed ones, lost races, copies. Part of `costPico`. */
  unseenCostPico: bigint;
  /** Mean time to the last byte, in milliseconds; undefined: no calls. */
  meanDurationMs?: number;
  /** Mean time to the first byte, of the calls that had one. */
  meanFirstByteMs?: number;
}

export interface SavingsLine {
  by: 'cache' | 'routing' | 'prompt-cache';
  /** Negative: it cost more than it saved. */
  savedPico: bigint;
  /** Calls that the figure rests on; the others could not be compared. */
  calls: number;
  /** How it is reckoned, for people. */
  formula: string;
}

export interface CallSearch {
  fromMs?: number;
  toMs?: number;
  key?: string;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  modelAsked?: string;
  model?: string;
  provider?: string;
  variant?: string;
  session?: string;
  traceId?: string;
  outcome?: string;
  status?: number;
  error?: string;
  operation?: string;
  cache?: string;
  guard?: string;
  tags?: Readonly<Record<string, string>>;
  /** Part of the id. */
  id?: string;
  minCostPico?: number;
  minDurationMs?: number;
  /** `next` of the page before. */
  after?: string;
  /** 1 to 500; 50 if absent. */
  limit?: number;
}

export interface CallPage {
  calls: LoggedCall[];
  /** For `after`; undefined: this was the last page. */
  next?: string;
}

/** One call as the log keeps it: everything but its bodies. */
export interface LoggedCall {
  id: string;
  atMs: number;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  keyId?: string;
  keyName?: string;
  session?: string;
  tags?: Record<string, string>;
  dialect: string;
  operation: string;
  modelAsked: string;
  provider?: string;
  model?: string;
  variant?: string;
  route?: string;
  shadowOf?: string;
  isStreamed: boolean;
  status: number;
  outcome: string;
  error?: string;
  errorMessage?: string;
  attempts: LoggedAttempt[];
  usage?: Record<string, number | string>;
  usageSource: string;
  /** Of the answer and of all other attempts; absent: no price is known. */
  costPico?: number;
  priceVersion?: string;
  cache?: string;
  guard?: string;
  durationMs: number;
  firstByteMs?: number;
  overheadMs?: number;
  bytesIn: number;
  bytesOut: number;
  traceId?: string;
}

export interface LoggedAttempt {
  provider: string;
  model: string;
  startedMs: number;
  firstByteMs?: number;
  status?: number;
  verdict: string;
  why?: string;
  isHedge?: boolean;
}

export interface LedgerEntry {
  attempt: number;
  atMs: number;
  provider?: string;
  model?: string;
  /** `captured`: used and booked; `released`: what was held for it was given back. */
  state: 'captured' | 'released';
  /** False: no client saw this attempt's answer. */
  isVisible: boolean;
  isHedge: boolean;
  verdict?: string;
  usage?: Record<string, number | string>;
  usageSource: string;
  /** Absent: no price is known. */
  costPico?: number;
  priceVersion?: string;
}

export interface CallDetail extends LoggedCall {
  entries: LedgerEntry[];
}

/**
 * What is older than these moments (milliseconds since 1970) may go; absent: stays. Whole days are reported from daily sums, whole
 * hours beyond them from hourly ones, and what is left from the ledger: each serves its part without the others.
 */
export interface Retention {
  calls?: number | undefined;
  bodies?: number | undefined;
  ledger?: number | undefined;
  hours?: number | undefined;
  days?: number | undefined;
}
