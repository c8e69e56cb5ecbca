import { type Kysely, sql } from 'kysely';
import type { KeptResponse } from '../../core/kept-response.ts';
import type { ResponseStore } from '../store.ts';
import type { ResponseRow, Tables } from './tables.ts';

/** Rows that are taken away in one statement: others wait meanwhile. */
const PURGED_AT_ONCE = 200;

/** Kept responses in any SQL database that Kysely speaks to. */
export function createResponseRows(db: Kysely<Tables>): ResponseStore {
  /** The response and those before it, by age: the named one is 0. */
  const withConversation = (id: string, keyId: string) =>
    db.withRecursive('conversation', (query) =>
      query
        .selectFrom('responses')
        .select(['id', 'previous_id', sql<number>`0`.as('age')])
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .unionAll((more) =>
          more
            .selectFrom('responses')
            .innerJoin('conversation', 'conversation.previous_id', 'responses.id')
            .select(['responses.id', 'responses.previous_id', sql<number>`conversation.age + 1`.as('age')])
            .where('responses.key_id', '=', keyId),
        ),
    );

  return {
    async insert(kept) {
      await db.insertInto('responses').values(rowOf(kept)).execute();
      if (kept.previousId === undefined) return;
      await withConversation(kept.previousId, kept.keyId)
        .updateTable('responses')
        .set({ expires_at_ms: kept.expiresAtMs })
        .where('expires_at_ms', '<', kept.expiresAtMs)
        .where('id', 'in', (query) => query.selectFrom('conversation').select('conversation.id'))
        .execute();
    },
    async find(id, keyId, nowMs) {
      const row = await db
        .selectFrom('responses')
        .selectAll()
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      return row && keptOf(row);
    },
    async conversation(id, keyId, nowMs) {
      const rows = await withConversation(id, keyId)
        .selectFrom('responses')
        .innerJoin('conversation', 'conversation.id', 'responses.id')
        .selectAll('responses')
        .where('expires_at_ms', '>', nowMs)
        .orderBy('conversation.age', 'desc')
        .execute();
      return rows.map(keptOf);
    },
    async remove(id, keyId) {
      const { numDeletedRows } = await db
        .deleteFrom('responses')
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async purge(nowMs) {
      const expired = db.selectFrom('responses').select('id').where('expires_at_ms', '<=', nowMs).limit(PURGED_AT_ONCE);
      for (let count = 0; ; ) {
        const { numDeletedRows } = await db.deleteFrom('responses').where('id', 'in', expired).executeTakeFirst();
        count += Number(numDeletedRows);
        if (numDeletedRows < PURGED_AT_ONCE) return count;
      }
    },
  };
}

function rowOf(kept: KeptResponse): ResponseRow {
  return {
    id: kept.id,
    key_id: kept.keyId,
    previous_id: kept.previousId ?? null,
    model: kept.model,
    provider: kept.provider,
    created_at_ms: kept.createdAtMs,
    expires_at_ms: kept.expiresAtMs,
    response: JSON.stringify(kept.response),
    input: kept.input,
  };
}

function keptOf(row: ResponseRow): KeptResponse {
  return {
    id: row.id,
    keyId: row.key_id,
    ...(row.previous_id !== null && { previousId: row.previous_id }),
    model: row.model,
    provider: row.provider,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    response: JSON.parse(row.response) as KeptResponse['response'],
    input: row.input,
  };
}
