import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { GatewayError } from '../../core/errors.ts';
import type { CallPage, CallSearch, LedgerEntry, LoggedCall } from '../store.ts';
import { type CallRecordJson, loggedCallOf, present } from './logged-call.ts';
import type { Tables } from './tables.ts';
import type { CallRow } from './usage-tables.ts';

const PAGE = 50;
const MOST = 500;

/** Which column a field of a search is compared with, where it is the same or not. */
const EQUALS = {
  key: 'key_id',
  organisation: 'organisation',
  team: 'team',
  project: 'project',
  user: 'user',
  modelAsked: 'asked',
  model: 'model',
  provider: 'provider',
  variant: 'variant',
  session: 'session',
  traceId: 'trace_id',
  outcome: 'outcome',
  status: 'status',
  error: 'error',
  operation: 'operation',
  cache: 'cache',
  guard: 'guard',
} as const satisfies Partial<Record<keyof CallSearch, keyof CallRow>>;

/** Calls that fit a search, the newest first. */
export async function searchCalls(db: Kysely<Tables>, search: CallSearch): Promise<CallPage> {
  const size = Math.min(Math.max(Math.trunc(search.limit ?? PAGE), 1), MOST);
  const rows = await narrow(db.selectFrom('calls').selectAll(), search)
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(size + 1)
    .execute();
  const calls = rows.slice(0, size).map(loggedCallOf);
  const last = calls.at(-1);
  return { calls, ...(rows.length > size && last !== undefined && { next: cursorOf(last) }) };
}

type Calls = SelectQueryBuilder<Tables, 'calls', CallRow>;

function narrow(query: Calls, search: CallSearch): Calls {
  let narrowed = query;
  for (const [field, column] of Object.entries(EQUALS)) {
    const value = search[field as keyof typeof EQUALS];
    if (value !== undefined) narrowed = narrowed.where(column, '=', value);
  }
  if (search.fromMs !== undefined) narrowed = narrowed.where('at_ms', '>=', Math.ceil(search.fromMs));
  if (search.toMs !== undefined) narrowed = narrowed.where('at_ms', '<', Math.ceil(search.toMs));
  if (search.minCostPico !== undefined) narrowed = narrowed.where('cost_pico', '>=', search.minCostPico);
  if (search.minDurationMs !== undefined) narrowed = narrowed.where('duration_ms', '>=', search.minDurationMs);
  if (search.id !== undefined) narrowed = narrowed.where(holds('id', search.id));
  for (const [name, value] of Object.entries(search.tags ?? {}))
    narrowed = narrowed.where(holds('tags', JSON.stringify({ [name]: value }).slice(1, -1)));
  return search.after === undefined ? narrowed : after(narrowed, search.after);
}

/** Whether a text holds another, letter for letter; `like` minds case in one database and not in the other. */
function holds(column: keyof CallRow, part: string) {
  return sql<boolean>`replace(${sql.ref(column)}, ${part}, '') <> ${sql.ref(column)}`;
}

function after(query: Calls, cursor: string): Calls {
  const [, at, id] = /^(\d{1,16})\.(.+)$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new GatewayError(
      'invalid_request',
      '`after` is no place in the list of calls. Take `next` of the page before.',
      {
        param: 'after',
      },
    );
  return query.where(({ eb, or, and }) =>
    or([eb('at_ms', '<', Number(at)), and([eb('at_ms', '=', Number(at)), eb('id', '<', id)])]),
  );
}

function cursorOf({ atMs, id }: LoggedCall): string {
  return `${atMs}.${id}`;
}

/** What the ledger holds of a call, attempt by attempt. */
export async function ledgerOf(db: Kysely<Tables>, callId: string): Promise<LedgerEntry[]> {
  const rows = await db
    .selectFrom('ledger_entries')
    .innerJoin('usage_groups', 'usage_groups.id', 'ledger_entries.group_id')
    .selectAll('ledger_entries')
    .select(['usage_groups.provider', 'usage_groups.model'])
    .where('call_id', '=', callId)
    .orderBy('attempt')
    .execute();
  return rows.map((row) => ({
    attempt: row.attempt,
    atMs: row.at_ms,
    state: row.state as LedgerEntry['state'],
    isVisible: row.visible === 1,
    isHedge: row.hedge === 1,
    usageSource: row.usage_source,
    ...present({
      provider: row.provider,
      model: row.model,
      verdict: row.verdict,
      usage: row.usage === null ? null : (JSON.parse(row.usage) as CallRecordJson['usage']),
      costPico: row.cost_pico,
      priceVersion: row.price_version,
    }),
  }));
}
