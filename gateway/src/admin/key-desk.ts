import { type ApiKey, createSecret, hashSecret, prefixOf } from '../auth/api-key.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { createIds } from '../core/ids.ts';
import type { KeyChange, Store } from '../store/store.ts';

/** Makes, changes and ends keys: in the store first, then in the ring, so that what was answered holds after a restart too. */
export interface KeyDesk {
  /** All keys, those of the configuration too; oldest first. */
  list(): ApiKey[];
  /** Throws GatewayError `not_found`. */
  get(id: string): ApiKey;
  /** The secret is told here and never again. Throws GatewayError `conflict` if a living key has the name. */
  create(wish: KeyWish): Promise<NewKey>;
  update(id: string, change: Omit<KeyChange, 'revokedAtMs'>): Promise<ApiKey>;
  /** A new secret under the same name and rights. The old one still works for `overlapMs`. */
  rotate(id: string, options?: { overlapMs?: number }): Promise<NewKey>;
  /** Ends a key at once and for good; one that was revoked before stays as it is. */
  revoke(id: string): Promise<ApiKey>;
}

export type KeyWish = Pick<ApiKey, 'name'> &
  Partial<Pick<ApiKey, 'team' | 'project' | 'user' | 'tier' | 'models' | 'expiresAtMs'>>;

export interface NewKey {
  key: ApiKey;
  secret: string;
}

export interface KeyDeskDeps {
  store: Store;
  ring: KeyRing;
  pepper: Buffer;
  clock: Clock;
}

export function createKeyDesk({ store, ring, pepper, clock }: KeyDeskDeps): KeyDesk {
  const nextId = createIds('key');

  function get(id: string): ApiKey {
    const key = ring.byId(id);
    if (key === undefined) throw new GatewayError('not_found', `There is no key ${id.slice(0, 100)}.`);
    return key;
  }

  function changeable(id: string): ApiKey {
    const key = get(id);
    if (key.source === 'config') {
      throw conflict(`The key "${key.name}" is written in the configuration. Change it there (keys in xidao.yaml).`);
    }
    if (key.revokedAtMs !== undefined) throw conflict(`The key "${key.name}" was revoked. Create a new one.`);
    return key;
  }

  function refuseConfiguredName(name: string): void {
    if (ring.all().some((key) => key.source === 'config' && key.name === name)) {
      throw conflict(`A key named "${name}" is written in the configuration. Choose another name.`, 'name');
    }
  }

  function forge(wish: KeyWish): NewKey {
    const secret = createSecret();
    const key: ApiKey = {
      id: nextId(),
      ...wish,
      hash: hashSecret(secret, pepper),
      prefix: prefixOf(secret),
      createdAtMs: clock.wallMs(),
      source: 'store',
    };
    return { key, secret };
  }

  return {
    get,
    list: () => ring.all().sort((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1)),
    async create(wish) {
      refuseConfiguredName(wish.name);
      const made = forge(wish);
      await store.keys.insert(made.key);
      ring.put(made.key);
      return made;
    },
    async update(id, change) {
      const before = changeable(id);
      if (change.name !== undefined && change.name !== before.name) refuseConfiguredName(change.name);
      const changed = await store.keys.update(id, change);
      ring.put(changed);
      return changed;
    },
    async rotate(id, { overlapMs = 0 } = {}) {
      const old = changeable(id);
      const now = clock.wallMs();
      if (old.expiresAtMs !== undefined && old.expiresAtMs <= now) {
        throw conflict(`The key "${old.name}" has expired. Give it another expiry first, or create a new one.`);
      }
      const made = forge(rightsOf(old));
      const endMs = Math.min(now + overlapMs, old.expiresAtMs ?? Number.POSITIVE_INFINITY);
      const ended = await store.keys.replace(id, made.key, endMs);
      ring.put(ended);
      ring.put(made.key);
      return made;
    },
    async revoke(id) {
      const key = get(id);
      if (key.source === 'store' && key.revokedAtMs !== undefined) return key;
      changeable(id);
      const revoked = await store.keys.update(id, { revokedAtMs: clock.wallMs() });
      ring.put(revoked);
      return revoked;
    },
  };
}

function rightsOf({ name, team, project, user, tier, models, expiresAtMs }: ApiKey): KeyWish {
  return {
    name,
    ...(team !== undefined && { team }),
    ...(project !== undefined && { project }),
    ...(user !== undefined && { user }),
    ...(tier !== undefined && { tier }),
    ...(models !== undefined && { models }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

function conflict(message: string, param?: string): GatewayError {
  return new GatewayError('conflict', message, param === undefined ? {} : { param });
}
