import type { Clock } from '../../core/clock.ts';
import type { BucketGate, Claim, Gate, Gates, Outcome, SumGate, Taken } from '../../core/limits.ts';
import type { Booking } from './bookings.ts';

/** Gates of this process alone, which hold while Redis is away. */
export interface LocalGates extends Gates {
  take(claims: readonly Claim[]): Outcome;
  /** What is in use: microseconds until a bucket is full again, money spent and held. */
  level(gate: Gate): number;
  /** Puts a gate to at least this level. */
  raise(gate: Gate, level: number): void;
}

/** Buckets and sums while Redis is away: each node keeps to its share, from where the gate last stood. Slots are counted elsewhere. */
export interface BlindGates {
  /** Takes note of how a gate stood in Redis: microseconds of a bucket; all and spent of a sum. */
  note(gate: Gate, level: number, spent?: number): void;
  /** That at least so much of a sum is spent. */
  noteSpent(gate: SumGate, spent: number): void;
  /** How a bucket or a sum should stand by now. */
  level(gate: Gate): number;
  take(claims: readonly Claim[]): Outcome;
  settle(taken: Taken, costs: readonly number[]): void;
  /** Books more on a bucket, for a call that began when Redis was there. */
  charge(gate: BucketGate, more: number): void;
  /** Redis is there again: what it must be told of the time without it, the first thing last. `epoch`: what it was called before; another one has forgotten how gates stood. */
  wakeUp(epoch: string | undefined): Booking[];
}

interface Note {
  gate: Gate;
  level: number;
  spent: number;
  atMs: number;
}

/** The share of a gate that this node keeps to, and how full the gate already was. */
interface Share {
  gate: BucketGate;
  local: BucketGate;
  seed: number;
  seededAtMs: number;
}

const MOST_NOTES = 20_000;

export function createBlindGates({
  local,
  clock,
  nodes,
}: {
  local: LocalGates;
  clock: Pick<Clock, 'now'>;
  /** Nodes that lived when Redis was last asked. */
  nodes: () => number;
}): BlindGates {
  const notes = new Map<string, Note>();
  /** Counts the times without Redis, each of which begins anew. */
  let outage = 0;
  const shares = new Map<string, Share>();
  const sums = new Map<string, SumGate>();

  /** How full a bucket should be by now. */
  function levelOf(gate: Gate): number {
    const known = notes.get(gate.id);
    return known === undefined ? 0 : Math.max(0, known.level - Math.floor((clock.now() - known.atMs) * 1000));
  }

  function shareOf(gate: BucketGate): BucketGate {
    const known = shares.get(gate.id);
    if (known !== undefined) return known.local;
    const limit = gate.limit === 0 ? 0 : Math.max(1, Math.floor(gate.limit / nodes()));
    const unit = gate.kind === 'rate' && limit > 0 ? Math.ceil(gate.periodUs / limit) : 0;
    const mine: BucketGate = {
      ...gate,
      ...{ id: `${gate.id}@${outage}`, limit, capacityUs: Math.max(gate.capacityUs, unit) },
    };
    const seed = levelOf(gate);
    if (seed > 0) local.raise(mine, seed);
    shares.set(gate.id, { gate, local: mine, seed, seededAtMs: clock.now() });
    return mine;
  }

  function sumOf(gate: SumGate): SumGate {
    const known = sums.get(gate.id);
    if (known !== undefined) return known;
    const used = Math.min(gate.limit, notes.get(gate.id)?.level ?? 0);
    const mine = { ...gate, id: `${gate.id}@${outage}`, limit: used + Math.floor((gate.limit - used) / nodes()) };
    local.restore(mine, used);
    sums.set(gate.id, mine);
    return mine;
  }

  const localOf = (gate: Gate) => (gate.kind === 'sum' ? sumOf(gate) : shareOf(gate as BucketGate));

  return {
    note(gate, level, spent = 0) {
      if (notes.size >= MOST_NOTES) notes.delete(notes.keys().next().value!);
      notes.set(gate.id, { gate, level, spent, atMs: clock.now() });
    },
    noteSpent(gate, spent) {
      const known = notes.get(gate.id);
      if (known === undefined || known.spent < spent) this.note(gate, Math.max(spent, known?.level ?? 0), spent);
      const mine = sums.get(gate.id);
      if (mine !== undefined) local.restore(mine, spent);
    },
    level(gate) {
      const mine = shares.get(gate.id)?.local ?? sums.get(gate.id);
      if (mine !== undefined) return local.level(mine);
      return gate.kind === 'sum' ? (notes.get(gate.id)?.level ?? 0) : levelOf(gate);
    },
    take: (claims) => {
      const outcome = local.take(claims.map(({ gate, cost }) => ({ gate: localOf(gate), cost })));
      if (outcome.isTaken) return outcome;
      const asked = claims.find(({ gate }) => localOf(gate).id === outcome.gate.id)!;
      return { ...outcome, gate: { ...asked.gate, limit: outcome.gate.limit } };
    },
    settle: (taken, costs) => local.settle(taken, costs),
    charge(gate, more) {
      const mine = shareOf(gate);
      local.raise(mine, Math.min(local.level(mine) + more, mine.capacityUs + mine.periodUs));
    },
    wakeUp(epoch) {
      const bookings: Booking[] = [];
      const reminders = epoch === undefined ? [] : remindersOf(notes.values(), epoch);
      for (const { gate, local: mine, seed, seededAtMs } of shares.values()) {
        const before = Math.max(0, seed - Math.floor((clock.now() - seededAtMs) * 1000));
        const added = Math.ceil(((local.level(mine) - before) * mine.limit) / Math.max(1, gate.limit));
        if (added <= 0) continue;
        bookings.push({ kind: 'b', gate, change: added, mark: 0, refunds: 0 });
        // Should Redis be gone again before it has told how the gate stands.
        this.note(gate, before + added);
      }
      for (const [id, mine] of sums) {
        const known = notes.get(id);
        this.note({ ...mine, id }, local.level(mine), known?.spent);
      }
      // A Redis that has lost its data must not forget what was spent.
      for (const { gate, spent } of notes.values())
        if (gate.kind === 'sum' && spent > 0) bookings.push({ kind: 'r', gate, spent });
      shares.clear();
      sums.clear();
      outage += 1;
      return [...bookings, ...reminders];
    },
  };

  /** How full the buckets were, where something of it is left. */
  function remindersOf(known: Iterable<Note>, epoch: string): Booking[] {
    const reminders: Booking[] = [];
    for (const { gate } of known) {
      if (gate.kind !== 'rate' && gate.kind !== 'tokens') continue;
      const level = levelOf(gate);
      if (level > 0) reminders.push({ kind: 'a', gate: gate as BucketGate & { kind: 'rate' }, level, epoch });
    }
    return reminders;
  }
}
