import { z } from 'zod';
import type { ApiKey } from '../auth/api-key.ts';
import { duration } from '../config/schema/values.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { KeyChange } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { KeyDesk, KeyWish, NewKey } from './key-desk.ts';
import { pageOf } from './page.ts';
import { check } from './read-request.ts';
import type { Route } from './routes.ts';

const label = () => z.string().trim().min(1).max(100);
const patterns = () => z.array(z.string().trim().min(1).max(200)).min(1).max(1_000);
const moment = () => z.iso.datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' });

const wishSchema = z.strictObject({
  name: label(),
  team: label().nullish(),
  project: label().nullish(),
  user: label().nullish(),
  tier: label().nullish(),
  models: patterns().nullish(),
  expires_at: moment().nullish(),
  expires_in: duration().nullish(),
});

const changeSchema = wishSchema.partial();

const rotationSchema = z.strictObject({ overlap: duration().optional() });
const nothingSchema = z.strictObject({});

/** `/admin/v1/keys`: the keys of the data plane. */
export function keyRoutes({ keys, clock }: { keys: KeyDesk; clock: Clock }): Route[] {
  const show = (key: ApiKey) => showKey(key, clock.wallMs());
  const shown = (key: ApiKey): Answer => ({ status: 200, body: show(key) });
  const made = ({ key, secret }: NewKey): Answer => ({ status: 201, body: { ...show(key), secret } });

  return [
    {
      method: 'GET',
      path: '/keys',
      run({ query }) {
        const page = pageOf(keys.list(), query, ({ createdAtMs, id }) => [createdAtMs, id]);
        return { status: 200, body: { ...page, data: page.data.map(show) } };
      },
    },
    {
      method: 'POST',
      path: '/keys',
      run: async ({ body }) => made(await keys.create(readWish(check(wishSchema, body), clock.wallMs()))),
    },
    { method: 'GET', path: '/keys/{id}', run: ({ id }) => shown(keys.get(id)) },
    {
      method: 'PATCH',
      path: '/keys/{id}',
      run: async ({ id, body }) => shown(await keys.update(id, readChange(check(changeSchema, body), clock.wallMs()))),
    },
    { method: 'DELETE', path: '/keys/{id}', run: async ({ id }) => shown(await keys.revoke(id)) },
    {
      method: 'POST',
      path: '/keys/{id}/rotate',
      async run({ id, body }) {
        const { overlap = 0 } = check(rotationSchema, body);
        return made(await keys.rotate(id, { overlapMs: overlap }));
      },
    },
    {
      method: 'POST',
      path: '/keys/{id}/revoke',
      async run({ id, body }) {
        check(nothingSchema, body);
        return shown(await keys.revoke(id));
      },
    },
  ];
}

function readWish({ name, ...rest }: z.output<typeof wishSchema>, nowMs: number): KeyWish {
  const given = Object.entries(readChange(rest, nowMs)).filter(([, value]) => value !== null);
  return { name, ...Object.fromEntries(given) };
}

function readChange(
  { expires_at, expires_in, ...rest }: z.output<typeof changeSchema>,
  nowMs: number,
): Omit<KeyChange, 'revokedAtMs'> {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const expiresAtMs = readExpiry(expires_at, expires_in, nowMs);
  return { ...Object.fromEntries(given), ...(expiresAtMs !== undefined && { expiresAtMs }) };
}

/** Null: never. Undefined: nothing was said. */
function readExpiry(
  at: string | null | undefined,
  inMs: number | null | undefined,
  nowMs: number,
): number | null | undefined {
  if (at !== undefined && inMs !== undefined) {
    throw new GatewayError('invalid_request', 'Give either expires_at or expires_in.', { param: 'expires_in' });
  }
  if (typeof inMs === 'number') return nowMs + inMs;
  if (typeof at !== 'string') return at ?? inMs;
  const expiresAtMs = Date.parse(at);
  if (expiresAtMs <= nowMs) {
    throw new GatewayError('invalid_request', 'expires_at lies in the past. To end a key now, revoke it.', {
      param: 'expires_at',
    });
  }
  return expiresAtMs;
}

/** A key as it is shown: every field is there, what is not set is null. The secret is not among them. */
function showKey(key: ApiKey, nowMs: number) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    status: statusOf(key, nowMs),
    source: key.source,
    team: key.team ?? null,
    project: key.project ?? null,
    user: key.user ?? null,
    tier: key.tier ?? null,
    models: key.models ?? null,
    created_at: key.source === 'config' ? null : timeOf(key.createdAtMs),
    expires_at: timeOf(key.expiresAtMs),
    revoked_at: timeOf(key.revokedAtMs),
    replaced_by: key.replacedBy ?? null,
  };
}

function statusOf({ revokedAtMs, expiresAtMs, replacedBy }: ApiKey, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked';
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return replacedBy === undefined ? 'expired' : 'replaced';
  return replacedBy === undefined ? 'active' : 'replacing';
}

/** RFC 3339, in UTC. */
function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
