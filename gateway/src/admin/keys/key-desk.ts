import { type ApiKey, createSecret, hashSecret, prefixOf } from '../../auth/api-key.ts';
import type { Directory } from '../../auth/directory.ts';
import type { KeyRing } from '../../auth/key-ring.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { createIds } from '../../core/ids.ts';
import type { KeyChange } from '../../store/store.ts';
import type { Author } from '../audit/author.ts';
import type { ChangeBooks, Changes } from '../audit/changes.ts';
import { checkBelonging } from './check-belonging.ts';

/** Makes, changes and ends keys. */
export interface KeyDesk {
  /** All keys, those of the configuration too; oldest first. */
  list(): ApiKey[];
  /** Throws GatewayError `not_found`. */
  get(id: string): ApiKey;
  /** The secret is told here and never again. Throws GatewayError `conflict` if a living key has the name. */
  create(wish: KeyWish, author: Author): Promise<NewKey>;
  update(id: string, change: Omit<KeyChange, 'revokedAtMs'>, author: Author): Promise<ApiKey>;
  /** A new secret under the same name and rights. The old one still works for `overlapMs`. */
  rotate(id: string, options: { overlapMs?: number }, author: Author): Promise<NewKey>;
  /** Ends a key at once and for good; one that was revoked before stays as it is. */
  revoke(id: string, author: Author): Promise<ApiKey>;
}

export type KeyWish = Pick<ApiKey, 'name'> & Partial<Pick<ApiKey, (typeof RIGHTS)[number]>>;

/** What a key passes on to its successor. */
const RIGHTS = [
  'organisation',
  'team',
  'project',
  'user',
  'tier',
  'models',
  'limits',
  'ips',
  'scopes',
  'tags',
  'importance',
  'expiresAtMs',
] as const satisfies readonly (keyof ApiKey)[];

export interface NewKey {
  key: ApiKey;
  secret: string;
}

export interface KeyDeskDeps {
  changes: Changes;
  ring: KeyRing;
  directory: Directory;
  pepper: Buffer;
  clock: Clock;
}

export function createKeyDesk({ changes, ring, directory, pepper, clock }: KeyDeskDeps): KeyDesk {
  const nextId = createIds('key');

  function get(id: string): ApiKey {
    const key = ring.byId(id);
    if (key === undefined) throw notFound(id);
    return key;
  }

  /** As it stands in the store: another node may have changed it a moment ago. */
  async function readKey(books: ChangeBooks, id: string): Promise<ApiKey> {
    const key = await books.keys.find(id);
    if (key !== undefined) return key;
    const configured = ring.byId(id);
    if (configured?.source !== 'config') throw notFound(id);
    throw conflict(
      `The key "${configured.name}" is written in the configuration. Change it there (keys in xidao.yaml).`,
    );
  }

  async function readLiving(books: ChangeBooks, id: string): Promise<ApiKey> {
    const key = await readKey(books, id);
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
    create: (wish, author) =>
      changes.make(author, async (books) => {
        refuseConfiguredName(wish.name);
        checkBelonging(wish, directory);
        const made = forge(wish);
        await books.keys.insert(made.key);
        await books.keyBecame('create', undefined, made.key);
        return made;
      }),
    update: (id, change, author) =>
      changes.make(author, async (books) => {
        const before = await readLiving(books, id);
        if (change.name !== undefined && change.name !== before.name) refuseConfiguredName(change.name);
        const after = await books.keys.update(id, change);
        checkBelonging(after, directory);
        await books.keyBecame('update', before, after);
        return after;
      }),
    rotate: (id, { overlapMs = 0 }, author) =>
      changes.make(author, async (books) => {
        const old = await readLiving(books, id);
        const now = clock.wallMs();
        if (old.expiresAtMs !== undefined && old.expiresAtMs <= now) {
          throw conflict(`The key "${old.name}" has expired. Give it another expiry first, or create a new one.`);
        }
        const made = forge({ name: old.name, ...rightsOf(old) });
        const endMs = Math.min(now + overlapMs, old.expiresAtMs ?? Number.POSITIVE_INFINITY);
        const ended = await books.keys.replace(id, made.key, endMs);
        await books.keyBecame('rotate', old, ended);
        await books.keyBecame('create', undefined, made.key);
        return made;
      }),
    revoke: (id, author) =>
      changes.make(author, async (books) => {
        const before = await readKey(books, id);
        if (before.revokedAtMs !== undefined) return before;
        const revoked = await books.keys.update(id, { revokedAtMs: clock.wallMs() });
        await books.keyBecame('revoke', before, revoked);
        return revoked;
      }),
  };
}

function rightsOf(key: ApiKey): Omit<KeyWish, 'name'> {
  return Object.fromEntries(RIGHTS.filter((right) => key[right] !== undefined).map((right) => [right, key[right]]));
}

function notFound(id: string): GatewayError {
  return new GatewayError('not_found', `There is no key ${id.slice(0, 100)}.`);
}

function conflict(message: string, param?: string): GatewayError {
  return new GatewayError('conflict', message, param === undefined ? {} : { param });
}
