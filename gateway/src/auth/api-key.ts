import { createHmac, randomBytes } from 'node:crypto';

/** A key as it is kept: never the secret itself. */
export interface ApiKey {
  /** `key_…` */
  id: string;
  name: string;
  /** HMAC-SHA256 of the secret under the installation's pepper, hexadecimal. */
  hash: string;
  /** The first characters of the secret, to recognise it by. */
  prefix: string;
  team?: string;
  project?: string;
  user?: string;
  tier?: string;
  /** Patterns of models it may use (`gpt-5*`, `anthropic/*`); undefined: every model. */
  models?: string[];
  createdAtMs: number;
  expiresAtMs?: number;
  revokedAtMs?: number;
  /** The key that replaced it, by rotation. */
  replacedBy?: string;
  /** Where it is written down: only stored keys can be changed here. */
  source: 'config' | 'store';
}

/** A new secret: `xd-` and 256 random bits. It is shown once and never kept. */
export function createSecret(): string {
  return `xd-${randomBytes(32).toString('base64url')}`;
}

/** The secret is 256 random bits, so a fast keyed hash is enough; a slow one would only slow the callers. */
export function hashSecret(secret: string, pepper: Buffer): string {
  return createHmac('sha256', pepper).update(secret).digest('hex');
}

export function prefixOf(secret: string): string {
  return secret.slice(0, 9);
}
