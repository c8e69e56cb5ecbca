import { legalName } from './legal-names.ts';

/** The ids of calls and results as they are sent. */
export interface CallIds {
  /** The assistant speaks anew: results from here on belong to calls from here on. */
  beginTurn(): void;
  forCall(id: string): string;
  forResult(id: string): string;
}

export const AS_THEY_ARE: CallIds = { beginTurn: () => {}, forCall: (id) => id, forResult: (id) => id };

/**
 * Legal ids, and no id twice: some providers count their calls anew in every turn, or name none. Each result goes to
 * its own call as long as results follow their calls in order. `rewritten` takes written id → the client's own.
 */
export function createCallIds(rewritten: Map<string, string>): CallIds {
  const used = new Set<string>();
  /** What the calls of this turn were written as, by the client's id; results take them in order. */
  const turn = new Map<string, { written: string[]; answered: number }>();

  function unused(id: string): string {
    let written = legalName(id || 'call');
    for (let count = 2; used.has(written); count += 1) written = legalName(`${id || 'call'}_${count}`);
    return written;
  }

  return {
    beginTurn: () => turn.clear(),
    forCall(id) {
      const written = unused(id);
      used.add(written);
      const calls = turn.get(id) ?? { written: [], answered: 0 };
      calls.written.push(written);
      turn.set(id, calls);
      if (written !== id && id !== '') rewritten.set(written, id);
      return written;
    },
    forResult(id) {
      const calls = turn.get(id);
      if (calls === undefined) return legalName(id || 'call');
      const written = calls.written[Math.min(calls.answered, calls.written.length - 1)] ?? legalName(id);
      calls.answered += 1;
      return written;
    },
  };
}
