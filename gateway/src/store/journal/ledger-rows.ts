import type { JournalAttempt, JournalEntry, JournalUsage } from '../../usage/journal-line.ts';
import type { LedgerRow, Sums } from '../sql/usage-tables.ts';
import { type UsageGroup, usageGroupOf } from './usage-group.ts';

export interface BookedAttempt {
  row: LedgerRow;
  group: UsageGroup;
}

/** What one attempt used and cost, as far as it was told. */
interface Figures {
  usage: JournalUsage | undefined;
  source: string;
  costPico: number | undefined;
}

/**
 * The ledger's rows of one call: one for each attempt, numbered from 1, or number 0 for a call that asked nobody. Each has what was
 * told of it apart; the attempt that answered, where nothing was, the call's own figures.
 */
export function ledgerRowsOf(entry: JournalEntry): BookedAttempt[] {
  const own: Figures = {
    usage: entry.usage,
    source: entry.usage_source,
    costPico: entry.cost_pico_usd ?? undefined,
  };
  if (entry.attempts.length === 0) {
    return [book(entry, undefined, { number: 0, isAnswer: true, figures: own })];
  }
  const answering = indexOfAnswer(entry.attempts);
  return entry.attempts.map((attempt, index) => {
    const isAnswer = index === answering;
    const figures = isAnswer && !isToldApart(attempt) ? figuresOfAnswer(entry, own) : figuresOf(attempt);
    return book(entry, attempt, { number: index + 1, isAnswer, figures });
  });
}

/** Whether the attempt says itself what it used or cost; the call's cost is then the sum over its attempts. */
function isToldApart({ usage, cost_pico_usd }: JournalAttempt): boolean {
  return usage !== undefined || cost_pico_usd !== undefined;
}

/** Of an answer whose attempt says nothing: the call's own figures. Of one with no usage at all a cost can only be that of the other attempts. */
function figuresOfAnswer(entry: JournalEntry, own: Figures): Figures {
  return own.usage === undefined && entry.attempts.some(isToldApart) ? { ...own, costPico: undefined } : own;
}

/** What the call cost with all its attempts; undefined where no price is known of what was used. */
export function totalCostOf(rows: readonly BookedAttempt[]): number | null {
  const known = rows.map(({ row }) => row.cost_pico).filter((cost) => cost !== null);
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}

function indexOfAnswer(attempts: readonly JournalAttempt[]): number {
  const answered = attempts.findLastIndex(({ verdict }) => verdict === 'answered' || verdict === 'passed-on');
  return answered === -1 ? attempts.length - 1 : answered;
}

function figuresOf({ usage, usage_source, cost_pico_usd }: JournalAttempt): Figures {
  return { usage, source: usage_source ?? (usage === undefined ? 'none' : 'measured'), costPico: cost_pico_usd };
}

function book(
  entry: JournalEntry,
  attempt: JournalAttempt | undefined,
  { number, isAnswer, figures }: { number: number; isAnswer: boolean; figures: Figures },
): BookedAttempt {
  const isVisible = isAnswer && entry.shadow_of === undefined;
  const group = usageGroupOf(entry, attempt);
  return {
    group,
    row: {
      call_id: entry.id,
      attempt: number,
      at_ms: entry.at,
      group_id: group.id,
      state: figures.usage === undefined && figures.costPico === undefined ? 'released' : 'captured',
      visible: Number(isVisible),
      hedge: Number(attempt?.hedge === true),
      verdict: attempt?.verdict ?? null,
      usage: figures.usage === undefined ? null : JSON.stringify(figures.usage),
      usage_source: figures.source,
      price_version: entry.price_version ?? null,
      cost_pico: figures.costPico ?? null,
      ...spent(attempt, figures, isVisible),
      ...(isVisible ? told(entry) : NOTHING_TOLD),
    },
  };
}

type Told = Pick<
  Sums,
  | 'calls'
  | 'errors'
  | 'cached_calls'
  | 'saved_by_cache_pico'
  | 'saved_by_routing_pico'
  | 'routed_calls'
  | 'saved_by_prompt_cache_pico'
  | 'prompt_cached_calls'
  | 'duration_ms'
  | 'first_byte_ms'
  | 'first_bytes'
>;

const NOTHING_TOLD: Told = {
  calls: 0,
  errors: 0,
  cached_calls: 0,
  saved_by_cache_pico: 0,
  saved_by_routing_pico: 0,
  routed_calls: 0,
  saved_by_prompt_cache_pico: 0,
  prompt_cached_calls: 0,
  duration_ms: 0,
  first_byte_ms: 0,
  first_bytes: 0,
};

const ERRORS: ReadonlySet<string> = new Set(['refused', 'failed', 'broken-off']);

/** What is counted once for each call, at the attempt that its client saw. */
function told(entry: JournalEntry): Told {
  const { baseline_cost_pico_usd: baseline, saved_by_prompt_cache_pico_usd: byPromptCache } = entry;
  const isRouted = baseline !== undefined && entry.cost_pico_usd !== null;
  return {
    calls: 1,
    errors: Number(ERRORS.has(entry.outcome)),
    cached_calls: Number(entry.saved_by_cache_pico_usd !== undefined),
    saved_by_cache_pico: entry.saved_by_cache_pico_usd ?? 0,
    saved_by_routing_pico: isRouted ? baseline - entry.cost_pico_usd! : 0,
    routed_calls: Number(isRouted),
    saved_by_prompt_cache_pico: byPromptCache ?? 0,
    prompt_cached_calls: Number(byPromptCache !== undefined),
    duration_ms: Math.round(entry.ms),
    first_byte_ms: Math.round(entry.first_byte_ms ?? 0),
    first_bytes: Number(entry.first_byte_ms !== undefined),
  };
}

function spent(
  attempt: JournalAttempt | undefined,
  { usage, source, costPico }: Figures,
  isVisible: boolean,
): Omit<Sums, keyof Told> {
  return {
    attempts: Number(attempt !== undefined),
    input_tokens: count(usage?.inputTokens),
    output_tokens: count(usage?.outputTokens),
    cached_input_tokens: count(usage?.cachedInputTokens),
    cache_write_tokens: count(usage?.cacheWriteTokens),
    reasoning_tokens: count(usage?.reasoningTokens),
    unpriced: Number(usage !== undefined && costPico === undefined),
    estimated: Number(source === 'estimated'),
    unseen_cost_pico: isVisible ? 0 : (costPico ?? 0),
  };
}

function count(value: number | string | undefined): number {
  return typeof value === 'number' ? Math.round(value) : 0;
}
