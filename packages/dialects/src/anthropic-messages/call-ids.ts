import { legalId } from './legal-names.ts';
import type { CallIds } from './write-parts.ts';

/**
 * Call ids within this dialect's rules: legal characters, and no id twice. Providers that count their calls anew in
 * every turn, or name none, still get each result to its own call, as long as results follow their calls in order.
 * `rewritten` takes written id → the client's own.
 */
export function createCallIds(rewritten: Map<string, string>): CallIds {
  const used = new Set<string>();
  /** Calls of a client's id that still await their result, oldest first. */
  const open = new Map<string, string[]>();
  const answered = new Map<string, string>();

  function unused(id: string): string {
    const legal = id === '' ? 'call' : legalId(id);
    let written = id === '' ? 'call_1' : legal;
    for (let count = 2; used.has(written); count += 1) written = `${legal}_${count}`;
    return written;
  }

  return {
    beginTurn() {
      open.clear();
      answered.clear();
    },
    forCall(id) {
      const written = unused(id);
      used.add(written);
      open.set(id, [...(open.get(id) ?? []), written]);
      if (written !== id && id !== '') rewritten.set(written, id);
      return written;
    },
    forResult(id) {
      const [first, ...rest] = open.get(id) ?? [];
      if (first === undefined) return answered.get(id) ?? legalId(id || 'call');
      open.set(id, rest);
      answered.set(id, first);
      return first;
    },
  };
}
