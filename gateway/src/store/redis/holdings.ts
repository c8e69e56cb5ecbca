import type { Gate, SlotsGate, SumGate } from '../../core/limits.ts';
import { keysOf } from './bookings.ts';

/** A slot or a hold that a call of this node has. */
export interface Holding {
  gate: SlotsGate | SumGate;
  holder: string;
  amount: number;
}

/** The slots and holds of this node: said again to Redis from time to time, so that they live as long as the node does and no longer. */
export interface Holdings {
  add(holding: Holding): void;
  remove(gate: Gate, holder: string): void;
  /** Slots of the gate that this node has. */
  slotsOf(gate: Gate): number;
  /** Keys and words for the script that renews them, in lists that are not too long for one call. */
  written(): { keys: string[]; words: string[] }[];
}

const AT_ONCE = 500;

export function createHoldings(): Holdings {
  const byGate = new Map<string, Map<string, Holding>>();
  return {
    add(holding) {
      let held = byGate.get(holding.gate.id);
      if (held === undefined) {
        held = new Map();
        byGate.set(holding.gate.id, held);
      }
      held.set(holding.holder, holding);
    },
    remove(gate, holder) {
      const held = byGate.get(gate.id);
      held?.delete(holder);
      if (held?.size === 0) byGate.delete(gate.id);
    },
    slotsOf: (gate) => byGate.get(gate.id)?.size ?? 0,
    written() {
      const all = [...byGate.values()].flatMap((held) => [...held.values()]);
      const lists: { keys: string[]; words: string[] }[] = [];
      for (let from = 0; from === 0 || from < all.length; from += AT_ONCE) {
        const some = all.slice(from, from + AT_ONCE);
        lists.push({
          keys: some.flatMap(({ gate }) => keysOf(gate)),
          words: some.flatMap(({ gate, holder, amount }) =>
            gate.kind === 'slots' ? ['s', holder, '', ''] : ['m', holder, String(amount), String(gate.endsAtMs)],
          ),
        });
      }
      return lists;
    },
  };
}
