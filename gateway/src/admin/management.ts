import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type ApiKey, hashSecret, hasScope } from '../auth/api-key.ts';
import { createKeyCheck } from '../auth/check-key.ts';
import { readCredentials } from '../auth/credentials.ts';
import type { Directory } from '../auth/directory.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { AuditStore, Store } from '../store/store.ts';
import { type Author, GATEWAY_AUTHOR } from './audit/author.ts';
import { type Changes, createChanges, type News } from './audit/changes.ts';
import { createKeyDesk, type KeyDesk } from './keys/key-desk.ts';
import { createTenantDesk, type TenantDesk } from './tenants/tenant-desk.ts';

/** Who may manage, and what can be managed. */
export interface Management {
  /** Opens the management API to commands on the same machine; another one at every start. */
  localToken: string;
  /** Who is asking. Throws the refusal that says why nobody is. */
  identify(asked: Asking): Manager;
  /** Whether `identify` would find somebody: for what only reads, such as metrics. */
  mayRead(asked: Asking): boolean;
  /** From now on this is the admin key; empty: the one that was generated at the first start. */
  useAdminKey(key: string): void;
  /** Reads keys and tenants out of the store, makes what a first start lacks, and gives the secrets to be shown once. */
  prepare(first: { adminKey: string; hasConfiguredKeys: boolean }): Promise<{ adminKey?: string; appKey?: string }>;
  keys: KeyDesk;
  tenants: TenantDesk;
  audit: AuditStore;
  /** For what other desks change: noted in the audit, and heard by other nodes. */
  change: Changes['make'];
  /** Takes in what other nodes have changed: when they announce it, or now and then. Whether there was anything. */
  catchUp: Changes['catchUp'];
  /** Looks for changes of other nodes again and again, for where nobody announces them. */
  follow: Changes['follow'];
}

export interface Asking {
  headers: IncomingHttpHeaders;
  /** The client's; undefined: not known. */
  address: string | undefined;
}

/** Who asks, and whether only to see. */
export interface Manager extends Pick<Author, 'actor' | 'actorId'> {
  mayChange: boolean;
}

export interface ManagementDeps {
  store: Store;
  ring: KeyRing;
  directory: Directory;
  pepper: Buffer;
  clock: Clock;
  /** Tells the other nodes that there is something new in the store. Absent: there are none, or they look themselves. */
  announce?: (news: News) => void;
  /** Takes in what else other nodes may have changed. */
  readMore?: () => Promise<void>;
}

const ADMIN_KEY_FACT = 'admin_key_hash';
const ADMIN: Manager = { actor: 'admin key', mayChange: true };
const LOCAL: Manager = { actor: 'local command', mayChange: true };

export function createManagement(deps: ManagementDeps): Management {
  const { store, ring, directory, pepper, clock, announce = () => {}, readMore } = deps;
  const localToken = `xd-local-${randomSecret()}`;
  const changes = createChanges({ store, ring, directory, clock, announce, readMore });
  const keys = createKeyDesk({ changes, ring, directory, pepper, clock });
  const check = createKeyCheck({ ring, directory, pepper, clock });
  const hash = (secret: string) => createHmac('sha256', pepper).update(secret).digest();
  const localHash = hash(localToken);
  let generatedHash: Buffer | undefined;
  let configuredHash: Buffer | undefined;

  function managerOf(secret: string): Manager | undefined {
    const sent = hash(secret);
    const adminHash = configuredHash ?? generatedHash;
    if (timingSafeEqual(sent, localHash)) return LOCAL;
    return adminHash !== undefined && timingSafeEqual(sent, adminHash) ? ADMIN : undefined;
  }

  function identify({ headers, address }: Asking): Manager {
    const secrets = readCredentials(headers);
    for (const secret of secrets) {
      const manager = managerOf(secret);
      if (manager !== undefined) return manager;
    }
    if (secrets.length === 0) {
      throw new GatewayError(
        'missing_api_key',
        'The management API takes the admin key: `Authorization: Bearer xd-admin-…` (or `x-api-key`).',
      );
    }
    if (!secrets.some((secret) => ring.find(hashSecret(secret, pepper)) !== undefined)) {
      throw new GatewayError('invalid_api_key', 'This is not the admin key.');
    }
    return managerWith(check.pick(secrets, { scopes: ['management', 'read-only'], address }));
  }

  /** Gives the admin key if it was made just now. Of nodes that start at once, one makes it. */
  async function prepareAdminKey(): Promise<string | undefined> {
    const known = await store.facts.get(ADMIN_KEY_FACT);
    if (known === undefined && configuredHash !== undefined) return undefined;
    const adminKey = `xd-admin-${randomSecret()}`;
    const made = hash(adminKey).toString('hex');
    const kept = known ?? (await store.facts.keep(ADMIN_KEY_FACT, made));
    generatedHash = Buffer.from(kept, 'hex');
    return kept === made ? adminKey : undefined;
  }

  /** Gives the secret of the first key if there was none at all. */
  async function prepareAppKey(): Promise<string | undefined> {
    if (ring.all().some(({ source }) => source === 'store')) return undefined;
    try {
      return (await keys.create({ name: 'default' }, GATEWAY_AUTHOR)).secret;
    } catch (error) {
      // Another node that started at the same time was faster.
      if (!(error instanceof GatewayError) || error.code !== 'conflict') throw error;
      await changes.catchUp();
      return undefined;
    }
  }

  const management: Management = {
    localToken,
    identify,
    mayRead(asked) {
      try {
        identify(asked);
        return true;
      } catch {
        return false;
      }
    },
    useAdminKey(key) {
      configuredHash = key === '' ? undefined : hash(key);
    },
    async prepare({ adminKey: configured, hasConfiguredKeys }) {
      await changes.catchUp();
      management.useAdminKey(configured);
      const adminKey = await prepareAdminKey();
      const appKey = hasConfiguredKeys ? undefined : await prepareAppKey();
      return { ...(adminKey !== undefined && { adminKey }), ...(appKey !== undefined && { appKey }) };
    },
    keys,
    tenants: createTenantDesk({ changes, directory, clock }),
    audit: store.audit,
    change: changes.make,
    catchUp: changes.catchUp,
    follow: changes.follow,
  };
  return management;
}

function managerWith(key: ApiKey): Manager {
  return { actor: key.name, actorId: key.id, mayChange: hasScope(key, 'management') };
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
