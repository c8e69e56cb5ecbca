import { sql } from 'kysely';
import { createInsertMany } from '../sql/insert-many.ts';
import { type CallRow, type LedgerRow, SUMS } from '../sql/usage-tables.ts';

/** The statements with which a stretch of a journal is booked. Each can be said again without booking anything twice, but those of the sums. */
export function createBookingStatements() {
  return {
    calls: createInsertMany('calls', CALL_COLUMNS, (query) => query.onConflict((conflict) => conflict.doNothing())),
    entries: createInsertMany('ledger_entries', LEDGER_COLUMNS, (query) =>
      query.onConflict((conflict) => conflict.doNothing()),
    ),
    /** The same, giving back which of them were not there before. */
    freshEntries: createInsertMany<'ledger_entries', Pick<LedgerRow, 'call_id' | 'attempt'>>(
      'ledger_entries',
      LEDGER_COLUMNS,
      (query) => query.onConflict((conflict) => conflict.doNothing()).returning(['call_id', 'attempt']),
    ),
    groups: createInsertMany('usage_groups', GROUP_COLUMNS, (query) =>
      query.onConflict((conflict) =>
        conflict.column('id').doUpdateSet(({ ref }) => ({ key_name: ref('excluded.key_name') })),
      ),
    ),
    tags: createInsertMany('usage_group_tags', ['group_id', 'name', 'value'], (query) =>
      query.onConflict((conflict) => conflict.doNothing()),
    ),
    hours: createSpanInsert('usage_hours'),
    days: createSpanInsert('usage_days'),
  };
}

/** What is there already is added to. */
function createSpanInsert(table: 'usage_hours' | 'usage_days') {
  const added = Object.fromEntries(
    ['cost_pico', ...SUMS].map((column) => [
      column,
      sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`,
    ]),
  );
  return createInsertMany(table, ['starts_ms', 'group_id', 'cost_pico', ...SUMS], (query) =>
    query.onConflict((conflict) => conflict.columns(['starts_ms', 'group_id']).doUpdateSet(added)),
  );
}

const GROUP_COLUMNS = [
  'id',
  'organisation',
  'team',
  'project',
  'user',
  'key_id',
  'key_name',
  'model',
  'provider',
  'variant',
] as const;

const LEDGER_COLUMNS = [
  'call_id',
  'attempt',
  'at_ms',
  'group_id',
  'state',
  'visible',
  'hedge',
  'verdict',
  'usage',
  'usage_source',
  'price_version',
  'cost_pico',
  ...SUMS,
] as const;

const CALL_COLUMNS = [
  'id',
  'at_ms',
  'organisation',
  'team',
  'project',
  'user',
  'key_id',
  'key_name',
  'session',
  'tags',
  'dialect',
  'operation',
  'asked',
  'provider',
  'model',
  'variant',
  'route',
  'shadow_of',
  'streamed',
  'status',
  'outcome',
  'error',
  'error_message',
  'attempts',
  'usage',
  'usage_source',
  'cost_pico',
  'price_version',
  'cache',
  'guard',
  'duration_ms',
  'first_byte_ms',
  'overhead_ms',
  'bytes_in',
  'bytes_out',
  'trace_id',
] as const satisfies readonly (keyof CallRow)[];
