import type { Kysely } from 'kysely';
import type { UsageStore } from '../store.ts';
import { ledgerOf, searchCalls } from './call-rows.ts';
import { loggedCallOf } from './logged-call.ts';
import { purgeUsage } from './purge-usage.ts';
import type { Tables } from './tables.ts';
import { reportSavings, reportUsage } from './usage-report.ts';

/** What calls used and cost, in any SQL database that Kysely speaks to. */
export function createUsageRows(db: Kysely<Tables>): UsageStore {
  return {
    report: (query) => reportUsage(db, query),
    savings: (query) => reportSavings(db, query),
    searchCalls: (search) => searchCalls(db, search),
    async findCall(id) {
      const row = await db.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst();
      return row && { ...loggedCallOf(row), entries: await ledgerOf(db, id) };
    },
    async keepBodies(call_id, at_ms, sealed) {
      await db
        .insertInto('call_bodies')
        .values({ call_id, at_ms, sealed })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async findBodies(callId) {
      const row = await db.selectFrom('call_bodies').select('sealed').where('call_id', '=', callId).executeTakeFirst();
      return row?.sealed;
    },
    purge: (olderThan) => purgeUsage(db, olderThan),
  };
}
