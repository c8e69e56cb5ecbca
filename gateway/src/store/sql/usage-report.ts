import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Dimension, SavingsLine, UsageQuery, UsageReport, UsageRow } from '../store.ts';
import { picoOf } from './pico-sums.ts';
import type { Tables } from './tables.ts';
import { dimensionValue, joinTags, whereGroups } from './usage-dimensions.ts';
import { addRows, type SumRow, sumsOfRows, sumsOfSums } from './usage-sums.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LENGTH_MS = { hour: HOUR_MS, day: DAY_MS } as const;
const MOST_ROWS = 1_000;

/** Sums over a time by up to two dimensions, the dearest first; within each hour or day, if these are asked for. */
export async function reportUsage(db: Kysely<Tables>, query: UsageQuery): Promise<UsageReport> {
  const { by = [], limit = MOST_ROWS } = query;
  const rows = await selectSums(db, query, limit + 1);
  const isCut = rows.length > limit;
  const isAll = !isCut && !by.includes('tag');
  const shown = rows.slice(0, limit);
  return {
    rows: shown.map((row) => reportRowOf(row, query)),
    total: addRows(isAll ? shown : await selectSums(db, undivided(query), 1)),
    isCut,
  };
}

/** What was not spent, by what. */
export async function reportSavings(db: Kysely<Tables>, query: UsageQuery): Promise<SavingsLine[]> {
  const [row = {}] = await selectSums(db, undivided(query), 1);
  return [
    {
      by: 'cache',
      savedPico: picoOf(row, 'saved_by_cache_pico'),
      calls: Number(row['cached_calls'] ?? 0),
      formula: 'of each call answered from the cache: its tokens × the prices of the model that gave the answer first',
    },
    {
      by: 'routing',
      savedPico: picoOf(row, 'saved_by_routing_pico'),
      calls: Number(row['routed_calls'] ?? 0),
      formula: 'of each call that has a baseline model: its tokens × the prices of that model − what it cost',
    },
    {
      by: 'prompt-cache',
      savedPico: picoOf(row, 'saved_by_prompt_cache_pico'),
      calls: Number(row['prompt_cached_calls'] ?? 0),
      formula:
        'cached input tokens × (input price − cached price) − tokens written to the cache × (write price − input price)',
    },
  ];
}

function undivided({ fromMs, toMs, filter }: UsageQuery): UsageQuery {
  return { fromMs, toMs, ...(filter !== undefined && { filter }) };
}

/** Rows are summed by group before they meet the groups' facts: hours are many, groups are few. */
async function selectSums(
  db: Kysely<Tables>,
  { fromMs, toMs, by = [], each, filter = {} }: UsageQuery,
  limit: number,
): Promise<SumRow[]> {
  const spans = spansOf(Math.ceil(fromMs), Math.ceil(toMs), each === 'hour' ? HOURS : DAYS);
  if (spans.length === 0) return [];
  const values = by.map((dimension, index) => dimensionValue(dimension, `tags_${index}`));
  const divided = each === undefined ? values : [sql`sums.starts_at`, ...values];
  const selected = [
    sql`${each === undefined ? sql`0` : sql`sums.starts_at`} as starts_at`,
    ...values.map((value, index) => sql`${value} as ${sql.ref(`of_${index}`)}`),
    ...(by.includes('key') ? [sql`max(usage_groups.key_name) as key_name`] : []),
    ...sumsOfSums(),
  ];
  const { rows } = await sql<SumRow>`
    select ${sql.join(selected)}
    from (${sql.join(
      spans.map((span) => sumsByGroup(span, each)),
      sql` union all `,
    )}) as sums
    join usage_groups on usage_groups.id = sums.group_id
    ${sql.join(
      by.map((dimension, index) => joinTags(dimension, `tags_${index}`)),
      sql` `,
    )}
    ${whereGroups(filter)}
    ${divided.length === 0 ? sql`` : sql`group by ${sql.join(divided)}`}
    order by starts_at, sum(cost_pico_micros) + sum(cost_pico_rest) / 1000000 desc, sum(cost_pico_rest) % 1000000 desc, sum(calls) desc${sql.join(
      values.map((value) => sql`, ${value}`),
      sql``,
    )}
    limit ${limit}`.execute(db);
  // Undivided, there is one row also of nothing.
  return rows.filter(({ calls }) => calls !== null);
}

interface Span {
  table: 'usage_days' | 'usage_hours' | 'ledger_entries';
  from: number;
  to: number;
}

/** Where whole lengths of time are summed already, the longest first. */
type Levels = readonly { table: Span['table']; lengthMs: number }[];
const HOURS: Levels = [
  { table: 'usage_hours', lengthMs: HOUR_MS },
  { table: 'ledger_entries', lengthMs: 1 },
];
const DAYS: Levels = [{ table: 'usage_days', lengthMs: DAY_MS }, ...HOURS];

/** Whole days from the daily sums, whole hours at both ends from the hourly ones, and what is left from single entries. */
function spansOf(from: number, to: number, [level, ...finer]: Levels): Span[] {
  if (level === undefined || from >= to) return [];
  const first = Math.ceil(from / level.lengthMs) * level.lengthMs;
  const last = Math.floor(to / level.lengthMs) * level.lengthMs;
  if (first >= last) return spansOf(from, to, finer);
  return [...spansOf(from, first, finer), { table: level.table, from: first, to: last }, ...spansOf(last, to, finer)];
}

function sumsByGroup({ table, from, to }: Span, each: UsageQuery['each']): RawBuilder<unknown> {
  const time = sql.ref(table === 'ledger_entries' ? 'at_ms' : 'starts_ms');
  const startsAt = each === undefined ? undefined : sql`${time} - ${time} % ${sql.lit(LENGTH_MS[each])}`;
  return sql`
    select group_id, ${startsAt ?? sql`0`} as starts_at, ${sql.join(sumsOfRows())}
    from ${sql.table(table)}
    where ${time} >= ${from} and ${time} < ${to}
    group by group_id${startsAt === undefined ? sql`` : sql`, ${startsAt}`}`;
}

function reportRowOf(row: SumRow, { by = [], each }: UsageQuery): UsageRow {
  const keyName = row['key_name'];
  return {
    of: by.map((_dimension: Dimension, index) => (row[`of_${index}`] ?? null) as string | null),
    ...(typeof keyName === 'string' && { keyName }),
    ...(each !== undefined && { startsAtMs: Number(row['starts_at']) }),
    ...addRows([row]),
  };
}
