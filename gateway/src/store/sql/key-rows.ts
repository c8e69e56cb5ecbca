import type { Kysely } from 'kysely';
import type { ApiKey } from '../../auth/api-key.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { KeyStore } from '../store.ts';
import { lockAudit } from './audit-rows.ts';
import { columnsOf } from './columns.ts';
import { keyOf, rowOf } from './key-row.ts';
import type { KeyRow, Tables } from './tables.ts';

/** Keys in any SQL database that Kysely speaks to. Within a transaction, its work is part of that. */
export function createKeyRows(db: Kysely<Tables>, clock: Clock): KeyStore {
  const together = <Result>(work: (transaction: Kysely<Tables>) => Promise<Result>): Promise<Result> =>
    db.isTransaction
      ? work(db)
      : db.transaction().execute(async (transaction) => {
          // One after the other over all nodes: else two of them could find the same name free.
          await lockAudit(transaction);
          return work(transaction);
        });

  return {
    async list() {
      const rows = await db.selectFrom('keys').selectAll().orderBy('created_at_ms').orderBy('id').execute();
      return rows.map(keyOf);
    },
    async find(id) {
      const row = await db.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
      return row && keyOf(row);
    },
    insert: (key) =>
      together(async (transaction) => {
        await refuseTakenName(transaction, key.name, clock.wallMs());
        await transaction.insertInto('keys').values(rowOf(key)).execute();
      }),
    update: (id, change) =>
      together(async (transaction) => {
        const before = await find(transaction, id);
        if (change.name !== undefined && change.name !== before.name) {
          await refuseTakenName(transaction, change.name, clock.wallMs());
        }
        return save(transaction, id, columnsOf(change));
      }),
    replace: (id, successor, expiresAtMs) =>
      together(async (transaction) => {
        const before = await find(transaction, id);
        if (before.revoked_at_ms !== null) throw conflict(`The key "${before.name}" was revoked.`);
        if (before.replaced_by !== null) {
          throw conflict(`The key "${before.name}" was replaced already, by ${before.replaced_by}.`);
        }
        const replaced = await save(transaction, id, { replaced_by: successor.id, expires_at_ms: expiresAtMs });
        await transaction.insertInto('keys').values(rowOf(successor)).execute();
        return replaced;
      }),
  };
}

async function find(transaction: Kysely<Tables>, id: string): Promise<KeyRow> {
  const row = await transaction.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new GatewayError('not_found', `There is no key ${id}.`);
  return row;
}

async function save(
  transaction: Kysely<Tables>,
  id: string,
  columns: Record<string, string | number | null>,
): Promise<ApiKey> {
  if (Object.keys(columns).length === 0) return keyOf(await find(transaction, id));
  const row = await transaction
    .updateTable('keys')
    .set(columns)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return keyOf(row);
}

/** A key lives until it is revoked, replaced or expired; from then on its name is free. */
async function refuseTakenName(transaction: Kysely<Tables>, name: string, nowMs: number): Promise<void> {
  const holder = await transaction
    .selectFrom('keys')
    .select('id')
    .where('name', '=', name)
    .where('revoked_at_ms', 'is', null)
    .where('replaced_by', 'is', null)
    .where((expression) =>
      expression.or([expression('expires_at_ms', 'is', null), expression('expires_at_ms', '>', nowMs)]),
    )
    .executeTakeFirst();
  if (holder !== undefined) {
    throw conflict(
      `A key named "${name}" exists already (${holder.id}). Choose another name, or rotate or revoke that one.`,
      'name',
    );
  }
}

function conflict(message: string, param?: string): GatewayError {
  return new GatewayError('conflict', message, param === undefined ? {} : { param });
}
