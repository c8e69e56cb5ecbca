import type { Claim, Gate } from '../core/limits.ts';

/** A caller's gates, parted by when they are asked. */
export interface ClaimLists {
  /** Requests and slots: at the door. */
  atOnce: readonly Claim[];
  /** Tokens: when the prompt is known. */
  later: readonly Gate[];
}

/** Parts lists of gates, each list once. */
export function createClaimLists(): (gates: readonly Gate[]) => ClaimLists {
  const known = new WeakMap<readonly Gate[], ClaimLists>();
  return (gates) => {
    const before = known.get(gates);
    if (before !== undefined) return before;
    const lists = {
      atOnce: gates.filter(({ kind }) => kind !== 'tokens').map((gate) => ({ gate, cost: 1 })),
      later: gates.filter(({ kind }) => kind === 'tokens'),
    };
    known.set(gates, lists);
    return lists;
  };
}
