import { hash } from 'node:crypto';
import type { Affinity } from '../../core/plan.ts';

/** Which calls are tied to which targets. The key is the caller's: a session, a cache key, a stored response, a file. */
export interface Affinities {
  /** The name of the target that this is tied to. */
  find(affinity: Affinity): string | undefined;
  bind(affinity: Affinity, name: string): void;
  /** The same, as another node has told it: nobody is told again. */
  hear(tie: Tie): void;
  /** Lets go of a loose tie to this target; a hard one stays, as only that target will ever do. */
  loosen(affinity: Affinity, name: string): void;
  forget(key: string): void;
}

/** A tie as nodes tell it to each other. A key that may hold words of a conversation is its digest. */
export interface Tie extends Affinity {
  /** The target's. */
  name: string;
}

/** How long a loose tie lasts after the last success: longer than providers keep a prompt. */
const STICKY_MS = 10 * 60_000;
const MOST = 50_000;
/** A longer key, which may hold the beginning of a conversation, is kept as its digest. */
const LONGEST_KEY = 128;

/** Remembers ties in memory, the latest 50,000 of each kind. Loose ties end ten minutes after the last success; hard ones stay until they are the oldest. */
export function createAffinities(now: () => number, onTie: (tie: Tie) => void = () => {}): Affinities {
  const loose = new Map<string, { name: string; until: number }>();
  const hard = new Map<string, string>();

  /** Whether it was not so before. */
  function tie(key: string, isHard: boolean, name: string): boolean {
    if (isHard) {
      const isNews = hard.get(key) !== name;
      put(hard, key, name);
      return isNews;
    }
    const before = loose.get(key);
    const isNews = before?.name !== name || before.until <= now();
    const kept = before ?? { name, until: 0 };
    kept.name = name;
    kept.until = now() + STICKY_MS;
    put(loose, key, kept);
    return isNews;
  }

  return {
    find({ key: told, isHard }) {
      const key = shorten(told);
      if (isHard) return hard.get(key);
      const known = loose.get(key);
      if (known === undefined) return undefined;
      if (known.until > now()) return known.name;
      loose.delete(key);
      return undefined;
    },
    bind({ key: told, isHard }, name) {
      const key = shorten(told);
      if (tie(key, isHard, name)) onTie({ key, isHard, name });
    },
    hear({ key, isHard, name }) {
      tie(key, isHard, name);
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
