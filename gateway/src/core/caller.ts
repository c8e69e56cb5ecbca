import type { ScopedLimits } from './limits.ts';

/** Who is calling, as far as its key tells. */
export interface Caller {
  keyId: string;
  keyName: string;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  /** What the call says of itself (`x-xidao-tags`), over what its key says. */
  tags?: Readonly<Record<string, string>>;
  /** The conversation that the call belongs to, in the client's words. */
  session?: string;
  tier?: string;
  /** The limits of its key and of everything that the key belongs to. */
  limits?: readonly ScopedLimits[];
  /** Who waits longest where not all can be served at once. Absent: default. */
  importance?: Importance;
  /** The tier to which `auto` is held for it, whatever it asks for: its budget is nearly spent. */
  costTier?: 'low' | 'medium' | 'high' | 'max';
  /** What its tightest budget is used up to, 0 to 1. Absent: no budget holds for it. */
  budgetUsed?: () => number;
  /** Patterns of models that the key may use; `*` stands for any run of characters. Undefined: every model. */
  models?: readonly string[];
}

export type Importance = 'interactive' | 'default' | 'batch';
