import type { YAMLError } from 'yaml';
import type { Problem } from '../problems/problem.ts';

/** What YAML's own messages say, in words that never quote the file: what stands there may be a secret. */
const words: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'expected the name of an anchor',
  BAD_DQ_ESCAPE: 'not an escape; in single quotes a backslash is only a backslash',
  BAD_INDENT: 'indented differently from what it belongs to',
  BAD_SCALAR_START: 'a text that begins with this character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on one line; a text that holds one needs quotes',
  BLOCK_IN_FLOW: 'a section or list of several lines cannot stand inside { } or [ ]',
  MISSING_CHAR: 'a quote, bracket, comma or space is missing here or before',
  MULTILINE_IMPLICIT_KEY: 'a key and its colon must stand on one line',
  MULTIPLE_DOCS: 'a second document begins; the configuration is one',
  TAB_AS_INDENT: 'indented by a tab; YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'tags such as `!name` have no meaning here',
};

/** The first fault of each line; one fault often makes the parser stumble several times over. */
export function explainSyntax(
  faults: readonly YAMLError[],
  place: (offset: number) => { line: number; column: number },
): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const fault of faults) {
    const at = place(fault.pos[0]);
    if (byLine.has(at.line)) continue;
    byLine.set(at.line, { path: [], ...at, message: words[fault.code] ?? 'this is not YAML' });
  }
  return [...byLine.values()].slice(0, 10);
}
