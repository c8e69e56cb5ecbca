import type { Kysely } from 'kysely';
import type { Tenant } from '../../auth/tenant.ts';
import { GatewayError } from '../../core/errors.ts';
import type { TenantStore } from '../tenancy-store.ts';
import { columnsOf } from './columns.ts';
import type { Tables, TenantRow } from './tables.ts';

/** Organisations, teams, projects and users in any SQL database that Kysely speaks to. */
export function createTenantRows(db: Kysely<Tables>): TenantStore {
  return {
    async list() {
      const rows = await db.selectFrom('tenants').selectAll().orderBy('created_at_ms').orderBy('id').execute();
      return rows.map(tenantOf);
    },
    async find(id) {
      const row = await db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
      return row && tenantOf(row);
    },
    async insert(tenant) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('tenants')
        .values(rowOf(tenant))
        .onConflict((conflicting) => conflicting.columns(['kind', 'name']).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) throw taken(tenant);
    },
    async update(id, change) {
      const columns = columnsOf(change);
      if (Object.keys(columns).length > 0) {
        await db.updateTable('tenants').set(columns).where('id', '=', id).execute();
      }
      const changed = await this.find(id);
      if (changed === undefined)
        throw new GatewayError('not_found', `There is no organisation, team, project or user ${id}.`);
      return changed;
    },
  };
}

function taken({ kind, name }: Tenant): GatewayError {
  return new GatewayError(
    'conflict',
    `There is ${kind === 'organisation' ? 'an' : 'a'} ${kind} "${name}" already; an archived one keeps its name and can be restored.`,
    { param: 'name' },
  );
}

function rowOf(tenant: Tenant): TenantRow {
  return {
    id: tenant.id,
    kind: tenant.kind,
    name: tenant.name,
    title: tenant.title ?? null,
    organisation: tenant.organisation ?? null,
    team: tenant.team ?? null,
    email: tenant.email ?? null,
    tier: tenant.tier ?? null,
    models: tenant.models === undefined ? null : JSON.stringify(tenant.models),
    limits: tenant.limits === undefined ? null : JSON.stringify(tenant.limits),
    created_at_ms: tenant.createdAtMs,
    archived_at_ms: tenant.archivedAtMs ?? null,
  };
}

function tenantOf(row: TenantRow): Tenant {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    ...(row.title !== null && { title: row.title }),
    ...(row.organisation !== null && { organisation: row.organisation }),
    ...(row.team !== null && { team: row.team }),
    ...(row.email !== null && { email: row.email }),
    ...(row.tier !== null && { tier: row.tier }),
    ...(row.models !== null && { models: JSON.parse(row.models) as string[] }),
    ...(row.limits !== null && { limits: JSON.parse(row.limits) as NonNullable<Tenant['limits']> }),
    createdAtMs: row.created_at_ms,
    ...(row.archived_at_ms !== null && { archivedAtMs: row.archived_at_ms }),
  };
}
