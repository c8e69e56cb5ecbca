import type { ApiKey } from '../../auth/api-key.ts';
import type { KeyRow } from './tables.ts';

export function rowOf(key: ApiKey): KeyRow {
  return {
    id: key.id,
    name: key.name,
    hash: key.hash,
    prefix: key.prefix,
    organisation: key.organisation ?? null,
    team: key.team ?? null,
    project: key.project ?? null,
    user: key.user ?? null,
    tier: key.tier ?? null,
    models: json(key.models),
    limits: json(key.limits),
    ips: json(key.ips),
    scopes: json(key.scopes),
    tags: json(key.tags),
    importance: key.importance ?? null,
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
    ...(row.organisation !== null && { organisation: row.organisation }),
    ...(row.team !== null && { team: row.team }),
    ...(row.project !== null && { project: row.project }),
    ...(row.user !== null && { user: row.user }),
    ...(row.tier !== null && { tier: row.tier }),
    ...(row.models !== null && { models: JSON.parse(row.models) as string[] }),
    ...(row.limits !== null && { limits: JSON.parse(row.limits) as NonNullable<ApiKey['limits']> }),
    ...(row.ips !== null && { ips: JSON.parse(row.ips) as string[] }),
    ...(row.scopes !== null && { scopes: JSON.parse(row.scopes) as NonNullable<ApiKey['scopes']> }),
    ...(row.tags !== null && { tags: JSON.parse(row.tags) as Record<string, string> }),
    ...(row.importance !== null && { importance: row.importance as NonNullable<ApiKey['importance']> }),
    createdAtMs: row.created_at_ms,
    ...(row.expires_at_ms !== null && { expiresAtMs: row.expires_at_ms }),
    ...(row.revoked_at_ms !== null && { revokedAtMs: row.revoked_at_ms }),
    ...(row.replaced_by !== null && { replacedBy: row.replaced_by }),
    source: 'store',
  };
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
