/** A text as few of many numbers: which hashed features it has, and how much of each. Length 1 as a vector. */
export interface SparseText {
  readonly indexes: Uint32Array;
  readonly values: Float32Array;
}

export interface GramSettings {
  /** Features are told apart by their hash modulo this; a power of two. */
  buckets: number;
  /** Longest run of words that counts as one feature. */
  words: number;
  /** Runs of characters inside a word, shortest and longest; absent: none. */
  characters?: readonly [number, number];
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{N}]/gu;
const ALONE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Numbers differ from prompt to prompt; that there is one of so many digits does not. */
const DIGITS = /^\p{N}+$/u;

/** Words in lower case; each character of Chinese and Japanese is a word, and a number is told by its length. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words.map((word) => (DIGITS.test(word) ? `#${Math.min(word.length, 5)}` : word));
}

/** The features of a text: runs of words and of characters, hashed (FNV-1a), their counts damped by a logarithm. Deterministic. */
export function sparseText(text: string, settings: GramSettings): SparseText {
  const counts = new Map<number, number>();
  const mask = settings.buckets - 1;
  const count = (hash: number) => {
    const index = mixed(hash) & mask;
    counts.set(index, (counts.get(index) ?? 0) + 1);
  };
  const words = wordsOf(text);
  countWordRuns(words, settings.words, count);
  if (settings.characters !== undefined) {
    const [shortest, longest] = settings.characters;
    for (const word of words) countCharacterRuns(word, shortest, longest, count);
  }
  return damped(counts);
}

function countWordRuns(words: readonly string[], longest: number, count: (hash: number) => void): void {
  for (let start = 0; start < words.length; start++) {
    let hash = FNV_OFFSET;
    for (let length = 0; length < longest && start + length < words.length; length++) {
      const word = words[start + length]!;
      hash = addCode(addText(hash, word), 0x20);
      count(hash);
    }
  }
}

function countCharacterRuns(word: string, shortest: number, longest: number, count: (hash: number) => void): void {
  if (word.length < 2 || ALONE.test(word)) return;
  const framed = `^${word}$`;
  for (let start = 0; start + shortest <= framed.length; start++) {
    let hash = addCode(FNV_OFFSET, 1);
    for (let length = 1; length <= longest && start + length <= framed.length; length++) {
      hash = addCode(hash, framed.charCodeAt(start + length - 1));
      if (length >= shortest) count(hash);
    }
  }
}

function addText(hash: number, text: string): number {
  let sum = hash;
  for (let at = 0; at < text.length; at++) sum = addCode(sum, text.charCodeAt(at));
  return sum;
}

function addCode(hash: number, code: number): number {
  return Math.imul(hash ^ code, FNV_PRIME);
}

/** FNV's low bits alone are weak (murmur3's finaliser). */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function damped(counts: ReadonlyMap<number, number>): SparseText {
  const indexes = Uint32Array.from(counts.keys()).sort();
  const values = new Float32Array(indexes.length);
  let squares = 0;
  for (let at = 0; at < indexes.length; at++) {
    const value = 1 + Math.log(counts.get(indexes[at]!)!);
    values[at] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares) || 1;
  for (let at = 0; at < values.length; at++) values[at] = values[at]! / length;
  return { indexes, values };
}
