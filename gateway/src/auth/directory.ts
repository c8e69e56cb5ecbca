import type { Tenant, TenantKind } from './tenant.ts';

/** All organisations, teams, projects and users in memory, found by name. Furniture, as the key ring is. */
export interface Directory {
  find(kind: TenantKind, name: string): Tenant | undefined;
  byId(id: string): Tenant | undefined;
  all(kind: TenantKind): Tenant[];
  put(tenant: Tenant): void;
  /** Replaces everything, as the store is read again. */
  replace(tenants: readonly Tenant[]): void;
  /** Changes with every change; verdicts cached under another number are stale. */
  readonly version: number;
}

export function createDirectory(): Directory {
  const byName: Record<TenantKind, Map<string, Tenant>> = {
    organisation: new Map(),
    team: new Map(),
    project: new Map(),
    user: new Map(),
  };
  const byId = new Map<string, Tenant>();
  let version = 0;

  function enter(tenant: Tenant): void {
    byName[tenant.kind].set(tenant.name, tenant);
    byId.set(tenant.id, tenant);
  }

  return {
    find: (kind, name) => byName[kind].get(name),
    byId: (id) => byId.get(id),
    all: (kind) => [...byName[kind].values()],
    put(tenant) {
      enter(tenant);
      version += 1;
    },
    replace(tenants) {
      for (const names of Object.values(byName)) names.clear();
      byId.clear();
      for (const tenant of tenants) enter(tenant);
      version += 1;
    },
    get version() {
      return version;
    },
  };
}
