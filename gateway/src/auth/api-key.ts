import { createHmac, randomBytes } from 'node:crypto';
import type { Importance } from '../core/caller.ts';
import type { Limits } from '../core/limits.ts';

/** What a key opens: calls to models, all of the management API, or the reading half of it. */
export type Scope = 'data' | 'management' | 'read-only';

export const SCOPES = ['data', 'management', 'read-only'] as const satisfies readonly Scope[];
export const IMPORTANCES = ['interactive', 'default', 'batch'] as const satisfies readonly Importance[];

/** A key as it is kept: never the secret itself. */
export interface ApiKey {
  /** `key_…` */
  id: string;
  name: string;
  /** HMAC-SHA256 of the secret under the installation's pepper, hexadecimal. */
  hash: string;
  /** The first characters of the secret, to recognise it by. */
  prefix: string;
  /** Names of whom its calls count for. */
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  tier?: string;
  /** Patterns of models it may use (`gpt-5*`, `anthropic/*`); undefined: every model. */
  models?: string[];
  /** For all of its calls together, those of its successors by rotation included. */
  limits?: Limits;
  /** Addresses and ranges from which it may be used; undefined: from everywhere. */
  ips?: string[];
  /** Undefined: calls to models alone. */
  scopes?: Scope[];
  /** Tags of its calls, where they bring no others of the same name. */
  tags?: Record<string, string>;
  importance?: Importance;
  createdAtMs: number;
  expiresAtMs?: number;
  revokedAtMs?: number;
  /** The key that replaced it, by rotation. */
  replacedBy?: string;
  /** Where it is written down: only stored keys can be changed here. */
  source: 'config' | 'store';
}

/** Whether a key opens a door. */
export function hasScope({ scopes }: ApiKey, scope: Scope): boolean {
  return scopes === undefined ? scope === 'data' : scopes.includes(scope);
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
