import type { Limits } from '../core/limits.ts';

/** Who stands behind keys, from the outside in: an organisation has teams, a team has projects and users. */
export type TenantKind = 'organisation' | 'team' | 'project' | 'user';

/** An organisation, a team, a project or a user. */
export interface Tenant {
  kind: TenantKind;
  /** `org_…`, `team_…`, `project_…`, `user_…` */
  id: string;
  /** Unique within its kind for good, and never changed: keys, headers, records and reports say it. */
  name: string;
  /** For people. */
  title?: string;
  /** Of a team: the name of its organisation. */
  organisation?: string;
  /** Of a project or a user: the name of its team. */
  team?: string;
  /** Of a user. */
  email?: string;
  /** Of a team: the tier of limits for those of its keys that have none. */
  tier?: string;
  /** Of a team: patterns of models; no key of the team may use others. */
  models?: string[];
  /** For all calls that belong to it, together. */
  limits?: Limits;
  createdAtMs: number;
  /** From then on, nothing that belongs to it may call. */
  archivedAtMs?: number;
}

export const TENANT_KINDS: readonly TenantKind[] = ['organisation', 'team', 'project', 'user'];
