import { z } from 'zod';
import type { Tenant, TenantKind } from '../../auth/tenant.ts';
import { limits, shownMoment, timeOf } from '../api/fields.ts';

const text = () => z.string().nullable();

const common = {
  id: z.string(),
  name: z.string().describe('Never changed: keys, headers and reports say it.'),
  title: text().describe('For people.'),
  status: z.enum(['active', 'archived']),
  limits: limits().nullable().describe('For all of its calls together.'),
  created_at: shownMoment(),
  archived_at: shownMoment().nullable(),
};

/** Organisations, teams, projects and users as they are shown: every field is there, what is not set is null. */
export const tenantDocuments = {
  organisation: z.strictObject(common).meta({ id: 'Organisation' }),
  team: z
    .strictObject({
      ...common,
      organisation: text(),
      tier: text().describe('The tier of limits for those of its keys that have none.'),
      models: z.array(z.string()).nullable().describe('Patterns of models; no key of the team may use others.'),
    })
    .meta({ id: 'Team' }),
  project: z.strictObject({ ...common, team: text() }).meta({ id: 'Project' }),
  user: z.strictObject({ ...common, team: text(), email: text() }).meta({ id: 'User' }),
} as const satisfies Record<TenantKind, z.ZodObject>;

export function describeTenant(tenant: Tenant): object {
  const { kind, id, name, title, limits, createdAtMs, archivedAtMs } = tenant;
  return {
    id,
    name,
    title: title ?? null,
    status: archivedAtMs === undefined ? 'active' : 'archived',
    ...ownFields(kind, tenant),
    limits: limits ?? null,
    created_at: timeOf(createdAtMs),
    archived_at: timeOf(archivedAtMs),
  };
}

function ownFields(kind: TenantKind, tenant: Tenant): object {
  switch (kind) {
    case 'organisation':
      return {};
    case 'team':
      return {
        organisation: tenant.organisation ?? null,
        tier: tenant.tier ?? null,
        models: tenant.models ?? null,
      };
    case 'project':
      return { team: tenant.team ?? null };
    case 'user':
      return { team: tenant.team ?? null, email: tenant.email ?? null };
  }
}
