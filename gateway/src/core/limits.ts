/** How much may be used; an absent number sets no limit, and 0 lets nothing through. */
export interface Limits {
  /** Requests a minute, an hour, a day. */
  readonly rpm?: number | undefined;
  readonly rph?: number | undefined;
  readonly rpd?: number | undefined;
  /** Tokens, input and output together, a minute, an hour, a day. */
  readonly tpm?: number | undefined;
  readonly tph?: number | undefined;
  readonly tpd?: number | undefined;
  /** Tokens a minute of one direction. */
  readonly input_tpm?: number | undefined;
  readonly output_tpm?: number | undefined;
  /** Calls under way at once. */
  readonly concurrency?: number | undefined;
  /** The same for a model, by the name that the client says or by `provider/model`. */
  readonly per_model?: Readonly<Record<string, Limits>> | undefined;
}

/** Limits that belong to somebody, and hold for all of its calls together. */
export interface ScopedLimits {
  readonly scope: LimitScope;
  readonly id: string;
  readonly limits: Limits;
}

export type LimitScope = 'key' | 'user' | 'team' | 'project' | 'organisation';

/** What one limit counts. */
export type Dimension = keyof Omit<Limits, 'per_model'> | 'money';

/** One limit of one owner. Made once and shared: whoever has the same `id` passes the same gate. */
export type Gate = BucketGate | SlotsGate | SumGate;

interface AnyGate {
  readonly id: string;
  readonly dimension: Dimension;
  /** Whose limit it is, for people: `key "app"`, `team "backend"`. */
  readonly owner: string;
  readonly limit: number;
  /** What holds while the place that nodes share cannot be asked. */
  readonly onFailure: OnFailure;
}

/** `fail_local`: each node keeps to its share. `fail_open`: no limit. `fail_closed`: nothing passes. */
export type OnFailure = 'fail_local' | 'fail_open' | 'fail_closed';

/** So much in a period, refilled evenly (GCRA). Tokens may go into debt when they are settled; requests do not. */
export interface BucketGate extends AnyGate {
  readonly kind: 'rate' | 'tokens';
  readonly periodUs: number;
  /** How much a full bucket holds, as the microseconds that it takes to fill it. */
  readonly capacityUs: number;
}

/** So many at once. */
export interface SlotsGate extends AnyGate {
  readonly kind: 'slots';
}

/** So much until a moment, as money in integer pico-dollars: what was spent and what is held for calls under way. */
export interface SumGate extends AnyGate {
  readonly kind: 'sum';
  /** Milliseconds since 1970. A new window is a new gate with another id. */
  readonly endsAtMs: number;
}

/** What is asked of one gate: an integer of requests, tokens, slots or pico-dollars. */
export interface Claim {
  readonly gate: Gate;
  readonly cost: number;
}

/** All claims were granted. To be settled exactly once. */
export interface Taken {
  readonly isTaken: true;
  readonly claims: readonly Claim[];
  /** The engine's own time, in microseconds. */
  readonly atUs: number;
  /**
   * Two numbers for each claim. Buckets: when what was taken will have flowed off again (on the same clock as `atUs`), and all refunds up to
   * then. Slots: those in use. Sums: spent and held.
   */
  readonly marks: readonly number[];
}

/** Nothing was taken, because of one gate. */
export interface Refused {
  readonly isTaken: false;
  readonly gate: Gate;
  readonly cost: number;
  /** What was in use of the gate's limit. */
  readonly used: number;
  readonly retryAfterMs: number;
  /** True: the gate could not be asked, and holds closed then. */
  readonly isBlind?: true;
}

export type Outcome = Taken | Refused;

/** Where gates are kept: in this process, or shared between nodes. No two claims of one `take` may name the same gate. */
export interface Gates {
  /** All or nothing; a promise only where somebody else must be asked. Tokens above a full bucket are taken as a full one; the rest is settled. */
  take(claims: readonly Claim[]): Outcome | Promise<Outcome>;
  /** Replaces what was taken by what was used, claim by claim: gives back, books more, frees slots and holds. */
  settle(taken: Taken, costs: readonly number[]): void;
  /** How the gate stands now; nothing is taken. */
  peek(gate: Gate): Standing | Promise<Standing>;
  /** Says that at least so much of a sum is spent already, as known from the ledger. */
  restore(gate: SumGate, spent: number): void;
}

/** How a gate stands: in requests, tokens, slots or pico-dollars. */
export interface Standing {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Milliseconds until nothing of it is in use, as far as that is known; 0 for slots. */
  readonly resetMs: number;
}

const PERIOD_US = { m: 60e6, h: 3_600e6, d: 86_400e6 } as const;
const PERIOD_OF: Partial<Record<Dimension, keyof typeof PERIOD_US>> = {
  ...{ rpm: 'm', rph: 'h', rpd: 'd', tpm: 'm', tph: 'h', tpd: 'd', input_tpm: 'm', output_tpm: 'm' },
};

/** A gate for one number of `Limits`. `burst` is the share of the limit that may be used at once. */
export function createGate(
  { id, dimension, owner, limit, onFailure }: Pick<AnyGate, keyof AnyGate>,
  burst = 1,
): BucketGate | SlotsGate {
  const period = PERIOD_OF[dimension];
  if (period === undefined) return { kind: 'slots', id, dimension, owner, limit, onFailure };
  const kind = dimension.startsWith('r') ? 'rate' : 'tokens';
  const periodUs = PERIOD_US[period];
  const atOnce = Math.max(1, Math.floor(limit * burst));
  // Requests come one by one, each rounded up to whole microseconds: the bucket must hold as many of those.
  const capacityUs = kind === 'rate' ? atOnce * Math.ceil(periodUs / limit) : Math.ceil((atOnce * periodUs) / limit);
  return { kind, id, dimension, owner, limit, onFailure, periodUs, capacityUs: limit > 0 ? capacityUs : 0 };
}

/** The microseconds in which a bucket refills by `cost`, rounded up so that the limit is never exceeded; for tokens no more than a full bucket. */
export function microseconds(gate: BucketGate, cost: number): number {
  const exact = Math.ceil((cost * gate.periodUs) / gate.limit);
  return gate.kind === 'tokens' && exact > gate.capacityUs ? gate.capacityUs : exact;
}

/** What settling `cost` where `taken` was reserved adds to a bucket (or, negative, gives back), in microseconds. */
export function difference(gate: BucketGate, taken: number, cost: number): number {
  return Math.ceil((cost * gate.periodUs) / gate.limit) - microseconds(gate, taken);
}

/** How a gate stands whose first mark is `level`: microseconds to refill for a bucket, else what is in use. */
export function standingOf(gate: Gate, level: number, nowMs = 0): Standing {
  const { limit } = gate;
  if (gate.kind === 'slots' || gate.kind === 'sum') {
    const resetMs = gate.kind === 'sum' ? Math.max(0, gate.endsAtMs - nowMs) : 0;
    return { limit, used: level, remaining: Math.max(0, limit - level), resetMs };
  }
  const lagUs = Math.max(0, level);
  const unit = gate.kind === 'rate' ? Math.ceil(gate.periodUs / limit) : gate.periodUs / limit;
  const free = gate.capacityUs === 0 ? 0 : Math.floor((gate.capacityUs - lagUs) / unit);
  // What was taken was rounded up to whole microseconds; one of them is no further token.
  const used = lagUs === 0 || limit === 0 ? 0 : Math.ceil((lagUs - 1) / unit);
  return { limit, used, remaining: Math.min(limit, Math.max(0, free)), resetMs: lagUs / 1000 };
}
