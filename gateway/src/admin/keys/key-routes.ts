import { z } from 'zod';
import { type ApiKey, IMPORTANCES, SCOPES } from '../../auth/api-key.ts';
import { network } from '../../config/schema/network.ts';
import { duration } from '../../config/schema/values.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { KeyChange } from '../../store/store.ts';
import type { Answer } from '../api/answer.ts';
import { label, limits, moment, patterns, tags } from '../api/fields.ts';
import { pageOf, pageOfSchema, pageQuery } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';
import type { KeyDesk, KeyWish, NewKey } from './key-desk.ts';
import { keyDocument, newKeyDocument, showKey } from './key-document.ts';

const wishSchema = z
  .strictObject({
    name: label(),
    organisation: label().nullish(),
    team: label().nullish(),
    project: label().nullish(),
    user: label().nullish(),
    tier: label().nullish(),
    models: patterns().nullish(),
    limits: limits().nullish(),
    ips: z.array(network()).min(1).max(1_000).nullish().describe('Addresses and ranges from which it may be used.'),
    scopes: z.array(z.enum(SCOPES)).min(1).nullish().describe('Absent: calls to models alone (`data`).'),
    tags: tags().nullish().describe('Tags of its calls, where they bring no others of the same name.'),
    importance: z.enum(IMPORTANCES).nullish(),
    expires_at: moment().nullish(),
    expires_in: duration().nullish().describe('Instead of `expires_at`: from now on.'),
  })
  .meta({ id: 'KeyWish' });

const changeSchema = wishSchema.partial().meta({ id: 'KeyChange', description: 'Null takes a field away.' });

const rotationSchema = z
  .strictObject({ overlap: duration().optional().describe('How long the old secret still works; absent: not at all.') })
  .meta({ id: 'KeyRotation' });

const listQuery = pageQuery.extend({
  organisation: z.string().optional(),
  team: z.string().optional(),
  project: z.string().optional(),
  user: z.string().optional(),
  name: z.string().optional(),
  status: z.enum(['active', 'replacing', 'replaced', 'expired', 'revoked']).optional(),
});

const chapter = 'Keys';

/** `/admin/v1/keys`: keys of the data plane and of management. */
export function keyRoutes({ keys, clock }: { keys: KeyDesk; clock: Clock }): Route[] {
  const show = (key: ApiKey) => showKey(key, clock.wallMs());
  const shown = (key: ApiKey): Answer => ({ status: 200, body: show(key) });
  const made = ({ key, secret }: NewKey): Answer => ({ status: 201, body: { ...show(key), secret } });
  const answersKey = { status: 200, schema: keyDocument };
  const answersNewKey = { status: 201, schema: newKeyDocument };

  return [
    route({
      method: 'GET',
      path: '/keys',
      name: 'listKeys',
      title: 'List keys, oldest first.',
      chapter,
      query: listQuery,
      answers: { status: 200, schema: pageOfSchema(keyDocument) },
      run({ query: { status, limit, cursor, ...wanted } }) {
        const fitting = keys.list().filter((key) => isWanted(key, wanted));
        const all = status === undefined ? fitting : fitting.filter((key) => show(key).status === status);
        const page = pageOf(all, { limit, cursor }, ({ createdAtMs, id }) => [createdAtMs, id]);
        return { status: 200, body: { ...page, data: page.data.map(show) } };
      },
    }),
    route({
      method: 'POST',
      path: '/keys',
      name: 'createKey',
      title: 'Make a key. Its secret is in this answer and never told again.',
      chapter,
      body: wishSchema,
      answers: answersNewKey,
      run: async ({ body, author }) => made(await keys.create(readWish(body, clock.wallMs()), author)),
    }),
    route({
      method: 'GET',
      path: '/keys/{id}',
      name: 'getKey',
      title: 'Show a key.',
      chapter,
      answers: answersKey,
      run: ({ id }) => shown(keys.get(id)),
    }),
    route({
      method: 'PATCH',
      path: '/keys/{id}',
      name: 'updateKey',
      title: 'Change the given fields of a key; null takes one away.',
      chapter,
      body: changeSchema,
      answers: answersKey,
      run: async ({ id, body, author }) => shown(await keys.update(id, readChange(body, clock.wallMs()), author)),
    }),
    route({
      method: 'POST',
      path: '/keys/{id}/rotate',
      name: 'rotateKey',
      title: 'Put a new secret in the place of a key, under the same name and rights.',
      chapter,
      body: rotationSchema,
      answers: answersNewKey,
      run: async ({ id, body: { overlap = 0 }, author }) => made(await keys.rotate(id, { overlapMs: overlap }, author)),
    }),
    ...(['POST', 'DELETE'] as const).map((method) =>
      route({
        method,
        path: method === 'POST' ? '/keys/{id}/revoke' : '/keys/{id}',
        name: method === 'POST' ? 'revokeKey' : 'deleteKey',
        title: 'End a key at once and for good.',
        chapter,
        answers: answersKey,
        run: async ({ id, author }) => shown(await keys.revoke(id, author)),
      }),
    ),
  ];
}

function isWanted(key: ApiKey, wanted: { [field: string]: string | undefined }): boolean {
  return Object.entries(wanted).every(([field, value]) => value === undefined || key[field as keyof ApiKey] === value);
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
  if (typeof at !== 'string') return at === undefined ? inMs : at;
  const expiresAtMs = Date.parse(at);
  if (expiresAtMs <= nowMs) {
    throw new GatewayError('invalid_request', 'expires_at lies in the past. To end a key now, revoke it.', {
      param: 'expires_at',
    });
  }
  return expiresAtMs;
}
