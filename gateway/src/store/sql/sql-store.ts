import type { Kysely } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import type { Store } from '../store.ts';
import { createAlertRows } from './alert-rows.ts';
import { appendAudit, createAuditRows, lockAudit } from './audit-rows.ts';
import { createBudgetRows } from './budget-rows.ts';
import { createKeyRows } from './key-rows.ts';
import { createResponseRows } from './response-rows.ts';
import type { Tables } from './tables.ts';
import { createTenantRows } from './tenant-rows.ts';
import { createUsageRows } from './usage-rows.ts';

/** Keys, tenants, budgets, alerts, audit, facts, responses and usage in any SQL database that Kysely speaks to. */
export function createSqlStore({
  db,
  clock,
}: {
  db: Kysely<Tables>;
  clock: Clock;
}): Pick<Store, 'keys' | 'tenants' | 'budgets' | 'alerts' | 'audit' | 'change' | 'facts' | 'responses' | 'usage'> {
  return {
    keys: createKeyRows(db, clock),
    tenants: createTenantRows(db),
    budgets: createBudgetRows(db),
    alerts: createAlertRows(db),
    audit: createAuditRows(db),
    change: (work) =>
      db.transaction().execute(async (transaction) => {
        await lockAudit(transaction);
        return work({
          keys: createKeyRows(transaction, clock),
          tenants: createTenantRows(transaction),
          budgets: createBudgetRows(transaction),
          note: (note) => appendAudit(transaction, note),
        });
      }),
    responses: createResponseRows(db),
    usage: createUsageRows(db),
    facts: {
      async get(name) {
        const row = await db.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst();
        return row?.value;
      },
      async set(name, value) {
        await db
          .insertInto('facts')
          .values({ name, value })
          .onConflict((conflicting) => conflicting.column('name').doUpdateSet({ value }))
          .execute();
      },
      async keep(name, value) {
        await db
          .insertInto('facts')
          .values({ name, value })
          .onConflict((conflicting) => conflicting.column('name').doNothing())
          .execute();
        const kept = await db.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirstOrThrow();
        return kept.value;
      },
    },
  };
}
