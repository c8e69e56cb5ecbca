import { z } from 'zod';
import type { Tenant, TenantKind } from '../../auth/tenant.ts';
import type { Answer } from '../api/answer.ts';
import { label, limits, patterns } from '../api/fields.ts';
import { pageOf, pageOfSchema, pageQuery } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';
import type { TenantDesk, TenantWish } from './tenant-desk.ts';
import { describeTenant, tenantDocuments } from './tenant-document.ts';

const common = {
  title: label().nullish().describe('For people; it may be changed, where the name may not.'),
  limits: limits().nullish().describe('For all of its calls together.'),
};

const email = () => z.email('an e-mail address').max(254).nullish();

/** What may be changed, by kind; null takes a field away. */
const changes = {
  organisation: z.strictObject(common).meta({ id: 'OrganisationChange' }),
  team: z
    .strictObject({
      ...common,
      organisation: label().nullish(),
      tier: label().nullish().describe('The tier of limits for those of its keys that have none.'),
      models: patterns().nullish().describe('Patterns of models; no key of the team may use others.'),
    })
    .meta({ id: 'TeamChange' }),
  project: z.strictObject(common).meta({ id: 'ProjectChange' }),
  user: z.strictObject({ ...common, team: label().nullish(), email: email() }).meta({ id: 'UserChange' }),
} as const satisfies Record<TenantKind, z.ZodObject>;

const name = label().describe('Unique within its kind for good, and never changed.');

const wishes = {
  organisation: z.strictObject({ name, ...changes.organisation.shape }).meta({ id: 'OrganisationWish' }),
  team: z.strictObject({ name, ...changes.team.shape }).meta({ id: 'TeamWish' }),
  // A project never changes its team: what it has cost would change with it.
  project: z.strictObject({ name, team: label(), ...changes.project.shape }).meta({ id: 'ProjectWish' }),
  user: z.strictObject({ name, ...changes.user.shape }).meta({ id: 'UserWish' }),
} as const satisfies Record<TenantKind, z.ZodObject>;

const filters = {
  organisation: {},
  team: { organisation: z.string().optional() },
  project: { team: z.string().optional() },
  user: { team: z.string().optional() },
} as const satisfies Record<TenantKind, z.ZodRawShape>;

const shared = { name: z.string().optional(), status: z.enum(['active', 'archived']).optional() };

/** `/admin/v1/organisations`, `/teams`, `/projects` and `/users`. In the place of `{id}` a name will do. */
export function tenantRoutes({ tenants }: { tenants: TenantDesk }): Route[] {
  return (['organisation', 'team', 'project', 'user'] as const).flatMap((kind) => routesOf(kind, tenants));
}

function routesOf(kind: TenantKind, tenants: TenantDesk): Route[] {
  const path = `/${kind}s`;
  const noun = `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
  const chapter = `${noun}s`;
  const one = {
    path: `${path}/{id}`,
    idIs: 'The id, or the name.',
    chapter,
    answers: { status: 200, schema: tenantDocuments[kind] },
  };
  const a = kind === 'organisation' ? 'an' : 'a';
  const shown = (tenant: Tenant): Answer => ({ status: 200, body: describeTenant(tenant) });

  return [
    route({
      method: 'GET',
      path,
      name: `list${chapter}`,
      title: `List ${kind}s, archived ones too, oldest first.`,
      chapter,
      query: pageQuery.extend({ ...filters[kind], ...shared }),
      answers: { status: 200, schema: pageOfSchema(tenantDocuments[kind]) },
      run({ query }) {
        const { limit, cursor, status, ...wanted } = query as z.output<typeof pageQuery> & { status?: string };
        const fitting = tenants.list(kind).filter((tenant) => isWanted(tenant, status, wanted));
        const page = pageOf(fitting, { limit, cursor }, ({ createdAtMs, id }) => [createdAtMs, id]);
        return { status: 200, body: { ...page, data: page.data.map(describeTenant) } };
      },
    }),
    route({
      method: 'POST',
      path,
      name: `create${noun}`,
      title: `Make ${a} ${kind}.`,
      chapter,
      body: wishes[kind],
      answers: { status: 201, schema: tenantDocuments[kind] },
      async run({ body, author }) {
        const given = Object.entries(body as object).filter(([, value]) => value !== undefined && value !== null);
        const made = await tenants.create(kind, Object.fromEntries(given) as unknown as TenantWish, author);
        return { status: 201, body: describeTenant(made) };
      },
    }),
    route({
      ...one,
      method: 'GET',
      name: `get${noun}`,
      title: `Show ${a} ${kind}.`,
      run: ({ id }) => shown(tenants.get(kind, id)),
    }),
    route({
      ...one,
      method: 'PATCH',
      name: `update${noun}`,
      title: `Change the given fields of ${a} ${kind}; null takes one away.`,
      body: changes[kind],
      run: async ({ id, body, author }) => shown(await tenants.update(kind, id, body as object, author)),
    }),
    ...(['POST', 'DELETE'] as const).map((method) =>
      route({
        ...one,
        path: method === 'POST' ? `${path}/{id}/archive` : `${path}/{id}`,
        method,
        name: `${method === 'POST' ? 'archive' : 'delete'}${noun}`,
        title: `Archive ${a} ${kind}: from now on, nothing that belongs to it may call. Its name stays taken.`,
        run: async ({ id, author }) => shown(await tenants.archive(kind, id, author)),
      }),
    ),
    route({
      ...one,
      path: `${path}/{id}/restore`,
      method: 'POST',
      name: `restore${noun}`,
      title: `Put ${a} ${kind} that was archived back in force.`,
      run: async ({ id, author }) => shown(await tenants.restore(kind, id, author)),
    }),
  ];
}

function isWanted(tenant: Tenant, status: string | undefined, wanted: object): boolean {
  if (status !== undefined && (tenant.archivedAtMs === undefined) !== (status === 'active')) return false;
  return Object.entries(wanted).every(
    ([field, value]) => value === undefined || tenant[field as keyof Tenant] === value,
  );
}
