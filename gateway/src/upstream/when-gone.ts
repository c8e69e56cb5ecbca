import type { Clock } from '../core/clock.ts';
import type { Target } from '../core/target.ts';

/** How long an answer that is paid for anyway is read on after its client has left. */
const LONGEST_DRAIN_MS = 30_000;

/** What to do when the client leaves: hang up; where hanging up does not stop the bill, only after a while, as the end of the answer tells what it cost. */
export function whenGone(abort: () => void, { preset }: Target, clock: Clock): () => void {
  if (preset.cancelStopsBilling !== false) return abort;
  return () => {
    clock.setTimeout(abort, LONGEST_DRAIN_MS);
  };
}
