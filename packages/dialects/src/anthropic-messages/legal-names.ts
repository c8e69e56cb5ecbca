/** Tool names and call ids within the rules of Messages, and the way back. */

const LEGAL_ID = /^[a-zA-Z0-9_-]+$/;
const ILLEGAL = /[^a-zA-Z0-9_-]/g;
/** Older models refuse more than 64, newer ones take 128. */
const LONGEST_NAME = 64;
const HASH_LENGTH = 9;

export interface LegalNames {
  /** The name to send for the client's own: the same one for the same name, whatever came before. */
  write(name: string): string;
  /** Written → the client's own, for those that differ. */
  rewritten: Map<string, string>;
}

export function createLegalNames(longest = LONGEST_NAME): LegalNames {
  const rewritten = new Map<string, string>();
  return {
    rewritten,
    write(name) {
      const legal = legalName(name, longest);
      if (legal !== name) rewritten.set(legal, name);
      return legal;
    },
  };
}

/** Deterministic, so that a conversation keeps its bytes turn over turn; the hash keeps `a.b` and `a/b` apart. */
export function legalName(name: string, longest = LONGEST_NAME): string {
  if (LEGAL_ID.test(name) && name.length <= longest) return name;
  return `${name.replace(ILLEGAL, '_').slice(0, longest - HASH_LENGTH - 1)}_${hashOf(name)}`;
}

/** Call ids have a rule for their characters and none for their length. */
export function legalId(id: string): string {
  return legalName(id, Number.POSITIVE_INFINITY);
}

/** FNV-1a over 46 bits' worth of base 36: short, stable, and no secret. */
function hashOf(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b) ^ (low >>> 15);
  }
  const digits = (high >>> 0).toString(36).slice(-3).padStart(3, '0') + (low >>> 0).toString(36).padStart(7, '0');
  return digits.slice(-HASH_LENGTH);
}
