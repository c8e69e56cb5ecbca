import type { Clock, Timer } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { type Concurrency, type ConcurrencyLimit, createConcurrencyLimit } from './concurrency-limit.ts';
import type { Errand, Slot } from './errand.ts';
import { createFairQueue, type FairQueue, IMPORTANCES } from './fair-queue.ts';
import { createStandingQueue, type StandingQueue } from './standing-queue.ts';
import type { Waiter } from './tenant-line.ts';

export type { Errand, Slot };

export interface WaitingRoomSettings {
  /** Calls that wait, in all queues together. */
  mostWaiting: number;
  /** Of one tenant, in one group. */
  mostPerTenant: number;
  longestWaitMs: number;
}

/** In front of targets that take only so many calls at once. Furniture. */
export interface WaitingRoom {
  /** Whether a target takes only so many calls: all others need not come here at all. */
  isLimited(target: string): boolean;
  /** Whether a call would be let in at once. */
  hasRoom(target: string): boolean;
  /**
   * A place at the first of the targets that has one, at once; else when it is the call's turn. Throws, or rejects with, `overloaded` (503, with a time to come back)
   * where the queue is full, the wait too long, a more important call needs the room, or the client has left.
   */
  enter(errand: Errand): Slot | Promise<Slot>;
  /** Sets or lifts (undefined) the limit of a target; what is under way stays. */
  limit(target: string, concurrency: Concurrency | undefined): void;
  configure(settings: WaitingRoomSettings): void;
  view(): RoomView;
}

export interface RoomView {
  waiting: number;
  groups: { group: string; waiting: number; oldestMs: number }[];
  targets: { target: string; underWay: number; limit: number }[];
}

export const DEFAULT_ROOM: WaitingRoomSettings = { mostWaiting: 10_000, mostPerTenant: 150, longestWaitMs: 30_000 };

interface Gate {
  readonly target: string;
  concurrency: Concurrency | undefined;
  limit: ConcurrencyLimit;
  underWay: number;
  /** Groups of which somebody waits for this target; the one served last is last. */
  waiting: Set<Group>;
}

interface Group {
  readonly name: string;
  targets: readonly string[];
  queue: FairQueue;
  standing: StandingQueue;
  since: number;
  admitted: number;
}

const NOTHING = () => {};
/** How often waits are looked at that are over. */
const SWEEP_MS = 100;
const LONGEST_RETRY_AFTER_SECONDS = 60;
const UNKNOWN_RETRY_AFTER_SECONDS = 5;

export function createWaitingRoom({
  clock,
  settings = DEFAULT_ROOM,
}: {
  clock: Clock;
  settings?: WaitingRoomSettings;
}): WaitingRoom {
  let current = settings;
  const gates = new Map<string, Gate>();
  const groups = new Map<string, Group>();
  let waiting = 0;
  let sweeper: Timer | undefined;

  const hasRoom = (gate: Gate): boolean => gate.concurrency === undefined || gate.underWay < gate.limit.value;

  const takeSlot = (
    gate: Gate,
    { group, tenant, waitedMs }: { group: string; tenant: string; waitedMs: number },
  ): Slot => {
    let isTaken = true;
    gate.underWay += 1;
    return {
      target: gate.target,
      waitedMs,
      began(firstTokenMs) {
        if (isTaken && gate.limit.noteFirstToken(firstTokenMs, gate.underWay, clock.now())) admitAt(gate);
      },
      leave(ending = {}) {
        if (!isTaken) return;
        isTaken = false;
        gate.underWay -= 1;
        if (ending.wasOverloaded) gate.limit.noteOverload(clock.now());
        if (ending.outputTokens !== undefined) groups.get(group)?.queue.chargeOutput(tenant, ending.outputTokens);
        if (gate.waiting.size > 0) admitAt(gate);
        else if (gate.concurrency === undefined && gate.underWay === 0 && gates.get(gate.target) === gate)
          gates.delete(gate.target);
      },
    };
  };

  /** Lets in those whose turn it is, group by group. */
  const admitAt = (gate: Gate) => {
    while (hasRoom(gate)) {
      const group = gate.waiting.values().next().value;
      if (group === undefined) return;
      gate.waiting.delete(group);
      gate.waiting.add(group);
      const waiter = group.queue.take();
      if (waiter === undefined) return;
      group.admitted += 1;
      const slot = takeSlot(gate, { group: group.name, tenant: waiter.tenant, waitedMs: clock.now() - waiter.since });
      settle(group, waiter);
      waiter.admit(slot);
    }
  };

  /** The waiter is out of the queue, whatever became of it. */
  const settle = (group: Group, waiter: Waiter) => {
    waiting -= 1;
    waiter.stay();
    if (group.queue.size > 0) return;
    groups.delete(group.name);
    for (const target of group.targets) gates.get(target)?.waiting.delete(group);
    if (waiting > 0) return;
    sweeper?.cancel();
    sweeper = undefined;
  };

  const refuse = (group: Group, waiter: Waiter, why: string) => {
    const error = overloaded(why, group);
    group.queue.remove(waiter);
    settle(group, waiter);
    waiter.refuse(error);
  };

  const overloaded = (why: string, group: Group | undefined): GatewayError => {
    const seconds = group === undefined ? UNKNOWN_RETRY_AFTER_SECONDS : secondsUntilTurn(group, clock.now());
    return new GatewayError('overloaded', `${why} Try again in ${seconds} s.`, { retryAfterSeconds: seconds });
  };

  const makeRoom = ({ group: name, tenant, importance }: Errand) => {
    const group = groups.get(name);
    if ((group?.queue.sizeOf(tenant) ?? 0) >= current.mostPerTenant)
      throw overloaded(`${current.mostPerTenant} calls of yours already wait for ${name}.`, group);
    if (waiting < current.mostWaiting) return;
    const less = group?.queue.findLess(importance);
    if (group === undefined || less === undefined)
      throw overloaded(`${name} takes no more calls at once, and the queue is full.`, group);
    refuse(group, less, `The place in the queue for ${name} was needed for a more important call.`);
  };

  /** The group's queue, known to all of its targets. */
  const joinGroup = ({ group: name, targets }: Errand): Group => {
    let group = groups.get(name);
    if (group === undefined) {
      group = {
        name,
        targets,
        queue: createFairQueue(),
        standing: createStandingQueue(),
        since: clock.now(),
        admitted: 0,
      };
      groups.set(name, group);
    } else {
      if (areEqual(group.targets, targets)) return group;
      for (const target of group.targets) gates.get(target)?.waiting.delete(group);
      group.targets = targets;
    }
    for (const target of targets) gates.get(target)?.waiting.add(group);
    return group;
  };

  const wait = (errand: Errand): Promise<Slot> => {
    const now = clock.now();
    const until = Math.min(errand.deadlineAt ?? Number.POSITIVE_INFINITY, now + current.longestWaitMs);
    if (until <= now) throw overloaded(`${errand.group} is busy, and the call has no time left to wait.`, undefined);
    makeRoom(errand);
    const group = joinGroup(errand);
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const waiter: Waiter = {
      tenant: errand.tenant,
      importance: errand.importance,
      weightTokens: errand.weightTokens,
      since: now,
      until,
      admit: resolve,
      refuse: reject,
      stay: NOTHING,
      line: undefined,
      before: undefined,
      after: undefined,
    };
    group.queue.add(waiter);
    waiting += 1;
    sweeper ??= clock.setTimeout(sweep, SWEEP_MS);
    if (errand.onGone !== undefined) hearOfLeaving(group, waiter, errand.onGone);
    return promise;
  };

  /** Apart from `wait`, so that what lives as long as the wait holds these three and not the whole errand. */
  const hearOfLeaving = (group: Group, waiter: Waiter, onGone: NonNullable<Errand['onGone']>) => {
    const stay = onGone(() => {
      if (waiter.line !== undefined) refuse(group, waiter, 'The client left while its call waited.');
    });
    // A client that had left already is gone from the queue by now.
    if (waiter.line === undefined) stay();
    else waiter.stay = stay;
  };

  /** Sends away those whose time is over, and those of the lowest class for whom a queue stands. */
  const sweep = () => {
    const now = clock.now();
    for (const group of [...groups.values()]) {
      for (const waiter of group.queue.all())
        if (waiter.until <= now)
          refuse(
            group,
            waiter,
            `It was not the call's turn at ${group.name} within ${tellSeconds(now - waiter.since)}.`,
          );
      for (;;) {
        const oldest = group.queue.oldest('batch');
        if (!group.standing.isTooLong(oldest && now - oldest.since, now) || oldest === undefined) break;
        refuse(group, oldest, `The queue for ${group.name} does not drain, and batch calls are shed first.`);
      }
    }
    sweeper = waiting > 0 ? clock.setTimeout(sweep, SWEEP_MS) : undefined;
  };

  return {
    isLimited: (target) => gates.get(target)?.concurrency !== undefined,
    hasRoom(target) {
      const gate = gates.get(target);
      return gate === undefined || hasRoom(gate);
    },
    enter(errand) {
      const isAhead = groups.size > 0 && groups.has(errand.group);
      for (const target of isAhead ? [] : errand.targets) {
        const gate = gates.get(target);
        if (gate === undefined) return freeSlot(target);
        if (hasRoom(gate)) return takeSlot(gate, { group: errand.group, tenant: errand.tenant, waitedMs: 0 });
      }
      const free = isAhead ? errand.targets.find((target) => !gates.has(target)) : undefined;
      if (free !== undefined) return freeSlot(free);
      const slot = wait(errand);
      // Targets that this group did not wait for before may have room for those who wait already.
      if (isAhead) for (const target of errand.targets) admitAt(gates.get(target)!);
      return slot;
    },
    limit(target, concurrency) {
      const known = gates.get(target);
      if (known === undefined) {
        if (concurrency === undefined) return;
        const limit = createConcurrencyLimit(concurrency);
        gates.set(target, { target, concurrency, limit, underWay: 0, waiting: new Set() });
        return;
      }
      if (!isSame(known.concurrency, concurrency) && concurrency !== undefined)
        known.limit = createConcurrencyLimit(concurrency);
      known.concurrency = concurrency;
      admitAt(known);
      if (concurrency === undefined && known.underWay === 0) gates.delete(target);
    },
    configure(next) {
      current = next;
    },
    view() {
      const now = clock.now();
      return {
        waiting,
        groups: [...groups.values()].map(({ name, queue }) => ({
          group: name,
          waiting: queue.size,
          oldestMs: Math.max(...IMPORTANCES.map((one) => now - (queue.oldest(one)?.since ?? now))),
        })),
        targets: [...gates.values()].map(({ target, underWay, limit }) => ({ target, underWay, limit: limit.value })),
      };
    },
  };
}

/** Seconds until a call that comes now would have its turn, by how fast the queue has gone since it stands. */
function secondsUntilTurn({ queue, admitted, since }: Group, now: number): number {
  if (admitted === 0) return UNKNOWN_RETRY_AFTER_SECONDS;
  const perSecond = (1_000 * admitted) / Math.max(1, now - since);
  return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(queue.size / perSecond)));
}

function freeSlot(target: string): Slot {
  return { target, waitedMs: 0, began: NOTHING, leave: NOTHING };
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some === others || (some.length === others.length && some.every((one, at) => one === others[at]));
}

function isSame(one: Concurrency | undefined, other: Concurrency | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function tellSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
