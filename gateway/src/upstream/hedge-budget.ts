import type { Clock } from '../core/clock.ts';
import { createRollingShare } from './rolling-share.ts';

const SHARE = 0.05;
const WINDOW_MS = 600_000;

/** What second requests may cost: at most 5 % of the input tokens of the last ten minutes. */
export interface HedgeBudget {
  /** A call of about so many input tokens is being sent. */
  noteSpend(inputTokens: number): void;
  /** Takes a second request for the same tokens, if it can be paid. */
  take(inputTokens: number): boolean;
  /** Input tokens that may still be spent. */
  readonly left: number;
}

export function createHedgeBudget({ clock }: { clock: Clock }): HedgeBudget {
  const share = createRollingShare(clock, { share: SHARE, windowMs: WINDOW_MS, floor: 0 });
  return {
    noteSpend: (inputTokens) => share.note(inputTokens),
    take: (inputTokens) => share.take(inputTokens),
    get left() {
      return share.left;
    },
  };
}
