import type { Clock } from '../../core/clock.ts';
import {
  type BucketGate,
  type Claim,
  difference,
  type Gate,
  type Gates,
  microseconds,
  type Outcome,
  type Refused,
  standingOf,
  type Taken,
} from '../../core/limits.ts';
import { createBlindGates, type LocalGates } from './blind-gates.ts';
import { createBookings, keysOf } from './bookings.ts';
import type { Redis } from './create-redis.ts';
import { EPOCH, LEAVE, PEEK, PREFIX, RENEW, TAKE } from './gate-scripts.ts';
import { createHoldings } from './holdings.ts';
import { createLeases, isLeased, type Lease } from './leases.ts';

/** Gates that several nodes share by way of one Redis. */
export interface RedisGates extends Gates {
  /** Nodes that live, as far as this one knows. */
  readonly nodes: number;
  /** Writes down what is left to be written, and takes this node off the list. */
  close(): Promise<void>;
}

export interface RedisGatesOptions {
  redis: Redis;
  /** Holds while Redis is away. */
  local: LocalGates;
  clock: Clock;
  /** The name of this process among the nodes; no other may ever have had it. */
  node: string;
  /** Slots and holds of a node that has vanished are free after this. */
  ttlMs?: number;
  renewEveryMs?: number;
}

/** What it takes to settle: where each claim was taken. */
interface RedisTaken extends Taken {
  readonly holder: string;
  /** For each claim of a bucket in Redis: when it flows off there, and the refunds up to then. */
  readonly refunds: readonly number[];
  /** What was taken while Redis was away: in its claims the places of `places`. */
  readonly local?: Taken;
  readonly places?: readonly number[];
}

const NODES = `${PREFIX}nodes`;
const TTL_MS = 30_000;
const RENEW_MS = 10_000;
/** After so long all nodes have found Redis again. */
const SETTLED_MS = 3_000;
/** What is said while nobody can be asked. */
const BLIND_RETRY_MS = 1_000;
const SLOT_RETRY_MS = 1_000;

export function createRedisGates(options: RedisGatesOptions): RedisGates {
  const { redis, local, clock, node, ttlMs = TTL_MS, renewEveryMs = RENEW_MS } = options;
  const bookings = createBookings({ redis, node });
  const holdings = createHoldings();
  const leases = createLeases({ clock, giveBack: (booking) => redis.isUp && bookings.add(booking) });
  let nodes = 1;
  const blind = createBlindGates({ local, clock, nodes: () => nodes });
  let count = 0;
  /** What Redis was called when it was last seen. */
  let epoch: string | undefined;
  let settledAt = 0;
  let isClosed = false;
  let wasAway = false;

  async function renew(): Promise<void> {
    for (const { keys, words } of holdings.written()) {
      const answer = await redis.run(RENEW, [NODES, EPOCH, ...keys], [node, String(ttlMs), ...words]);
      const [living, named] = answer as [number, string];
      // The list may have been lost and be written anew just now: too short.
      nodes = clock.now() < settledAt ? Math.max(nodes, living) : Math.max(1, living);
      epoch = named;
    }
  }

  function renewIn(milliseconds: number, then: () => void = () => {}): void {
    clock.setTimeout(() => {
      if (isClosed) return;
      if (redis.isUp) renew().catch(() => {});
      then();
    }, milliseconds);
  }

  function renewAgainAndAgain(): void {
    renewIn(renewEveryMs, renewAgainAndAgain);
  }

  const forgetUp = redis.onUp(() => {
    wasAway = false;
    // Before what was spent meanwhile: it comes on top.
    for (const booking of blind.wakeUp(epoch)) bookings.add(booking, true);
    settledAt = clock.now() + SETTLED_MS;
    renew().catch(() => {});
    // By then the others have said that they live.
    renewIn(SETTLED_MS);
  });
  renewAgainAndAgain();

  /** From leases alone, without asking; undefined where one of them does not reach. */
  function takeLeased(claims: readonly Claim[]): RedisTaken | undefined {
    for (const { gate, cost } of claims) {
      if (!isLeased(gate)) return undefined;
      const lease = leases.of(gate);
      if (lease === undefined || lease.balance < microseconds(gate, cost)) return undefined;
    }
    const marks: number[] = [];
    const refunds: number[] = [];
    for (const { gate, cost } of claims) {
      const lease = leases.of(gate)!;
      lease.balance -= microseconds(gate as BucketGate, cost);
      marks.push(levelNow(lease, clock.now()), 0);
      refunds.push(lease.mark, lease.refunds);
    }
    return { isTaken: true, claims, atUs: 0, marks, holder: '', refunds };
  }

  function deniedAlready(claims: readonly Claim[]): Refused | undefined {
    for (const { gate, cost } of claims) {
      const retryAfterMs = leases.deniedForMs(gate, cost);
      if (retryAfterMs > 0) return { isTaken: false, gate, cost, used: gate.limit, retryAfterMs };
    }
    return undefined;
  }

  async function takeShared(claims: readonly Claim[]): Promise<Outcome> {
    const holder = `${node}:${(count++).toString(36)}`;
    const keys: string[] = [];
    const words = [holder, String(ttlMs)];
    // A call that must ask anyway has no use for a lease.
    const mayLease = claims.every(({ gate }) => isLeased(gate));
    const extras = claims.map(({ gate, cost }) => {
      keys.push(...keysOf(gate));
      if (gate.kind === 'slots') words.push('s', String(gate.limit), '0', '0');
      else if (gate.kind === 'sum') words.push('m', String(gate.limit), String(cost), String(gate.endsAtMs));
      else {
        const extra = mayLease ? leases.begin(gate, cost, nodes) : 0;
        words.push('b', String(gate.capacityUs), String(microseconds(gate, cost)), String(extra));
        return extra;
      }
      return 0;
    });
    const endFetching = () => {
      for (const [index, { gate }] of claims.entries())
        if (extras[index]! > 0) leases.end(gate as BucketGate, undefined);
    };
    try {
      const answer = (await redis.run(TAKE, keys, words)) as string[];
      if (answer[0] === '1') return noteTaken(claims, holder, answer, extras);
      endFetching();
      return noteRefused(claims, answer);
    } catch {
      endFetching();
      // Perhaps it was taken all the same: then it is given back. What a bucket has lost flows back by itself.
      for (const { gate } of claims) release(gate, holder, 0);
      return takeBlindly(claims);
    }
  }

  function noteTaken(claims: readonly Claim[], holder: string, answer: string[], extras: number[]): RedisTaken {
    const now = Number(answer[answer.length - 1]);
    const marks: number[] = [];
    const refunds: number[] = [];
    for (const [index, { gate, cost }] of claims.entries()) {
      const [first, second, extra] = [0, 1, 2].map((part) => Number(answer[1 + index * 3 + part])) as [
        number,
        number,
        number,
      ];
      if (gate.kind === 'slots' || gate.kind === 'sum') {
        holdings.add({ gate, holder, amount: cost });
        marks.push(first, second);
        refunds.push(0, 0);
        if (gate.kind === 'sum') blind.note(gate, first + second, first);
        continue;
      }
      if (extras[index]! > 0) leases.end(gate, { balance: extra, mark: now + first, refunds: second, level: first });
      blind.note(gate, first);
      marks.push(first - extra, second);
      refunds.push(now + first, second);
    }
    return { isTaken: true, claims, atUs: 0, marks, holder, refunds };
  }

  function noteRefused(claims: readonly Claim[], [, index, level, over, spent]: string[]): Refused {
    const { gate, cost } = claims[Number(index)]!;
    if (gate.kind === 'slots') return { isTaken: false, gate, cost, used: Number(level), retryAfterMs: SLOT_RETRY_MS };
    blind.note(gate, Number(level), Number(spent));
    if (gate.kind === 'sum')
      return {
        isTaken: false,
        gate,
        cost,
        used: Number(level),
        retryAfterMs: Math.max(0, gate.endsAtMs - clock.wallMs()),
      };
    const retryAfterMs = gate.limit > 0 ? Number(over) / 1000 : gate.periodUs / 1000;
    leases.deny(gate, cost, retryAfterMs);
    return { isTaken: false, gate, cost, used: standingOf(gate, Number(level)).used, retryAfterMs };
  }

  /** By the rule of each gate, while Redis is away. */
  function takeBlindly(claims: readonly Claim[]): Outcome {
    if (!wasAway) leases.clear();
    wasAway = true;
    const places: number[] = [];
    for (const [index, { gate, cost }] of claims.entries()) {
      if (gate.onFailure === 'fail_closed')
        return { isTaken: false, gate, cost, used: 0, retryAfterMs: BLIND_RETRY_MS, isBlind: true };
      if (gate.onFailure === 'fail_open') continue;
      if (gate.kind !== 'slots') places.push(index);
      else if (holdings.slotsOf(gate) >= shareOfSlots(gate.limit))
        return { isTaken: false, gate, cost, used: holdings.slotsOf(gate), retryAfterMs: SLOT_RETRY_MS };
    }
    const taken = blind.take(places.map((place) => claims[place]!));
    if (!taken.isTaken) return taken;
    const holder = `${node}:${(count++).toString(36)}`;
    const marks = claims.flatMap(({ gate, cost }, index) => {
      if (gate.kind === 'slots') {
        holdings.add({ gate, holder, amount: cost });
        return [holdings.slotsOf(gate), 0];
      }
      const place = places.indexOf(index);
      if (place === -1) return [0, 0];
      const [first, second] = [taken.marks[place * 2]!, taken.marks[place * 2 + 1]!];
      return gate.kind === 'sum' ? [first, second] : [first - taken.atUs, 0];
    });
    return { isTaken: true, claims, atUs: 0, marks, holder, refunds: [], local: taken, places } as RedisTaken;
  }

  const shareOfSlots = (limit: number) => (limit === 0 ? 0 : Math.max(1, Math.floor(limit / nodes)));

  function release(gate: Gate, holder: string, spent: number): void {
    if (gate.kind === 'slots') {
      holdings.remove(gate, holder);
      bookings.add({ kind: 's', gate, holder });
    } else if (gate.kind === 'sum') {
      holdings.remove(gate, holder);
      bookings.add({ kind: 'm', gate, holder, spent });
    }
  }

  /** Books what a bucket's call used more or less than it had reserved. */
  function settleBucket(gate: BucketGate, change: number, mark: number, refunds: number): void {
    if (redis.isUp) bookings.add({ kind: 'b', gate, change, mark, refunds });
    else if (change > 0) blind.charge(gate, change);
  }

  return {
    get nodes() {
      return nodes;
    },
    take(claims) {
      if (claims.length === 0)
        return { isTaken: true, claims, atUs: 0, marks: [], holder: '', refunds: [] } as RedisTaken;
      const closed = claims.find(({ gate }) => gate.limit === 0 && gate.kind !== 'sum');
      if (closed !== undefined) return refuseClosed(closed);
      if (!redis.isUp) return takeBlindly(claims);
      return takeLeased(claims) ?? deniedAlready(claims) ?? takeShared(claims);
    },
    settle(taken, costs) {
      const { claims, holder, refunds, local: mine, places } = taken as RedisTaken;
      if (mine !== undefined)
        blind.settle(
          mine,
          places!.map((place) => costs[place]!),
        );
      for (const [index, { gate, cost }] of claims.entries()) {
        const used = costs[index]!;
        if (gate.kind === 'slots' || gate.kind === 'sum') release(gate, holder, used);
        else if (mine === undefined) {
          const change = difference(gate, cost, used);
          if (change !== 0) settleBucket(gate, change, refunds[index * 2]!, refunds[index * 2 + 1]!);
        }
      }
    },
    peek(gate) {
      if (!redis.isUp)
        return standingOf(gate, gate.kind === 'slots' ? holdings.slotsOf(gate) : blind.level(gate), clock.wallMs());
      const kind = gate.kind === 'slots' ? 's' : gate.kind === 'sum' ? 'm' : 'b';
      return redis.run(PEEK, keysOf(gate), [kind]).then((level) => standingOf(gate, Number(level), clock.wallMs()));
    },
    restore(gate, spent) {
      bookings.add({ kind: 'r', gate, spent });
      blind.noteSpent(gate, spent);
    },
    async close() {
      isClosed = true;
      forgetUp();
      await bookings.flush();
      await redis.run(LEAVE, [NODES], [node]).catch(() => {});
    },
  };
}

/** A limit of nothing needs nobody to be asked. */
function refuseClosed({ gate, cost }: Claim): Refused {
  const retryAfterMs = gate.kind === 'rate' || gate.kind === 'tokens' ? gate.periodUs / 1000 : SLOT_RETRY_MS;
  return { isTaken: false, gate, cost, used: 0, retryAfterMs };
}

/** How full the bucket is by now, without what of the lease is still unused. */
function levelNow({ level, balance, takenAtMs }: Lease, nowMs: number): number {
  return Math.max(0, level - (nowMs - takenAtMs) * 1000 - balance);
}
