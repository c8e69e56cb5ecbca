import { type Kysely, sql } from 'kysely';
import type { Retention } from '../store.ts';
import type { Tables } from './tables.ts';

/** Rows that are taken away in one statement: others wait meanwhile. */
const PURGED_AT_ONCE = 500;

const PLACES: Record<keyof Retention, { table: keyof Tables; time: string; key: readonly string[] }> = {
  calls: { table: 'calls', time: 'at_ms', key: ['id'] },
  bodies: { table: 'call_bodies', time: 'at_ms', key: ['call_id'] },
  ledger: { table: 'ledger_entries', time: 'at_ms', key: ['call_id', 'attempt'] },
  hours: { table: 'usage_hours', time: 'starts_ms', key: ['starts_ms', 'group_id'] },
  days: { table: 'usage_days', time: 'starts_ms', key: ['starts_ms', 'group_id'] },
};

/** Takes away what is older than its time, a little at a time; gives how many rows of each went. */
export async function purgeUsage(db: Kysely<Tables>, olderThan: Retention): Promise<Record<keyof Retention, number>> {
  const purged = { calls: 0, bodies: 0, ledger: 0, hours: 0, days: 0 };
  for (const name of Object.keys(purged) as (keyof Retention)[]) {
    const before = olderThan[name];
    if (before !== undefined) purged[name] = await purge(db, PLACES[name], before);
  }
  return purged;
}

async function purge(
  db: Kysely<Tables>,
  { table, time, key }: (typeof PLACES)[keyof Retention],
  before: number,
): Promise<number> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  for (let count = 0; ; ) {
    const { rows } = await sql`
      delete from ${sql.table(table)} where (${columns}) in
        (select ${columns} from ${sql.table(table)} where ${sql.ref(time)} < ${Math.floor(before)} limit ${PURGED_AT_ONCE})
      returning 1 as gone`.execute(db);
    count += rows.length;
    if (rows.length < PURGED_AT_ONCE) return count;
  }
}
