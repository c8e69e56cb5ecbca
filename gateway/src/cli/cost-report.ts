import { createAdminClient } from './admin-client.ts';
import { writeQuery } from './ask-query.ts';
import { alignRight, showCount, showDollars, showShare } from './figures.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What is asked of both reports; by the names of the management API. */
export interface PeriodOptions extends Common {
  period?: string;
  from?: string;
  to?: string;
}

interface FilterOptions extends PeriodOptions {
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  key?: string;
  model?: string;
  provider?: string;
  variant?: string;
  tag?: string;
}

export interface ReportOptions extends FilterOptions {
  groupBy: string;
  each?: 'hour' | 'day';
  format: 'table' | 'csv' | 'json';
  limit: number;
}

interface CostSums {
  cost_usd: string | null;
  unseen_cost_usd: string;
  calls: number;
  unpriced_attempts: number;
  estimated_attempts: number;
  input_tokens: number;
  output_tokens: number;
}

interface CostReport {
  from: string;
  to: string;
  by: string[];
  each: 'hour' | 'day' | null;
  rows: (CostSums & Record<string, unknown>)[];
  total: CostSums;
  truncated: boolean;
}

const SUMS = ['COST $', 'SHARE', 'CALLS', 'TOKENS IN', 'TOKENS OUT'];

/** What calls cost, as a table with totals and shares, as CSV or as JSON. */
export async function reportCosts(options: ReportOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const format = options.json ? 'json' : options.format;
  const { groupBy: by, each, limit } = options;
  const query = { ...filtersOf(options), by, each, limit, ...(format === 'csv' && { format }) };
  const told = await client.ask<CostReport | string>('GET', `/costs${writeQuery(query)}`);
  if (typeof told === 'string') return terminal.out(told.trimEnd());
  if (format === 'json') return terminal.out(JSON.stringify(told, null, 2));
  terminal.out(tableOf(told));
  for (const note of notesOf(told)) terminal.err(note);
}

/** What was not spent, line by line. */
export async function reportSavings(options: FilterOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const told = await client.ask<{
    from: string;
    to: string;
    data: { by: string; saved_usd: string; calls: number; formula: string }[];
  }>('GET', `/savings${writeQuery(filtersOf(options))}`);
  if (options.json) return terminal.out(JSON.stringify(told, null, 2));
  const rows = told.data.map(({ by, saved_usd, calls, formula }) => [
    by,
    showDollars(saved_usd),
    showCount(calls),
    formula,
  ]);
  terminal.out(writeTable(['BY', 'SAVED $', 'CALLS', 'RECKONED AS'], rows));
  terminal.err(`${told.from} to ${told.to}. The lines are not to be summed: one call can stand in several.`);
}

function filtersOf(options: FilterOptions): object {
  const { period, from, to, organisation, team, project, user, key, model, provider, variant, tag } = options;
  return { period, from, to, organisation, team, project, user, key, model, provider, variant, tag };
}

function tableOf({ rows, total, by, each }: CostReport): string {
  const names = [...(each === null ? [] : [each]), ...by];
  const titles = [...names.map((name) => name.toUpperCase()), ...SUMS];
  const cells = rows.map((row) => [
    ...(each === null ? [] : [showStart(String(row['starts_at']), each)]),
    ...by.map((dimension) => showName(row, dimension)),
    ...showSums(row, total),
  ]);
  const totals = [...names.map((_, index) => (index === 0 ? 'total' : '')), ...showSums(total, total)];
  return writeTable(titles, alignRight(titles, [...cells, totals], names.length));
}

function showSums(sums: CostSums, total: CostSums): string[] {
  return [
    showCost(sums),
    showShare(sums.cost_usd, total.cost_usd),
    showCount(sums.calls),
    showCount(sums.input_tokens),
    showCount(sums.output_tokens),
  ];
}

/** What has no price is neither zero nor left out in silence. */
function showCost({ cost_usd, unpriced_attempts: unpriced }: CostSums): string {
  return cost_usd !== null && unpriced > 0 ? `${showDollars(cost_usd)} + unpriced` : showDollars(cost_usd);
}

function showName(row: Record<string, unknown>, dimension: string): string {
  const value = (dimension === 'key' ? row['key_name'] : undefined) ?? row[dimension];
  return typeof value === 'string' ? value : '(none)';
}

function showStart(at: string, each: 'hour' | 'day'): string {
  return each === 'day' ? at.slice(0, 10) : at.slice(0, 16).replace('T', ' ');
}

function notesOf({ from, to, total, truncated }: CostReport): string[] {
  const { unpriced_attempts: unpriced, estimated_attempts: estimated, unseen_cost_usd: unseen } = total;
  return [
    `${from} to ${to}; days and hours are those of UTC.`,
    ...(unpriced > 0
      ? [`${showCount(unpriced)} attempts used tokens of no known price: their cost is in no figure.`]
      : []),
    ...(estimated > 0 ? [`The usage of ${showCount(estimated)} attempts is estimated.`] : []),
    ...(Number(unseen) > 0 ? [`$${showDollars(unseen)} of it is for attempts that no client saw.`] : []),
    ...(truncated ? ['There are more rows; --limit shows more. The total is over all of them.'] : []),
  ];
}
