import type { Importance } from '../../core/caller.ts';

/** A place at a target, to be given back exactly once; a second time does nothing. */
export interface Slot {
  readonly target: string;
  readonly waitedMs: number;
  /** The first token came after so long: adaptive limits learn from it. */
  began(firstTokenMs: number): void;
  leave(ending?: { outputTokens?: number; wasOverloaded?: boolean }): void;
}

/** What a call asks for that wants a place. */
export interface Errand {
  /** For people: what is being waited for. Calls of one group that name the same targets share a queue, and its fairness. */
  group: string;
  /** Names of targets, the preferred first. */
  targets: readonly string[];
  importance: Importance;
  tenant: string;
  /** Monotonic time at which waiting is no longer worth it; undefined: as long as the room allows. */
  deadlineAt?: number;
  /** Input tokens, roughly: what the tenant is charged for its turn. */
  weightTokens: number;
  /** Calls back when the client hangs up; the result takes that back. */
  onGone?: (leave: () => void) => () => void;
}
