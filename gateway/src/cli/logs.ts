import { type AdminClient, createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { writeQuery } from './ask-query.ts';
import { showCount, showDollars } from './figures.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** A call as the management API shows it, as far as it is printed here. */
export interface CallDocument {
  id: string;
  at: string;
  team: string | null;
  key_name: string | null;
  key_id: string | null;
  model_asked: string;
  provider: string | null;
  model: string | null;
  status: number;
  outcome: string;
  error: string | null;
  attempts: { provider: string; model: string; verdict: string }[];
  usage: Record<string, number | string> | null;
  usage_source: string;
  cost_usd: string | null;
  cache: string | null;
  duration_ms: number;
  first_byte_ms: number | null;
}

export interface SearchOptions extends Common {
  period?: string;
  from?: string;
  to?: string;
  key?: string;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  asked?: string;
  model?: string;
  provider?: string;
  variant?: string;
  session?: string;
  trace?: string;
  status?: number;
  outcome?: string;
  error?: string;
  operation?: string;
  cache?: string;
  guard?: string;
  tag?: string;
  id?: string;
  minCost?: string;
  minDuration?: number;
  limit?: number;
}

export interface TailOptions extends SearchOptions {
  lines: number;
  follow: boolean;
}

const TITLES = ['AT', 'ID', 'KEY', 'TEAM', 'ASKED', 'SERVED', 'STATUS', 'TRIES', 'TOKENS', 'COST $', 'MS', 'FIRST MS'];
/** Wide enough that lines printed one by one still stand under each other. */
const WIDTHS = [24, 27, 12, 12, 18, 26, 18, 9, 13, 10, 7, 8];
const EVERY_MS = 1_000;
/** How far back is looked for calls that have ended since: the log is ordered by when calls began. */
const WINDOW = '-15m';
const MOST_AT_ONCE = 500;

/** Calls that fit, the newest first. */
export async function searchCalls(options: SearchOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const calls = await askAll<CallDocument>(client, `/calls${queryOf(options)}`, options.limit);
  if (options.json) return terminal.out(JSON.stringify({ data: calls }, null, 2));
  terminal.out(writeTable(TITLES, calls.map(cellsOf)));
}

/** The last calls, the newest at the end, and those that come after them. */
export async function tailCalls(options: TailOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const print = (call: CallDocument) => terminal.out(options.json ? JSON.stringify(call) : lineOf(cellsOf(call)));
  // Before the last ones are asked for: what ends between the two is among them, or comes later.
  const known = options.follow ? await askAll<CallDocument>(client, recent(options), MOST_AT_ONCE) : [];
  const last = await askAll<CallDocument>(client, `/calls${queryOf(options)}`, options.lines);
  if (!options.json) terminal.out(lineOf(TITLES));
  last.toReversed().forEach(print);
  if (!options.follow) return;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, EVERY_MS));
  await followCalls({ client, query: options, known: [...known, ...last], print, pause, isOver: () => false });
}

/** Prints each call that comes, once, until it is over. */
export async function followCalls(following: {
  client: AdminClient;
  query: SearchOptions;
  /** Those that are no news: printed already, or there before. */
  known: readonly CallDocument[];
  print: (call: CallDocument) => void;
  pause: () => Promise<void>;
  isOver: () => boolean;
}): Promise<void> {
  const { client, query, known, print, pause, isOver } = following;
  let seen = new Set(known.map(({ id }) => id));
  for (await pause(); !isOver(); await pause()) {
    const calls = await askAll<CallDocument>(client, recent(query), MOST_AT_ONCE);
    for (const call of calls.toReversed()) if (!seen.has(call.id)) print(call);
    // Those that are out of the window will not come again.
    seen = new Set(calls.map(({ id }) => id));
  }
}

function recent(query: SearchOptions): string {
  return `/calls${queryOf({ ...query, from: WINDOW })}`;
}

function queryOf(options: SearchOptions): string {
  const { period, from, to, key, organisation, team, project, user, model, provider, variant, session } = options;
  const { status, outcome, error, operation, cache, guard, tag, id } = options;
  return writeQuery({
    ...{ period, from, to, key, organisation, team, project, user, model, provider, variant, session },
    ...{ status, outcome, error, operation, cache, guard, tag, id },
    model_asked: options.asked,
    trace_id: options.trace,
    min_cost_usd: options.minCost,
    min_duration_ms: options.minDuration,
  });
}

function cellsOf(call: CallDocument): string[] {
  return [
    call.at,
    call.id,
    call.key_name ?? call.key_id ?? '',
    call.team ?? '',
    call.model_asked,
    call.model === null ? '' : `${call.provider}/${call.model}`,
    call.error ?? (call.outcome === 'complete' ? String(call.status) : `${call.status} ${call.outcome}`),
    showTries(call),
    showTokens(call),
    showCost(call),
    String(Math.round(call.duration_ms)),
    call.first_byte_ms === null ? '' : String(Math.round(call.first_byte_ms)),
  ];
}

function lineOf(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(WIDTHS[column]!))
    .join('  ')
    .trimEnd();
}

/** One attempt that answered is not worth a word. */
function showTries({ attempts, cache }: CallDocument): string {
  if (attempts.length === 0) return cache ?? '';
  return attempts.length === 1 && attempts[0]!.verdict === 'answered'
    ? '1'
    : `${attempts.length} ${attempts.at(-1)!.verdict}`;
}

function showTokens({ usage, usage_source }: CallDocument): string {
  if (usage === null) return '';
  const { inputTokens = 0, outputTokens = 0 } = usage;
  return `${usage_source === 'estimated' ? '~' : ''}${showCount(Number(inputTokens))}>${showCount(Number(outputTokens))}`;
}

/** A call that used nothing has no cost to be unknown. */
function showCost({ cost_usd, usage }: CallDocument): string {
  return cost_usd === null && usage === null ? '' : showDollars(cost_usd);
}
