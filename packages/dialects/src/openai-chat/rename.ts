import { createHash } from 'node:crypto';
import type { ModelRequest } from '../request.ts';

const LEGAL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Names (or ids) as the target takes them, the same in every turn, with the way back. */
export interface Renames {
  written(own: string): string;
  /** Written → the client's own; undefined when nothing had to change. */
  back(): Map<string, string> | undefined;
}

/** Legal words as they are, every other as `make` makes it from the word; `taken` are those that stand already. */
export function createRenames(
  taken: Iterable<string>,
  isLegal: (word: string) => boolean,
  make: (own: string, attempt: number) => string,
): Renames {
  const used = new Set([...taken].filter(isLegal));
  const written = new Map<string, string>();
  return {
    written(own) {
      if (isLegal(own)) return own;
      const known = written.get(own);
      if (known !== undefined) return known;
      let name = make(own, 0);
      for (let attempt = 1; used.has(name) && attempt < 100; attempt++) name = make(own, attempt);
      used.add(name);
      written.set(own, name);
      return name;
    },
    back: () => (written.size === 0 ? undefined : new Map([...written].map(([own, name]) => [name, own]))),
  };
}

/** Tool names outside OpenAI's rule (64 letters, digits, `_`, `-`): what is legal of them, and a hash that keeps them apart. */
export function renameTools(request: ModelRequest): Renames {
  const names = request.tools.flatMap((tool) => ('name' in tool ? [tool.name] : []));
  return createRenames(
    names,
    (name) => LEGAL_NAME.test(name),
    (own, attempt) => `${own.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 55)}_${hash(own, attempt).slice(0, 8)}`,
  );
}

/** Call ids that break the host's rule, each made anew from a hash of its own. A rule that no form meets leaves them as they are. */
export function renameCalls(request: ModelRequest, rule: RegExp | undefined): Renames {
  const isLegal = (id: string) => !rule || matches(rule, id);
  return createRenames(callIds(request), isLegal, (own, attempt) => {
    const digest = hash(own, attempt);
    const forms = [digest.slice(0, 9), `call_${digest.slice(0, 24)}`, digest.slice(0, 24), digest.slice(0, 32)];
    return forms.find(isLegal) ?? own;
  });
}

/** A rule may carry the `g` flag, whose `test` remembers where it stood. */
function matches(rule: RegExp, id: string): boolean {
  rule.lastIndex = 0;
  return rule.test(id);
}

function callIds(request: ModelRequest): string[] {
  return request.messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])));
}

/** Letters and digits, 36 to the character, so that few of them tell many apart. */
export function hash(text: string, attempt: number): string {
  const hex = createHash('sha256')
    .update(attempt === 0 ? text : `${text}#${attempt}`)
    .digest('hex');
  return BigInt(`0x${hex}`).toString(36).padStart(50, '0').slice(-40);
}
