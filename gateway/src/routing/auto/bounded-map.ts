/** A map that forgets what was not used for longest once it is full. */
export interface BoundedMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  readonly size: number;
}

/** Least recently used first out, on the order in which a `Map` keeps its keys. */
export function createBoundedMap<V>(most: number): BoundedMap<V> {
  const kept = new Map<string, V>();
  return {
    get(key) {
      const value = kept.get(key);
      if (value === undefined) return undefined;
      kept.delete(key);
      kept.set(key, value);
      return value;
    },
    set(key, value) {
      kept.delete(key);
      if (kept.size >= most) kept.delete(kept.keys().next().value!);
      kept.set(key, value);
    },
    delete(key) {
      kept.delete(key);
    },
    get size() {
      return kept.size;
    },
  };
}
