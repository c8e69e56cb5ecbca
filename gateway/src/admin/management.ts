import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { hashSecret } from '../auth/api-key.ts';
import { readCredentials } from '../auth/credentials.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { createKeyDesk, type KeyDesk } from './key-desk.ts';

/** Who may manage, and what can be managed. */
export interface Management {
  /** Opens the management API to commands on the same machine; another one at every start. */
  localToken: string;
  /** Whether the headers carry the admin key or the local token. */
  isAdmin(headers: IncomingHttpHeaders): boolean;
  /** Whether they carry a key of the data plane, which opens nothing here. */
  isAppKey(headers: IncomingHttpHeaders): boolean;
  /** From now on this is the admin key; empty: the one that was generated at the first start. */
  useAdminKey(key: string): void;
  /** Makes what a first start lacks, and gives the secrets to be shown once. */
  prepare(first: { adminKey: string; hasConfiguredKeys: boolean }): Promise<{ adminKey?: string; appKey?: string }>;
  keys: KeyDesk;
}

export interface ManagementDeps {
  store: Store;
  ring: KeyRing;
  pepper: Buffer;
  clock: Clock;
}

const ADMIN_KEY_FACT = 'admin_key_hash';

export function createManagement({ store, ring, pepper, clock }: ManagementDeps): Management {
  const localToken = `xd-local-${randomSecret()}`;
  const keys = createKeyDesk({ store, ring, pepper, clock });
  const hash = (secret: string) => createHmac('sha256', pepper).update(secret).digest();
  const localHash = hash(localToken);
  let generatedHash: Buffer | undefined;
  let configuredHash: Buffer | undefined;

  function opens(secret: string): boolean {
    const sent = hash(secret);
    const adminHash = configuredHash ?? generatedHash;
    return timingSafeEqual(sent, localHash) || (adminHash !== undefined && timingSafeEqual(sent, adminHash));
  }

  /** Gives the admin key if it was made just now. */
  async function prepareAdminKey(): Promise<string | undefined> {
    const known = await store.facts.get(ADMIN_KEY_FACT);
    if (known !== undefined) {
      generatedHash = Buffer.from(known, 'hex');
      return undefined;
    }
    if (configuredHash !== undefined) return undefined;
    const adminKey = `xd-admin-${randomSecret()}`;
    generatedHash = hash(adminKey);
    await store.facts.set(ADMIN_KEY_FACT, generatedHash.toString('hex'));
    return adminKey;
  }

  const management: Management = {
    localToken,
    isAdmin: (headers) => readCredentials(headers).some(opens),
    isAppKey: (headers) =>
      readCredentials(headers).some((secret) => ring.find(hashSecret(secret, pepper)) !== undefined),
    useAdminKey(key) {
      configuredHash = key === '' ? undefined : hash(key);
    },
    async prepare({ adminKey: configured, hasConfiguredKeys }) {
      management.useAdminKey(configured);
      const adminKey = await prepareAdminKey();
      const lacksKeys = !hasConfiguredKeys && (await store.keys.list()).length === 0;
      const appKey = lacksKeys ? (await keys.create({ name: 'default' })).secret : undefined;
      return { ...(adminKey !== undefined && { adminKey }), ...(appKey !== undefined && { appKey }) };
    },
    keys,
  };
  return management;
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
