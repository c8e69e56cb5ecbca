import { dollarsOf } from './dollars.ts';
import type { Dimension, SavingsLine, UsageReport, UsageSums } from './usage-store.ts';
import { type Cell, writeCsv } from './write-csv.ts';

/** What a report was asked for. */
export interface ReportShape {
  by: readonly Dimension[];
  /** `usage`: tokens and calls; `costs`: money and what it was spent for. */
  kind: 'usage' | 'costs';
}

type Column = readonly [name: string, of: (sums: UsageSums) => Cell];

const USAGE: readonly Column[] = [
  ['calls', (sums) => sums.calls],
  ['errors', (sums) => sums.errors],
  ['attempts', (sums) => sums.attempts],
  ['cached_calls', (sums) => sums.cachedCalls],
  ['input_tokens', (sums) => sums.inputTokens],
  ['cached_input_tokens', (sums) => sums.cachedInputTokens],
  ['cache_write_tokens', (sums) => sums.cacheWriteTokens],
  ['output_tokens', (sums) => sums.outputTokens],
  ['reasoning_tokens', (sums) => sums.reasoningTokens],
  ['estimated_attempts', (sums) => sums.estimated],
  ['mean_duration_ms', (sums) => hundredths(sums.meanDurationMs)],
  ['mean_first_byte_ms', (sums) => hundredths(sums.meanFirstByteMs)],
];

/** Dollars are texts: exact, and beyond what a number in JSON can hold. Where no price is known of anything that was used, the cost is not known either. */
const COSTS: readonly Column[] = [
  ['cost_usd', (sums) => (sums.unpriced > 0 && sums.costPico === 0n ? undefined : dollarsOf(sums.costPico))],
  ['unseen_cost_usd', (sums) => dollarsOf(sums.unseenCostPico)],
  ['calls', (sums) => sums.calls],
  ['unpriced_attempts', (sums) => sums.unpriced],
  ['estimated_attempts', (sums) => sums.estimated],
  ['input_tokens', (sums) => sums.inputTokens],
  ['output_tokens', (sums) => sums.outputTokens],
];

/** A report for JSON: one object a row, with its dimensions by name. */
export function reportJson({ rows, total, isCut }: UsageReport, shape: ReportShape): object {
  const columns = columnsOf(shape);
  const sums = (of: UsageSums) => Object.fromEntries(columns.map(([name, read]) => [name, read(of) ?? null]));
  return {
    rows: rows.map((row) => ({
      ...(row.startsAtMs !== undefined && { starts_at: new Date(row.startsAtMs).toISOString() }),
      ...Object.fromEntries(shape.by.map((dimension, index) => [dimension, row.of[index] ?? null])),
      ...(row.keyName !== undefined && { key_name: row.keyName }),
      ...sums(row),
    })),
    total: sums(total),
    truncated: isCut,
  };
}

/** A report as CSV. */
export function reportCsv({ rows }: UsageReport, shape: ReportShape): string {
  const columns = columnsOf(shape);
  const hasStarts = rows.some(({ startsAtMs }) => startsAtMs !== undefined);
  const hasKeys = shape.by.includes('key');
  const header = [
    ...(hasStarts ? ['starts_at'] : []),
    ...shape.by,
    ...(hasKeys ? ['key_name'] : []),
    ...columns.map(([name]) => name),
  ];
  return writeCsv(
    header,
    rows.map((row) => [
      ...(hasStarts ? [new Date(row.startsAtMs!).toISOString()] : []),
      ...row.of,
      ...(hasKeys ? [row.keyName] : []),
      ...columns.map(([, read]) => read(row)),
    ]),
  );
}

/** Savings for JSON: each line alone, with how it is reckoned. They are never summed: one call can stand in several. */
export function savingsJson(lines: readonly SavingsLine[]): object[] {
  return lines.map(({ by, savedPico, calls, formula }) => ({ by, saved_usd: dollarsOf(savedPico), calls, formula }));
}

function columnsOf({ kind }: ReportShape): readonly Column[] {
  return kind === 'usage' ? USAGE : COSTS;
}

function hundredths(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 100) / 100;
}
