import type { Kysely } from 'kysely';
import type { AuditEntry, AuditHead, AuditNote, AuditStore, AuditVerdict } from '../audit-store.ts';
import { FIRST_HASH, faultIn, hashOf } from './audit-chain.ts';
import type { AuditRow, Tables } from './tables.ts';

const ROWS_AT_ONCE = 500;

/** The audit in any SQL database that Kysely speaks to. */
export function createAuditRows(db: Kysely<Tables>): AuditStore {
  return {
    async list({ limit, beforeSequence, noun, nounId, nounName, action, actor, fromMs, toMs }) {
      let query = db.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(limit);
      if (beforeSequence !== undefined) query = query.where('sequence', '<', beforeSequence);
      if (noun !== undefined) query = query.where('noun', '=', noun);
      if (nounId !== undefined) query = query.where('noun_id', '=', nounId);
      if (nounName !== undefined) query = query.where('noun_name', '=', nounName);
      if (action !== undefined) query = query.where('action', '=', action);
      if (actor !== undefined) query = query.where('actor', '=', actor);
      if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs);
      if (toMs !== undefined) query = query.where('at_ms', '<', toMs);
      return (await query.execute()).map(entryOf);
    },
    async head() {
      return db.selectFrom('audit_head').select(['sequence', 'hash']).where('id', '=', 1).executeTakeFirstOrThrow();
    },
    async verify() {
      const end = await this.head();
      let previous: AuditHead = { sequence: 0, hash: FIRST_HASH };
      while (previous.sequence < end.sequence) {
        const rows = await db
          .selectFrom('audit')
          .selectAll()
          .where('sequence', '>', previous.sequence)
          .where('sequence', '<=', end.sequence)
          .orderBy('sequence')
          .limit(ROWS_AT_ONCE)
          .execute();
        if (rows.length === 0) return broken(previous, `Entry ${previous.sequence + 1} is missing.`);
        for (const row of rows) {
          const fault = faultIn(row, previous);
          if (fault !== undefined) return broken(previous, fault);
          previous = row;
        }
      }
      if (previous.hash !== end.hash) return broken(previous, 'The last entry is not the one that was written last.');
      return { isIntact: true, entries: end.sequence, hash: end.hash };
    },
  };
}

/** Takes hold of the chain's end, so that no other change runs until the transaction is over. */
export async function lockAudit(transaction: Kysely<Tables>): Promise<void> {
  await transaction
    .updateTable('audit_head')
    .set((expression) => ({ sequence: expression.ref('sequence') }))
    .where('id', '=', 1)
    .execute();
}

/** Appends an entry. Only within a transaction that holds the lock. */
export async function appendAudit(transaction: Kysely<Tables>, note: AuditNote): Promise<void> {
  const head = await createAuditRows(transaction).head();
  const row = rowOf(note, head);
  const hash = hashOf(row);
  await transaction
    .insertInto('audit')
    .values({ ...row, hash })
    .execute();
  await transaction.updateTable('audit_head').set({ sequence: row.sequence, hash }).where('id', '=', 1).execute();
}

function broken(previous: AuditHead, why: string): AuditVerdict {
  return { isIntact: false, entries: previous.sequence, brokenAt: previous.sequence + 1, why };
}

function rowOf(note: AuditNote, head: AuditHead): Omit<AuditRow, 'hash'> {
  return {
    sequence: head.sequence + 1,
    id: note.id,
    at_ms: note.atMs,
    actor: note.actor,
    actor_id: note.actorId ?? null,
    action: note.action,
    noun: note.noun,
    noun_id: note.nounId,
    noun_name: note.nounName,
    before: note.before === undefined ? null : JSON.stringify(note.before),
    after: note.after === undefined ? null : JSON.stringify(note.after),
    request_id: note.requestId ?? null,
    remote_address: note.remoteAddress ?? null,
    previous_hash: head.hash,
  };
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    sequence: row.sequence,
    id: row.id,
    atMs: row.at_ms,
    actor: row.actor,
    ...(row.actor_id !== null && { actorId: row.actor_id }),
    action: row.action,
    noun: row.noun,
    nounId: row.noun_id,
    nounName: row.noun_name,
    ...(row.before !== null && { before: JSON.parse(row.before) as object }),
    ...(row.after !== null && { after: JSON.parse(row.after) as object }),
    ...(row.request_id !== null && { requestId: row.request_id }),
    ...(row.remote_address !== null && { remoteAddress: row.remote_address }),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
