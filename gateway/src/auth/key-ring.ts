import type { ApiKey } from './api-key.ts';

/** All keys in memory, found by hash: identifying a caller costs no I/O. Furniture: it outlives a reload of the configuration. */
export interface KeyRing {
  find(hash: string): ApiKey | undefined;
  byId(id: string): ApiKey | undefined;
  all(): ApiKey[];
  put(key: ApiKey): void;
  /** Replaces the keys of one source, as configuration is reloaded or the store is read again. */
  replace(source: ApiKey['source'], keys: ApiKey[]): void;
  /** Changes with every change of the ring; verdicts cached under another number are stale. */
  readonly version: number;
}

export function createKeyRing(): KeyRing {
  const byHash = new Map<string, ApiKey>();
  const byId = new Map<string, ApiKey>();
  let version = 0;
  const put = (key: ApiKey) => {
    const before = byId.get(key.id);
    if (before !== undefined) byHash.delete(before.hash);
    byHash.set(key.hash, key);
    byId.set(key.id, key);
    version += 1;
  };
  return {
    find: (hash) => byHash.get(hash),
    byId: (id) => byId.get(id),
    all: () => [...byId.values()],
    put,
    replace(source, keys) {
      for (const key of byId.values()) {
        if (key.source !== source) continue;
        byId.delete(key.id);
        byHash.delete(key.hash);
      }
      for (const key of keys) put(key);
      version += 1;
    },
    get version() {
      return version;
    },
  };
}
