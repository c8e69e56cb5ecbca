import type { Tenant } from '../auth/tenant.ts';
import type { Limits } from '../core/limits.ts';

/** Organisations, teams, projects and users. */
export interface TenantStore {
  /** All that ever were, oldest first: archived ones too. */
  list(): Promise<Tenant[]>;
  find(id: string): Promise<Tenant | undefined>;
  /** Throws GatewayError `conflict` if one of its kind has the name, or had it. */
  insert(tenant: Tenant): Promise<void>;
  /** Throws GatewayError `not_found`. */
  update(id: string, change: TenantChange): Promise<Tenant>;
}

/** What can be changed of them. `null` takes a field away. */
export interface TenantChange {
  title?: string | null;
  organisation?: string | null;
  team?: string | null;
  email?: string | null;
  tier?: string | null;
  models?: string[] | null;
  limits?: Limits | null;
  archivedAtMs?: number | null;
}
