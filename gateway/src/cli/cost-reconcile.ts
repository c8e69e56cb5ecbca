import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createAdminClient } from './admin-client.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { alignRight, showCount, showDollars } from './figures.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ReconcileOptions extends Common {
  /** Names with commas between them. */
  provider: string;
  format: 'table' | 'csv' | 'json';
  all?: boolean;
  /** In percent. */
  maxDrift?: number;
}

interface Side {
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: string | null;
}

interface Drift {
  token_drift: number | null;
  token_drift_share: number | null;
  cost_drift_usd: string | null;
  cost_drift_share: number | null;
}

interface Reconciliation {
  formats: string[];
  from: string;
  to: string;
  rows: (Drift & { day: string; model: string | null; ours: Side | null; theirs: Side | null; why: string })[];
  total: Drift & { ours: Side & { unpriced_attempts: number }; theirs: Side };
  estimated_share: number | null;
  explanations: Record<string, string>;
  notes: string[];
}

const TITLES = ['DAY', 'MODEL', 'WHY', 'OUR TOKENS', 'THEIR TOKENS', 'DRIFT', 'OUR $', 'THEIR $', 'DRIFT $'];

/** Puts a provider's files beside the ledger. Fails where the totals differ by more than they may. */
export async function reconcileCosts(files: string[], options: ReconcileOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const texts = await Promise.all(files.map((file) => readText(path.resolve(terminal.folder, file))));
  const format = options.json ? 'json' : options.format;
  const ask = <Document>(as: 'json' | 'csv') =>
    client.ask<Document>('POST', '/reconcile', { provider: options.provider.split(','), files: texts, format: as });
  if (format === 'csv') return terminal.out((await ask<string>('csv')).trimEnd());
  const told = await ask<Reconciliation>('json');
  if (format === 'json') terminal.out(JSON.stringify(told, null, 2));
  else print(told, options, terminal);
  refuseDrift(told, options);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, EXIT.usage);
  }
}

function print(told: Reconciliation, { all }: ReconcileOptions, terminal: Terminal): void {
  const shown = all ? told.rows : told.rows.filter(({ why }) => why !== 'agrees');
  const rows = [
    ...shown.map((row) => [row.day, row.model ?? '(none)', row.why, ...cells(row.ours, row.theirs, row)]),
    ['total', '', '', ...cells(told.total.ours, told.total.theirs, told.total)],
  ];
  terminal.out(writeTable(TITLES, alignRight(TITLES, rows, 3)));
  terminal.err(`${told.formats.join(', ')}: ${told.from} to ${told.to} (UTC). Drift is ours less theirs.`);
  const hidden = told.rows.length - shown.length;
  if (hidden > 0) terminal.err(`${hidden} on which both sides agree not shown; --all shows them.`);
  for (const why of new Set(shown.map((row) => row.why))) terminal.err(`${why}: ${told.explanations[why]}`);
  if (told.estimated_share !== null)
    terminal.err(`${(100 * told.estimated_share).toFixed(1)}% of our attempts are estimated.`);
  for (const note of told.notes) terminal.err(note);
}

function cells(ours: Side | null, theirs: Side | null, drift: Drift): string[] {
  return [
    showTokens(ours),
    showTokens(theirs),
    withShare(showCount(drift.token_drift), drift.token_drift_share),
    ours === null ? '' : showDollars(ours.cost_usd),
    theirs === null || theirs.cost_usd === null ? '' : showDollars(theirs.cost_usd),
    drift.cost_drift_usd === null ? '' : withShare(showDollars(drift.cost_drift_usd), drift.cost_drift_share),
  ];
}

function showTokens(side: Side | null): string {
  if (side === null || side.input_tokens === null) return '';
  return showCount(side.input_tokens + (side.output_tokens ?? 0));
}

function withShare(figure: string, share: number | null): string {
  return share === null ? figure : `${figure} (${(100 * share).toFixed(2)}%)`;
}

function refuseDrift({ total }: Reconciliation, { maxDrift }: ReconcileOptions): void {
  if (maxDrift === undefined) return;
  const [name, share] =
    total.cost_drift_share === null ? ['tokens', total.token_drift_share] : ['costs', total.cost_drift_share];
  if (share !== null && Math.abs(share) * 100 <= maxDrift) return;
  const drift = share === null ? 'cannot be compared' : `drift by ${(100 * share).toFixed(2)}%`;
  throw new CommandFailure(`The ${name} ${drift}; ${maxDrift}% are allowed.`, EXIT.failed);
}
