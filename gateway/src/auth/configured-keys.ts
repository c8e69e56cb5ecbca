import type { KeyConfig } from '../config/schema/keys.ts';
import { type ApiKey, hashSecret, prefixOf } from './api-key.ts';

/** The keys that are written in the configuration (`keys:`), as the ring holds them. */
export function configuredKeys(written: readonly KeyConfig[], pepper: Buffer): ApiKey[] {
  return written.map(({ key, expires_at, metadata: _, ...fields }) => {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return {
      ...(Object.fromEntries(given) as Omit<typeof fields, 'tier'>),
      id: `key_config_${fields.name}`,
      hash: hashSecret(key, pepper),
      prefix: prefixOf(key),
      createdAtMs: 0,
      ...(expires_at !== undefined && { expiresAtMs: Date.parse(expires_at) }),
      source: 'config',
    } as ApiKey;
  });
}
