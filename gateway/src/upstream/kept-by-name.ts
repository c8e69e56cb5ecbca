export interface KeptByName<State> {
  /** What is kept under this name; undefined: nothing yet. */
  find(name: string): State | undefined;
  /** What is kept under this name, made on first use. */
  of(name: string): State;
  forget(name: string): void;
  entries(): Iterable<[name: string, state: State]>;
  readonly size: number;
}

interface Kept<State> {
  state: State;
  wasUsed: boolean;
}

/**
 * State by names of which some come from outside, such as models that clients ask for: at most `most` are kept. When there is one too many,
 * the oldest that was not used since it was last passed over is let go ("second chance"), which costs a use one flag.
 */
export function createKeptByName<State>(most: number, make: (name: string) => State): KeptByName<State> {
  const kept = new Map<string, Kept<State>>();

  const makeRoom = () => {
    for (const [name, one] of kept) {
      kept.delete(name);
      if (!one.wasUsed) return;
      one.wasUsed = false;
      kept.set(name, one);
    }
  };

  const find = (name: string): State | undefined => {
    const one = kept.get(name);
    if (one === undefined) return undefined;
    one.wasUsed = true;
    return one.state;
  };

  return {
    find,
    of(name) {
      const known = find(name);
      if (known !== undefined) return known;
      if (kept.size >= most) makeRoom();
      const state = make(name);
      kept.set(name, { state, wasUsed: false });
      return state;
    },
    forget: (name) => void kept.delete(name),
    *entries() {
      for (const [name, { state }] of kept) yield [name, state];
    },
    get size() {
      return kept.size;
    },
  };
}
