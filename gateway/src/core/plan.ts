import type { Target } from './target.ts';

/** Which targets may answer, in the order in which to try them, and why these. */
export interface Plan {
  targets: readonly Target[];
  /** For people and `x-xidao-route`: `exact`, `alias fast`, `only mock configured` … */
  reason: string;
  /** True: a target that cannot carry everything that is asked must not be asked. */
  isStrict?: boolean;
  /** Something the client should know (`x-xidao-notice`). */
  notice?: string;
}
