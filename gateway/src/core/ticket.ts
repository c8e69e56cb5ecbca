import type { Plan } from './plan.ts';
import type { Prompt } from './prompt.ts';
import type { CallRecord } from './record.ts';

/** What a call holds while it runs. Given back exactly once, however the call ends. */
export interface Ticket {
  /** Holds tokens and money for the plan. Throws the refusal that names what is used up. */
  reserve(plan: Plan, prompt: Prompt): void | Promise<void>;
  /** Gives back what was held and not used. */
  settle(record: CallRecord): void;
  /** What the client should know of its limits (`x-ratelimit-…`); absent where it has none. */
  readonly headers?: Record<string, string>;
}
