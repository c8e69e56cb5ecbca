import { z } from 'zod';
import { type ApiKey, IMPORTANCES, SCOPES } from '../../auth/api-key.ts';
import { limits, shownMoment, timeOf } from '../api/fields.ts';

const text = () => z.string().nullable();

const fields = {
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('The first characters of the secret, to recognise it by.'),
  source: z.enum(['config', 'store']).describe('Where it is written; those of the configuration are changed there.'),
  organisation: text(),
  team: text(),
  project: text(),
  user: text(),
  tier: text(),
  models: z.array(z.string()).nullable().describe('Patterns of models it may use; null: every model.'),
  limits: limits().nullable(),
  ips: z.array(z.string()).nullable().describe('Addresses and ranges from which it may be used; null: everywhere.'),
  scopes: z.array(z.enum(SCOPES)),
  tags: z.record(z.string(), z.string()),
  importance: z.enum(IMPORTANCES),
  created_at: shownMoment().nullable().describe('Null: it is written in the configuration.'),
  expires_at: shownMoment().nullable(),
  revoked_at: shownMoment().nullable(),
  replaced_by: text().describe('The id of the key that took its place, by rotation.'),
};

/** A key as it is shown: every field is there, what is not set is null. The secret is not among them. */
export const keyDocument = z
  .strictObject({ ...fields, status: z.enum(['active', 'replacing', 'replaced', 'expired', 'revoked']) })
  .meta({ id: 'Key', description: 'A key. The secret is not shown.' });

export const newKeyDocument = z
  .strictObject({ ...keyDocument.shape, secret: z.string().describe('Shown this once.') })
  .meta({ id: 'NewKey', description: 'A key that was made just now.' });

export type KeyDocument = z.output<typeof keyDocument>;

/** A key as the audit keeps it: without what changes by itself, and without secret and hash. */
export function describeKey(key: ApiKey): Omit<KeyDocument, 'status'> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    source: key.source,
    organisation: key.organisation ?? null,
    team: key.team ?? null,
    project: key.project ?? null,
    user: key.user ?? null,
    tier: key.tier ?? null,
    models: key.models ?? null,
    limits: key.limits ?? null,
    ips: key.ips ?? null,
    scopes: key.scopes ?? ['data'],
    tags: key.tags ?? {},
    importance: key.importance ?? 'default',
    created_at: key.source === 'config' ? null : timeOf(key.createdAtMs),
    expires_at: timeOf(key.expiresAtMs),
    revoked_at: timeOf(key.revokedAtMs),
    replaced_by: key.replacedBy ?? null,
  };
}

export function showKey(key: ApiKey, nowMs: number): KeyDocument {
  return { ...describeKey(key), status: statusOf(key, nowMs) };
}

function statusOf({ revokedAtMs, expiresAtMs, replacedBy }: ApiKey, nowMs: number): KeyDocument['status'] {
  if (revokedAtMs !== undefined) return 'revoked';
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return replacedBy === undefined ? 'expired' : 'replaced';
  return replacedBy === undefined ? 'active' : 'replacing';
}
