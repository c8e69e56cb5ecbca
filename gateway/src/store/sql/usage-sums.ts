import { type RawBuilder, sql } from 'kysely';
import type { UsageSums } from '../store.ts';
import { picoOf, picoSums } from './pico-sums.ts';
import { SUMS } from './usage-tables.ts';

/** One row of sums as the database gives it: numbers as numbers, money in two parts. */
export type SumRow = Readonly<Record<string, number | string | null>>;

const COLUMNS = ['cost_pico', ...SUMS];
const MONEY = COLUMNS.filter((column) => column.endsWith('_pico'));
const COUNTS = COLUMNS.filter((column) => !column.endsWith('_pico'));

/** The sums of single entries or hours, to be selected. */
export function sumsOfRows(): RawBuilder<unknown>[] {
  return [...COUNTS.map(sumOf), ...MONEY.flatMap(picoSums)];
}

/** The sums of such sums. */
export function sumsOfSums(): RawBuilder<unknown>[] {
  return [...COUNTS, ...MONEY.flatMap((column) => [`${column}_micros`, `${column}_rest`])].map(sumOf);
}

function sumOf(column: string): RawBuilder<unknown> {
  return sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`;
}

/** What rows come to together. */
export function addRows(rows: readonly SumRow[]): UsageSums {
  const money = (column: string) => rows.reduce((sum, row) => sum + picoOf(row, column), 0n);
  const count = (column: string) => rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
  const calls = count('calls');
  const firstBytes = count('first_bytes');
  return {
    calls,
    errors: count('errors'),
    attempts: count('attempts'),
    cachedCalls: count('cached_calls'),
    inputTokens: count('input_tokens'),
    outputTokens: count('output_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    costPico: money('cost_pico'),
    unpriced: count('unpriced'),
    estimated: count('estimated'),
    unseenCostPico: money('unseen_cost_pico'),
    ...(calls > 0 && { meanDurationMs: count('duration_ms') / calls }),
    ...(firstBytes > 0 && { meanFirstByteMs: count('first_byte_ms') / firstBytes }),
  };
}
