/** What a ledger entry adds to the sums of its hour and day, by the names of the columns. Whole numbers; `…_pico` is money. */
export const SUMS = [
  'calls',
  'errors',
  'attempts',
  'cached_calls',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'unpriced',
  'estimated',
  'unseen_cost_pico',
  'saved_by_cache_pico',
  'saved_by_routing_pico',
  'routed_calls',
  'saved_by_prompt_cache_pico',
  'prompt_cached_calls',
  'duration_ms',
  'first_byte_ms',
  'first_bytes',
] as const;
export type SumName = (typeof SUMS)[number];
export type Sums = Record<SumName, number>;

export interface UsageTables {
  calls: CallRow;
  ledger_entries: LedgerRow;
  usage_groups: GroupRow;
  usage_group_tags: { group_id: string; name: string; value: string };
  usage_hours: SpanRow;
  usage_days: SpanRow;
  journal_offsets: { journal: string; file: string; offset_bytes: number };
  call_bodies: { call_id: string; at_ms: number; sealed: string };
}

export interface CallRow {
  id: string;
  at_ms: number;
  organisation: string | null;
  team: string | null;
  project: string | null;
  user: string | null;
  key_id: string | null;
  key_name: string | null;
  session: string | null;
  /** JSON, names in order. */
  tags: string | null;
  dialect: string;
  operation: string;
  asked: string;
  provider: string | null;
  model: string | null;
  variant: string | null;
  route: string | null;
  shadow_of: string | null;
  streamed: number;
  status: number;
  outcome: string;
  error: string | null;
  error_message: string | null;
  /** JSON, as in the journal. */
  attempts: string;
  /** JSON, as in the journal. */
  usage: string | null;
  usage_source: string;
  cost_pico: number | null;
  price_version: string | null;
  cache: string | null;
  guard: string | null;
  duration_ms: number;
  first_byte_ms: number | null;
  overhead_ms: number | null;
  bytes_in: number;
  bytes_out: number;
  trace_id: string | null;
}

/** One attempt of a call, or attempt 0 of a call that made none. Never changed once it is there. */
export interface LedgerRow extends Sums {
  call_id: string;
  attempt: number;
  at_ms: number;
  group_id: string;
  state: string;
  visible: number;
  hedge: number;
  verdict: string | null;
  usage: string | null;
  usage_source: string;
  price_version: string | null;
  cost_pico: number | null;
}

/** Calls that are alike in everything that reports divide by. */
export interface GroupRow {
  /** A hash of all the others but the key's name, tags included. */
  id: string;
  organisation: string | null;
  team: string | null;
  project: string | null;
  user: string | null;
  key_id: string | null;
  key_name: string | null;
  model: string | null;
  provider: string | null;
  variant: string | null;
}

/** The sums of a group over the hour, or UTC day, that begins then. */
export interface SpanRow extends Record<SumName, number | bigint> {
  starts_ms: number;
  group_id: string;
  cost_pico: number | bigint;
}
