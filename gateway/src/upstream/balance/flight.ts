import type { Affinity } from '../../core/plan.ts';
import type { TargetState, Waiting } from './target-state.ts';

/** `void`: the caller's own fault, or the client left; it tells nothing of the target's health. */
export type FlightOutcome = 'ok' | 'failed' | 'void';

/** One call on its way to one target. What is said twice is heard once. */
export interface Flight {
  /** The first content or reasoning is here (not merely headers); of a document, its first byte. */
  firstToken(): void;
  /** It is over, and how. `outputTokens`, where they are known, tell how fast the target writes. */
  ended(outcome: FlightOutcome, outputTokens?: number): void;
}

/** What a flight reports to. */
export interface Tower {
  began(flight: OpenFlight): void;
  landed(flight: OpenFlight, outcome: FlightOutcome, outputTokens: number): void;
}

/** A flight as the balancer sees it: also a link in its target's list of calls that wait. */
export class OpenFlight implements Flight {
  readonly tower: Tower;
  readonly state: TargetState;
  readonly waiting: Waiting;
  readonly openedAt: number;
  readonly inputTokens: number;
  readonly affinity: Affinity | undefined;
  older: OpenFlight | undefined = undefined;
  younger: OpenFlight | undefined = undefined;
  /** -1: not yet. */
  begunAt = -1;
  hasEnded = false;

  constructor(
    tower: Tower,
    state: TargetState,
    waiting: Waiting,
    openedAt: number,
    inputTokens: number,
    affinity: Affinity | undefined,
  ) {
    this.tower = tower;
    this.state = state;
    this.waiting = waiting;
    this.openedAt = openedAt;
    this.inputTokens = inputTokens;
    this.affinity = affinity;
  }

  firstToken(): void {
    if (this.begunAt < 0 && !this.hasEnded) this.tower.began(this);
  }

  ended(outcome: FlightOutcome, outputTokens = 0): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.tower.landed(this, outcome, outputTokens);
  }
}
