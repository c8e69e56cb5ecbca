/** Tool names and call ids as this dialect allows them, and the way back to the client's own. */

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST = 64;

export interface TargetNames {
  name(own: string): string;
  callId(own: string): string;
  /** Written → the client's own; only what had to change. */
  changedNames: Map<string, string>;
  changedCallIds: Map<string, string>;
}

/** Names that a client of this dialect sent stay as they are; others are made to fit, each to a name of its own. */
export function createTargetNames(isForeign: boolean, taken: Iterable<string>): TargetNames {
  const changedNames = new Map<string, string>();
  const changedCallIds = new Map<string, string>();
  const written = new Map<string, string>();
  const used = new Set([...taken].filter((name) => NAME.test(name)));
  const name = (own: string): string => {
    if (!isForeign || NAME.test(own)) return own;
    const known = written.get(own);
    if (known !== undefined) return known;
    const fitting = firstFree(own.replace(/[^a-zA-Z0-9_-]/g, '_') || 'tool', own, used);
    used.add(fitting);
    written.set(own, fitting);
    changedNames.set(fitting, own);
    return fitting;
  };
  const callId = (own: string): string => {
    if (!isForeign || (own.length <= LONGEST && own !== '')) return own;
    const fitting = `call_${own.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 40)}_${fingerprint(own)}`;
    changedCallIds.set(fitting, own);
    return fitting;
  };
  return { name, callId, changedNames, changedCallIds };
}

function firstFree(clean: string, own: string, used: ReadonlySet<string>): string {
  if (clean.length <= LONGEST && !used.has(clean)) return clean;
  for (let attempt = 0; ; attempt++) {
    // The fingerprint, not a counter: the same tool is called the same in every turn, whatever stands before it.
    const candidate = `${clean.slice(0, LONGEST - 9)}_${fingerprint(attempt === 0 ? own : `${own}#${attempt}`)}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
