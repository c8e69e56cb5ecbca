import type { ApiKey } from '../../auth/api-key.ts';
import type { KeyRow } from './tables.ts';

export function rowOf(key: ApiKey): KeyRow {
  return {
    id: key.id,
    name: key.name,
    hash: key.hash,
    prefix: key.prefix,
    team: key.team ?? null,
    project: key.project ?? null,
    user: key.user ?? null,
    tier: key.tier ?? null,
    models: key.models === undefined ? null : JSON.stringify(key.models),
    created_at_ms: key.createdAtMs,
    expires_at_ms: key.expiresAtMs ?? null,
    revoked_at_ms: key.revokedAtMs ?? null,
    replaced_by: key.replacedBy ?? null,
  };
}

export function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    prefix: row.prefix,
    ...(row.team !== null && { team: row.team }),
    ...(row.project !== null && { project: row.project }),
    ...(row.user !== null && { user: row.user }),
    ...(row.tier !== null && { tier: row.tier }),
    ...(row.models !== null && { models: JSON.parse(row.models) as string[] }),
    createdAtMs: row.created_at_ms,
    ...(row.expires_at_ms !== null && { expiresAtMs: row.expires_at_ms }),
    ...(row.revoked_at_ms !== null && { revokedAtMs: row.revoked_at_ms }),
    ...(row.replaced_by !== null && { replacedBy: row.replaced_by }),
    source: 'store',
  };
}
