import type { Clock } from '../core/clock.ts';

const SLOTS = 10;

export interface RollingShare {
  /** Adds to the whole. */
  note(amount: number): void;
  /** Takes a part, if what was taken lately stays within the share of what was noted lately. */
  take(amount: number): boolean;
  /** What may still be taken now. */
  readonly left: number;
}

/** A part that stays within a share of its whole over a rolling window, and may always reach `floor` in it. Ten slots, whatever the traffic. */
export function createRollingShare(
  clock: Clock,
  { share, windowMs, floor }: { share: number; windowMs: number; floor: number },
): RollingShare {
  const slotMs = windowMs / SLOTS;
  const noted = new Float64Array(SLOTS);
  const taken = new Float64Array(SLOTS);
  let slot = Math.floor(clock.now() / slotMs);
  let notedSum = 0;
  let takenSum = 0;

  const turn = (): number => {
    const current = Math.floor(clock.now() / slotMs);
    for (; slot < current; slot++) {
      // After a long silence the slots have all been emptied once; further turns would empty them again.
      if (current - slot > SLOTS) slot = current - SLOTS;
      const next = (slot + 1) % SLOTS;
      notedSum -= noted[next]!;
      takenSum -= taken[next]!;
      noted[next] = 0;
      taken[next] = 0;
    }
    return slot % SLOTS;
  };

  const left = () => Math.max(0, share * notedSum + floor - takenSum);

  return {
    note(amount) {
      const at = turn();
      noted[at]! += amount;
      notedSum += amount;
    },
    take(amount) {
      const at = turn();
      if (amount > left()) return false;
      taken[at]! += amount;
      takenSum += amount;
      return true;
    },
    get left() {
      turn();
      return left();
    },
  };
}
