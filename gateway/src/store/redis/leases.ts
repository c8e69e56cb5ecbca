import type { Clock } from '../../core/clock.ts';
import { type BucketGate, type Gate, microseconds } from '../../core/limits.ts';
import type { Booking } from './bookings.ts';

/** What this node has taken out of a large limit ahead of its calls, so that most of them need not ask Redis. */
export interface Lease {
  /** Not used yet, in microseconds of the bucket. */
  balance: number;
  /** When it all flows off in Redis, on its clock, and the refunds up to then: needed to give any of it back. */
  mark: number;
  refunds: number;
  /** How full the bucket was when the lease was taken, and when that was. */
  level: number;
  takenAtMs: number;
  endsAtMs: number;
}

export interface Leases {
  /** The living lease of a gate. */
  of(gate: Gate): Lease | undefined;
  /** What to take beyond `cost`; 0 where another call is fetching a lease already, or the limit is too small for one. `begin` must be followed by `end`. */
  begin(gate: BucketGate, cost: number, nodes: number): number;
  end(gate: BucketGate, granted: Omit<Lease, 'endsAtMs' | 'takenAtMs'> | undefined): void;
  /** Remembers a refusal for a moment, so that a flood is not asked about call by call. */
  deny(gate: BucketGate, cost: number, retryAfterMs: number): void;
  /** The wait, if the gate has refused as much or less just now. */
  deniedForMs(gate: Gate, cost: number): number;
  /** Forgets what was taken ahead: Redis was away, and who knows. */
  clear(): void;
}

/** Smaller limits (a minute) are asked about call by call: exact, and few. */
const LEASED_FROM = 1_000;
/** One percent of a minute's limit, as time. */
const LARGEST_US = 600_000;
const LIFE_MS = 1_000;
/** Half a lease is there again after 300 ms. */
const LONGEST_DENIAL_MS = 250;

export function isLeased(gate: Gate): gate is BucketGate {
  return (gate.kind === 'rate' || gate.kind === 'tokens') && (gate.limit * 60e6) / gate.periodUs >= LEASED_FROM;
}

/** Leases live for a second; what is left of one then goes back. */
export function createLeases({ clock, giveBack }: { clock: Clock; giveBack(booking: Booking): void }): Leases {
  const leases = new Map<string, { gate: BucketGate; lease: Lease }>();
  const fetching = new Set<string>();
  const denied = new Map<string, { cost: number; untilMs: number; retryAtMs: number }>();
  let isSweeping = false;

  function sweep(): void {
    const now = clock.now();
    for (const [id, { gate, lease }] of leases) if (lease.endsAtMs <= now) drop(id, gate, lease);
    for (const [id, { untilMs }] of denied) if (untilMs <= now) denied.delete(id);
    isSweeping = false;
    if (leases.size + denied.size > 0) sweepLater();
  }

  function sweepLater(): void {
    if (isSweeping) return;
    isSweeping = true;
    clock.setTimeout(sweep, LIFE_MS);
  }

  function drop(id: string, gate: BucketGate, { balance, mark, refunds }: Lease): void {
    leases.delete(id);
    if (balance > 0) giveBack({ kind: 'b', gate, change: -balance, mark, refunds });
  }

  return {
    of(gate) {
      const known = leases.get(gate.id);
      if (known === undefined) return undefined;
      if (known.lease.endsAtMs > clock.now()) return known.lease;
      drop(gate.id, known.gate, known.lease);
      return undefined;
    },
    begin(gate, cost, nodes) {
      if (!isLeased(gate) || fetching.has(gate.id)) return 0;
      const whole = Math.min(LARGEST_US, 15e6 / nodes);
      const extra = Math.floor(whole - microseconds(gate, cost));
      if (extra <= 0) return 0;
      fetching.add(gate.id);
      return extra;
    },
    end(gate, granted) {
      fetching.delete(gate.id);
      if (granted === undefined || granted.balance <= 0) return;
      const before = leases.get(gate.id);
      if (before !== undefined) drop(gate.id, before.gate, before.lease);
      const now = clock.now();
      leases.set(gate.id, { gate, lease: { ...granted, takenAtMs: now, endsAtMs: now + LIFE_MS } });
      sweepLater();
    },
    deny(gate, cost, retryAfterMs) {
      if (!isLeased(gate)) return;
      const now = clock.now();
      const untilMs = now + Math.min(retryAfterMs, LONGEST_DENIAL_MS);
      denied.set(gate.id, { cost, untilMs, retryAtMs: now + retryAfterMs });
      sweepLater();
    },
    deniedForMs(gate, cost) {
      const known = denied.get(gate.id);
      if (known === undefined || cost < known.cost) return 0;
      const now = clock.now();
      return now < known.untilMs ? known.retryAtMs - now : 0;
    },
    clear() {
      leases.clear();
      fetching.clear();
      denied.clear();
    },
  };
}
