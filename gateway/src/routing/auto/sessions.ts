import { createBoundedMap } from './bounded-map.ts';
import { wordsOf } from './text/sparse-text.ts';

/** What is kept of a conversation: nothing of its text but hashes of words. */
export interface SessionState {
  model: string;
  /** Tiers above what is asked, for answers that were not good enough. */
  raised: number;
  /** Tokens that the model's provider has in its prompt cache, probably. */
  cachedTokens: number;
  /** Hashes of the words of the user's last turn, sorted. */
  lastWords: Uint32Array;
  at: number;
}

export interface Sessions {
  /** Undefined: unknown, or silent for too long. */
  find(key: string): SessionState | undefined;
  keep(key: string, state: SessionState): void;
  readonly size: number;
}

const MOST_SESSIONS = 10_000;
/** Providers forget a prompt after five minutes to an hour; a conversation may pause for longer. */
const LONGEST_PAUSE_MS = 60 * 60_000;
const WORDS_KEPT = 96;

export function createSessions(now: () => number): Sessions {
  const kept = createBoundedMap<SessionState>(MOST_SESSIONS);
  return {
    find(key) {
      const state = kept.get(key);
      if (state === undefined || now() - state.at <= LONGEST_PAUSE_MS) return state;
      kept.delete(key);
      return undefined;
    },
    keep: (key, state) => kept.set(key, state),
    get size() {
      return kept.size;
    },
  };
}

/** The words of a turn as sorted hashes, each once; of a long turn its first words. */
export function wordHashes(text: string): Uint32Array {
  const hashes = new Set<number>();
  for (const word of wordsOf(text.slice(0, 2_000))) {
    if (hashes.size >= WORDS_KEPT) break;
    if (/[\p{L}\p{N}#]/u.test(word)) hashes.add(hashOf(word));
  }
  return Uint32Array.from(hashes).sort();
}

/** How alike two turns are, 0 to 1: words in both, twice, of words in either (Dice 1945). */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  let both = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [left, right] = [a[i]!, b[j]!];
    if (left === right) both++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return (2 * both) / (a.length + b.length);
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
