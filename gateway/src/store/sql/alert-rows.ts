import type { Kysely } from 'kysely';
import type { Alert, AlertStore, Delivery } from '../../core/alert.ts';
import type { AlertRow } from './budget-tables.ts';
import type { Tables } from './tables.ts';

/** Alerts in any SQL database that Kysely speaks to. */
export function createAlertRows(db: Kysely<Tables>): AlertStore {
  async function deliveriesOf(ids: readonly string[]): Promise<Map<string, Delivery[]>> {
    const found = new Map<string, Delivery[]>(ids.map((id) => [id, []]));
    if (ids.length === 0) return found;
    const rows = await db
      .selectFrom('alert_deliveries')
      .selectAll()
      .where('alert_id', 'in', ids)
      .orderBy('channel')
      .execute();
    for (const { alert_id, delivery } of rows) found.get(alert_id)!.push(JSON.parse(delivery) as Delivery);
    return found;
  }

  return {
    async open({ id, key, atMs, ...told }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('alerts')
        .values({ id, key, at_ms: atMs, told: JSON.stringify(told) })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows !== 0n;
    },
    async delivered(alert_id, delivery) {
      const written = JSON.stringify(delivery);
      await db
        .insertInto('alert_deliveries')
        .values({ alert_id, channel: delivery.channel, delivery: written })
        .onConflict((conflict) => conflict.columns(['alert_id', 'channel']).doUpdateSet({ delivery: written }))
        .execute();
    },
    async list({ limit, before }) {
      let query = db.selectFrom('alerts').selectAll().orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(limit);
      if (before !== undefined) {
        query = query.where(({ or, and, eb }) =>
          or([eb('at_ms', '<', before.atMs), and([eb('at_ms', '=', before.atMs), eb('id', '<', before.id)])]),
        );
      }
      const rows = await query.execute();
      const deliveries = await deliveriesOf(rows.map(({ id }) => id));
      return rows.map((row) => ({ ...alertOf(row), deliveries: deliveries.get(row.id)! }));
    },
    async trim(most) {
      const first = await db
        .selectFrom('alerts')
        .select(['at_ms', 'id'])
        .orderBy('at_ms', 'desc')
        .orderBy('id', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst();
      if (first === undefined) return;
      await db
        .deleteFrom('alerts')
        .where(({ or, and, eb }) =>
          or([eb('at_ms', '<', first.at_ms), and([eb('at_ms', '=', first.at_ms), eb('id', '<=', first.id)])]),
        )
        .execute();
      await db
        .deleteFrom('alert_deliveries')
        .where('alert_id', 'not in', (query) => query.selectFrom('alerts').select('id'))
        .execute();
    },
  };
}

function alertOf({ id, key, at_ms, told }: AlertRow): Alert {
  return { id, key, ...(JSON.parse(told) as Omit<Alert, 'id' | 'key' | 'atMs'>), atMs: at_ms };
}
