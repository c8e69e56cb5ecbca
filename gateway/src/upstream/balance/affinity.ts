import { hash } from 'node:crypto';
import type { Affinity } from '../../core/plan.ts';

/** Which calls are tied to which targets. The key is the caller's: a session, a cache key, a stored response, a file. */
export interface Affinities {
  /** The name of the target that this is tied to. */
  find(affinity: Affinity): string | undefined;
  bind(affinity: Affinity, name: string): void;
  /** Lets go of a loose tie to this target; a hard one stays, as only that target will ever do. */
  loosen(affinity: Affinity, name: string): void;
  forget(key: string): void;
}

/** How long a loose tie lasts after the last success: longer than providers keep a prompt. */
const STICKY_MS = 10 * 60_000;
const MOST = 50_000;
/** A longer key, which may hold the beginning of a conversation, is kept as its digest. */
const LONGEST_KEY = 128;

/** Remembers ties in memory, the latest 50,000 of each kind. Loose ties end ten minutes after the last success; hard ones stay until they are the oldest. */
export function createAffinities(now: () => number): Affinities {
  const loose = new Map<string, { name: string; until: number }>();
  const hard = new Map<string, string>();

  return {
    find({ key: told, isHard }) {
      const key = shorten(told);
      if (isHard) return hard.get(key);
      const tie = loose.get(key);
      if (tie === undefined) return undefined;
      if (tie.until > now()) return tie.name;
      loose.delete(key);
      return undefined;
    },
    bind({ key: told, isHard }, name) {
      const key = shorten(told);
      if (isHard) return put(hard, key, name);
      const tie = loose.get(key) ?? { name, until: 0 };
      tie.name = name;
      tie.until = now() + STICKY_MS;
      put(loose, key, tie);
    },
    loosen({ key: told, isHard }, name) {
      const key = shorten(told);
      if (!isHard && loose.get(key)?.name === name) loose.delete(key);
    },
    forget(told) {
      const key = shorten(told);
      loose.delete(key);
      hard.delete(key);
    },
  };
}

function shorten(key: string): string {
  return key.length > LONGEST_KEY ? hash('sha1', key, 'base64') : key;
}

/** Puts it last, and drops the first where there are too many: a Map keeps the order in which keys came. */
function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
