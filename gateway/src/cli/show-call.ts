import { createAdminClient } from './admin-client.ts';
import { showDollars } from './figures.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Fields = Record<string, unknown>;

interface CallDetail extends Fields {
  id: string;
  attempts: Fields[];
  ledger: Fields[];
  has_bodies: boolean;
}

interface Bodies {
  request: string | null;
  response: string | null;
}

/** One call, with everything that is known of it. */
export async function showCall(id: string, options: Common & { bodies?: boolean }, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const place = `/calls/${encodeURIComponent(id)}`;
  const call = await client.ask<CallDetail>('GET', place);
  const bodies = options.bodies ? await client.ask<Bodies>('GET', `${place}/bodies`) : undefined;
  if (options.json) return terminal.out(JSON.stringify({ ...call, ...(bodies && { bodies }) }, null, 2));
  const { attempts, ledger, has_bodies, ...facts } = call;
  terminal.out(writeTable(['FIELD', 'VALUE'], rowsOf(facts)));
  if (attempts.length > 0) terminal.out(`\n${tableOf('attempts', attempts)}`);
  terminal.out(`\n${tableOf('ledger', ledger)}`);
  if (bodies !== undefined) terminal.out(`\nrequest\n${bodies.request ?? ''}\n\nresponse\n${bodies.response ?? ''}`);
  else if (has_bodies) terminal.err('What was asked and answered was kept; --bodies shows it.');
}

function rowsOf(facts: Fields): string[][] {
  return Object.entries(facts)
    .filter(([name, value]) => name === 'cost_usd' || (value !== null && JSON.stringify(value) !== '{}'))
    .map(([name, value]) => [name, showValue(name, value)]);
}

function tableOf(title: string, entries: readonly Fields[]): string {
  const names = Object.keys(entries[0] ?? {}).filter((name) => entries.some((entry) => entry[name] !== null));
  const rows = entries.map((entry) => names.map((name) => showValue(name, entry[name])));
  return `${title}\n${writeTable(
    names.map((name) => name.toUpperCase()),
    rows,
  )}`;
}

function showValue(name: string, value: unknown): string {
  if (name === 'cost_usd') return showDollars(value as string | null);
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
