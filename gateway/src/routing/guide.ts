import type { Decision, RequestDefaults } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';

/** What decides instead of the client's word for a model. */
export interface Guidance {
  /** The models to ask, in order, as a client would name them. */
  names: readonly string[];
  /** For people and `x-xidao-route`. */
  reason: string;
  decision: Decision;
  defaults?: RequestDefaults;
}

/** Looks at a call and says what decides over it; undefined: the client's word does. */
export type Guide = (prompt: Prompt) => Guidance | undefined;

/** The same, where somebody may have to be asked first. */
export type SlowGuide = (prompt: Prompt) => Guidance | undefined | Promise<Guidance | undefined>;
