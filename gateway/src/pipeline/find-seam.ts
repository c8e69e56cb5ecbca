/** What has been read of an answer that should begin by repeating the end of another. */
export type Seam =
  /** It may still turn out to repeat it. */
  | { found: 'not-yet' }
  /** It does; `rest` is what comes after. */
  | { found: 'yes'; rest: string }
  /** It says something else. */
  | { found: 'no' };

/** Quotes and marks that models put around what they repeat, and white space, count for nothing before it. */
const BEFORE = /^[\s"'«»“”„`⟦…]*/;

/** Looks whether `heard` begins with `anchor`. White space may differ in kind and number, as models write line breaks as they please; nothing else may. */
export function findSeam(heard: string, anchor: string): Seam {
  const start = BEFORE.exec(heard)![0].length;
  const begins = BEFORE.exec(anchor)![0].length;
  let at = start;
  for (let wanted = begins; wanted < anchor.length; wanted++) {
    if (isSpace(anchor[wanted]!)) continue;
    while (at < heard.length && isSpace(heard[at]!)) at++;
    if (at === heard.length) return { found: 'not-yet' };
    if (heard[at] !== anchor[wanted]) return { found: 'no' };
    at++;
  }
  return { found: 'yes', rest: afterSpaceOf(anchor, heard.slice(at)) };
}

/** What the anchor ends with was told already; if it ended in white space, the rest must not begin with more of it. */
function afterSpaceOf(anchor: string, rest: string): string {
  return isSpace(anchor.at(-1) ?? '') ? rest.trimStart() : rest;
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}
