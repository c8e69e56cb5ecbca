import type { Clock } from '../../core/clock.ts';
import {
  type BucketGate,
  type Claim,
  difference,
  type Gate,
  type Gates,
  microseconds,
  type Refused,
  type Standing,
  standingOf,
  type Taken,
} from '../../core/limits.ts';

/** Gates of this process alone: everything is answered at once. */
export interface MemoryGates extends Gates {
  take(claims: readonly Claim[]): Taken | Refused;
  peek(gate: Gate): Standing;
  /** What is in use: microseconds until a bucket is full again, slots, money spent and held. */
  level(gate: Gate): number;
  /** Puts a gate to at least this level. */
  raise(gate: Gate, level: number): void;
}

/** What is kept of a gate. */
interface State {
  readonly gate: Gate;
  /** Buckets: when all of it is refilled (the theoretical arrival time of GCRA). Slots: in use. Sums: spent. */
  value: number;
  /** Buckets: all that was ever given back, in microseconds. Sums: held. */
  other: number;
}

/** Idle gates are forgotten when there are more than this, and again whenever their number has doubled since. */
const SWEEP_FROM = 10_000;
/** Nobody knows when a slot will be free; a guess. */
const SLOT_RETRY_MS = 1_000;

export function createMemoryGates({ clock }: { clock: Pick<Clock, 'now' | 'wallMs'> }): MemoryGates {
  const states = new Map<string, State>();
  let sweepAt = SWEEP_FROM;
  // The states of the claims at hand, so that none is looked up twice.
  const found: State[] = [];

  const nowUs = () => Math.floor(clock.now() * 1000);

  function stateOf(gate: Gate): State {
    const known = states.get(gate.id);
    if (known !== undefined) return known;
    if (states.size >= sweepAt) sweep();
    const state = { gate, value: 0, other: 0 };
    states.set(gate.id, state);
    return state;
  }

  function sweep(): void {
    for (const [id, state] of states) if (isIdle(state)) states.delete(id);
    sweepAt = Math.max(SWEEP_FROM, states.size * 2);
  }

  /** As good as unknown: a full bucket, a slot that nobody holds, a window that is over. */
  function isIdle({ gate, value, other }: State): boolean {
    if (gate.kind === 'slots') return value <= 0;
    if (gate.kind === 'sum') return other <= 0 && gate.endsAtMs <= clock.wallMs();
    return value <= nowUs();
  }

  function refusal({ gate, cost }: Claim, state: State, now: number): Refused | undefined {
    if (gate.kind === 'slots') {
      if (state.value + cost <= gate.limit) return undefined;
      return { isTaken: false, gate, cost, used: state.value, retryAfterMs: SLOT_RETRY_MS };
    }
    if (gate.kind === 'sum') {
      const used = state.value + state.other;
      if (used + cost <= gate.limit) return undefined;
      return { isTaken: false, gate, cost, used, retryAfterMs: Math.max(0, gate.endsAtMs - clock.wallMs()) };
    }
    const over = Math.max(state.value, now) + microseconds(gate, cost) - now - gate.capacityUs;
    if (over <= 0 && gate.limit > 0) return undefined;
    const retryAfterMs = gate.limit > 0 ? over / 1000 : gate.periodUs / 1000;
    return { isTaken: false, gate, cost, used: standingOf(gate, state.value - now).used, retryAfterMs };
  }

  return {
    take(claims) {
      const now = nowUs();
      for (let index = 0; index < claims.length; index++) {
        const claim = claims[index]!;
        const state = stateOf(claim.gate);
        found[index] = state;
        const refused = refusal(claim, state, now);
        if (refused !== undefined) return refused;
      }
      const marks = new Array<number>(claims.length * 2);
      for (let index = 0; index < claims.length; index++) {
        const { gate, cost } = claims[index]!;
        const state = found[index]!;
        if (gate.kind === 'slots') state.value += cost;
        else if (gate.kind === 'sum') state.other += cost;
        else state.value = Math.max(state.value, now) + microseconds(gate, cost);
        marks[index * 2] = state.value;
        marks[index * 2 + 1] = state.other;
      }
      return { isTaken: true, claims, atUs: now, marks };
    },
    settle({ claims, marks }, costs) {
      const now = nowUs();
      for (let index = 0; index < claims.length; index++) {
        const { gate, cost: held } = claims[index]!;
        const used = costs[index]!;
        const state = stateOf(gate);
        if (gate.kind === 'slots') state.value = Math.max(0, state.value - held);
        else if (gate.kind === 'sum') {
          state.other = Math.max(0, state.other - held);
          state.value += used;
        } else {
          const change = difference(gate, held, used);
          if (change > 0) charge(gate, state, change, now);
          else if (change < 0) giveBack(state, -change, marks[index * 2]! - now, marks[index * 2 + 1]!);
        }
      }
    },
    level(gate) {
      const state = states.get(gate.id);
      if (state === undefined) return 0;
      if (gate.kind === 'slots') return state.value;
      return gate.kind === 'sum' ? state.value + state.other : Math.max(0, state.value - nowUs());
    },
    peek(gate) {
      return standingOf(gate, this.level(gate), clock.wallMs());
    },
    raise(gate, level) {
      const state = stateOf(gate);
      const value = gate.kind === 'rate' || gate.kind === 'tokens' ? nowUs() + level : level;
      if (value > state.value) state.value = value;
    },
    restore(gate, spent) {
      const state = stateOf(gate);
      if (spent > state.value) state.value = spent;
    },
  };
}

/** Books more than was reserved. The debt ends at one period, so that nobody is shut out for longer than that. */
function charge(gate: BucketGate, state: State, more: number, now: number): void {
  const deepest = now + gate.capacityUs + gate.periodUs;
  const value = Math.max(state.value, now) + more;
  state.value = Math.max(state.value, Math.min(value, deepest));
}

/**
 * Gives back what has not flowed off yet. Seen as a queue, what was taken leaves the bucket at its mark; whatever was given back since
 * moved that moment forward. What has left already is no longer there to be given back: otherwise a full bucket would overflow into a second burst.
 */
function giveBack(state: State, less: number, untilMark: number, refundsBefore: number): void {
  const since = state.other - refundsBefore;
  // The bucket was full in between, and forgotten.
  if (since < 0) return;
  const back = Math.min(less, untilMark - since);
  if (back <= 0) return;
  state.value -= back;
  state.other += back;
}
