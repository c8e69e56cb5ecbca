import type { Directory } from '../../auth/directory.ts';
import type { Tenant, TenantKind } from '../../auth/tenant.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { createIds } from '../../core/ids.ts';
import { nearestName } from '../../core/nearest.ts';
import type { TenantChange } from '../../store/store.ts';
import type { Author } from '../audit/author.ts';
import type { ChangeBooks, Changes } from '../audit/changes.ts';

/** Makes, changes and archives organisations, teams, projects and users. */
export interface TenantDesk {
  /** Archived ones too; oldest first. */
  list(kind: TenantKind): Tenant[];
  /** By id or by name. Throws GatewayError `not_found`, naming the nearest. */
  get(kind: TenantKind, idOrName: string): Tenant;
  /** Throws GatewayError `conflict` if the name is, or was, another's. */
  create(kind: TenantKind, wish: TenantWish, author: Author): Promise<Tenant>;
  update(
    kind: TenantKind,
    idOrName: string,
    change: Omit<TenantChange, 'archivedAtMs'>,
    author: Author,
  ): Promise<Tenant>;
  /** From now on, nothing that belongs to it may call. */
  archive(kind: TenantKind, idOrName: string, author: Author): Promise<Tenant>;
  restore(kind: TenantKind, idOrName: string, author: Author): Promise<Tenant>;
}

export type TenantWish = Omit<Tenant, 'kind' | 'id' | 'createdAtMs' | 'archivedAtMs'>;

export interface TenantDeskDeps {
  changes: Changes;
  directory: Directory;
  clock: Clock;
}

export function createTenantDesk({ changes, directory, clock }: TenantDeskDeps): TenantDesk {
  const nextIds: Record<TenantKind, () => string> = {
    organisation: createIds('org'),
    team: createIds('team'),
    project: createIds('project'),
    user: createIds('user'),
  };

  function find(kind: TenantKind, idOrName: string): Tenant | undefined {
    const byId = directory.byId(idOrName);
    return byId?.kind === kind ? byId : directory.find(kind, idOrName);
  }

  function get(kind: TenantKind, idOrName: string): Tenant {
    const tenant = find(kind, idOrName);
    if (tenant !== undefined) return tenant;
    const nearest = nearestName(
      idOrName,
      directory.all(kind).map(({ name }) => name),
    );
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    throw new GatewayError('not_found', `There is no ${kind} "${idOrName.slice(0, 100)}".${hint}`);
  }

  /** What something is put into must be there, and not archived. */
  function checkParents(kind: TenantKind, parents: { organisation?: string | null; team?: string | null }): void {
    for (const parent of ['organisation', 'team'] as const) {
      const name = parents[parent];
      if (kind === parent || name === undefined || name === null) continue;
      const known = directory.find(parent, name);
      if (known === undefined) throw invalid(`There is no ${parent} "${name}". Create it first.`, parent);
      if (known.archivedAtMs !== undefined) throw invalid(`The ${parent} "${name}" is archived.`, parent);
    }
  }

  async function change(
    { kind, idOrName, author }: { kind: TenantKind; idOrName: string; author: Author },
    work: (books: ChangeBooks, before: Tenant) => Promise<Tenant>,
  ): Promise<Tenant> {
    return changes.make(author, async (books) => {
      const { id } = get(kind, idOrName);
      const before = await books.tenants.find(id);
      if (before === undefined) throw new GatewayError('not_found', `There is no ${kind} ${id}.`);
      return work(books, before);
    });
  }

  return {
    get,
    list: (kind) =>
      directory.all(kind).sort((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1)),
    create: (kind, wish, author) =>
      changes.make(author, async (books) => {
        checkParents(kind, wish);
        const tenant: Tenant = { kind, id: nextIds[kind](), ...wish, createdAtMs: clock.wallMs() };
        await books.tenants.insert(tenant);
        await books.tenantBecame('create', undefined, tenant);
        return tenant;
      }),
    update: (kind, idOrName, wanted, author) =>
      change({ kind, idOrName, author }, async (books, before) => {
        checkParents(kind, wanted);
        const after = await books.tenants.update(before.id, wanted);
        await books.tenantBecame('update', before, after);
        return after;
      }),
    archive: (kind, idOrName, author) =>
      change({ kind, idOrName, author }, async (books, before) => {
        if (before.archivedAtMs !== undefined) return before;
        const after = await books.tenants.update(before.id, { archivedAtMs: clock.wallMs() });
        await books.tenantBecame('archive', before, after);
        return after;
      }),
    restore: (kind, idOrName, author) =>
      change({ kind, idOrName, author }, async (books, before) => {
        if (before.archivedAtMs === undefined) return before;
        const after = await books.tenants.update(before.id, { archivedAtMs: null });
        await books.tenantBecame('restore', before, after);
        return after;
      }),
  };
}

function invalid(message: string, param: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
