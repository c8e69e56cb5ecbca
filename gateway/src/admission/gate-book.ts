import { createGate, type Dimension, type Gate, type Limits, type OnFailure } from '../core/limits.ts';

/** Whose limits they are: the counter's name, and the owner in words. */
export interface Owner {
  id: string;
  owner: string;
}

export interface GateTerms {
  /** The share of a limit that may be used at once. */
  burst: number;
  onFailure: OnFailure;
}

type Counted = Exclude<Dimension, 'money'>;

/** In the order in which they are asked: the one named in a refusal is the first that is used up. */
const DIMENSIONS: readonly Counted[] = [
  ...(['concurrency', 'rpm', 'rph', 'rpd'] as const),
  ...(['tpm', 'input_tpm', 'output_tpm', 'tph', 'tpd'] as const),
];

/** More gates than this are not remembered at once: there may be one for each client address. */
const MOST_GATES = 20_000;

/** Makes gates, each once: the same owner and number give the same gate. */
export function createGateBook(): (limits: Limits, owner: Owner, terms: GateTerms) => Gate[] {
  const known = new Map<string, Gate>();

  function gateOf(dimension: Counted, limit: number, { id, owner }: Owner, { burst, onFailure }: GateTerms): Gate {
    const gateId = `${id}:${dimension}`;
    // The terms may have changed with the configuration; the counter stays.
    const key = `${gateId}:${limit}:${burst}:${onFailure}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= MOST_GATES) known.clear();
    const gate = createGate({ id: gateId, dimension, owner, limit, onFailure }, burst);
    known.set(key, gate);
    return gate;
  }

  return (limits, owner, terms) => {
    const gates: Gate[] = [];
    for (const dimension of DIMENSIONS) {
      const limit = limits[dimension];
      if (limit !== undefined) gates.push(gateOf(dimension, limit, owner, terms));
    }
    return gates;
  };
}
