import type { Kysely, Transaction, Updateable } from 'kysely';
import type { ApiKey } from '../../auth/api-key.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { KeyChange, KeyStore, Store } from '../store.ts';
import { keyOf, rowOf } from './key-row.ts';
import { createResponseRows } from './response-rows.ts';
import type { KeyRow, Tables } from './tables.ts';

/** Keys, facts and responses in any SQL database that Kysely speaks to. */
export function createSqlStore({
  db,
  clock,
}: {
  db: Kysely<Tables>;
  clock: Clock;
}): Pick<Store, 'keys' | 'facts' | 'responses'> {
  const keys: KeyStore = {
    async list() {
      const rows = await db.selectFrom('keys').selectAll().orderBy('created_at_ms').orderBy('id').execute();
      return rows.map(keyOf);
    },
    insert: (key) =>
      db.transaction().execute(async (transaction) => {
        await refuseTakenName(transaction, key.name, clock.wallMs());
        await transaction.insertInto('keys').values(rowOf(key)).execute();
      }),
    update: (id, change) =>
      db.transaction().execute(async (transaction) => {
        const before = await find(transaction, id);
        if (change.name !== undefined && change.name !== before.name) {
          await refuseTakenName(transaction, change.name, clock.wallMs());
        }
        return save(transaction, id, columnsOf(change));
      }),
    replace: (id, successor, expiresAtMs) =>
      db.transaction().execute(async (transaction) => {
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

  return {
    keys,
    responses: createResponseRows(db),
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
    },
  };
}

async function find(transaction: Transaction<Tables>, id: string): Promise<KeyRow> {
  const row = await transaction.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new GatewayError('not_found', `There is no key ${id}.`);
  return row;
}

async function save(transaction: Transaction<Tables>, id: string, columns: Updateable<KeyRow>): Promise<ApiKey> {
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
async function refuseTakenName(transaction: Transaction<Tables>, name: string, nowMs: number): Promise<void> {
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

const COLUMNS: Record<keyof KeyChange, keyof KeyRow> = {
  name: 'name',
  models: 'models',
  tier: 'tier',
  team: 'team',
  project: 'project',
  user: 'user',
  expiresAtMs: 'expires_at_ms',
  revokedAtMs: 'revoked_at_ms',
};

function columnsOf(change: KeyChange): Updateable<KeyRow> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([field, value]) => [
      COLUMNS[field as keyof KeyChange],
      Array.isArray(value) ? JSON.stringify(value) : value,
    ]),
  );
}
