import type { Clock, Timer } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { type Concurrency, createConcurrencyLimit } from './concurrency-limit.ts';
import type { Errand, Slot } from './errand.ts';
import { createFairQueue, IMPORTANCES } from './fair-queue.ts';
import { type Gate, hasRoom, nextQueue, type Queue, secondsUntilTurn, UNKNOWN_RETRY_AFTER_SECONDS } from './gate.ts';
import { createStandingQueue } from './standing-queue.ts';
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
   * A place at the first of the targets that has one, at once and without a promise; else at any of them, when it is the call's turn. Throws, or rejects with, `overloaded` (503, with a time to come back)
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
  groups: { group: string; targets: readonly string[]; waiting: number; oldestMs: number }[];
  targets: { target: string; underWay: number; limit: number }[];
}

export const DEFAULT_ROOM: WaitingRoomSettings = { mostWaiting: 10_000, mostPerTenant: 150, longestWaitMs: 30_000 };

const NOTHING = () => {};
/** How often waits are looked at that are over. */
const SWEEP_MS = 100;
export function createWaitingRoom({
  clock,
  settings = DEFAULT_ROOM,
}: {
  clock: Clock;
  settings?: WaitingRoomSettings;
}): WaitingRoom {
  let current = settings;
  const gates = new Map<string, Gate>();
  const queues = new Map<string, Queue>();
  let waiting = 0;
  let sweeper: Timer | undefined;

  const takeSlot = (gate: Gate, tenant: string, waitedMs: number): Slot => {
    let isTaken = true;
    gate.underWay += 1;
    return {
      target: gate.target,
      waitedMs,
      began(firstTokenMs) {
        if (isTaken && gate.limit.noteFirstToken(firstTokenMs, gate.underWay, clock.now())) admitAt(gate);
      },
      leave({ outputTokens, wasOverloaded } = {}) {
        if (!isTaken) return;
        isTaken = false;
        gate.underWay -= 1;
        if (wasOverloaded) gate.limit.noteOverload(clock.now());
        if (outputTokens !== undefined) for (const { fair } of gate.waiting) fair.chargeOutput(tenant, outputTokens);
        if (gate.waiting.size > 0) admitAt(gate);
        else if (gate.concurrency === undefined && gate.underWay === 0 && gates.get(gate.target) === gate)
          gates.delete(gate.target);
      },
    };
  };

  /** Lets in those whose turn it is. Afterwards nobody waits for a target that has room, which is why a newcomer who finds room goes before nobody. */
  const admitAt = (gate: Gate) => {
    while (hasRoom(gate)) {
      const queue = nextQueue(gate);
      if (queue === undefined) return;
      gate.waiting.delete(queue);
      gate.waiting.add(queue);
      gate.admitted += 1;
      const waiter = queue.fair.take()!;
      queue.admitted += 1;
      const slot = takeSlot(gate, waiter.tenant, clock.now() - waiter.since);
      settle(queue, waiter);
      waiter.admit(slot);
    }
  };

  /** The waiter is out of the queue, whatever became of it. */
  const settle = (queue: Queue, waiter: Waiter) => {
    waiting -= 1;
    waiter.stay();
    if (queue.fair.size > 0) return;
    queues.delete(queue.key);
    for (const target of queue.targets) gates.get(target)?.waiting.delete(queue);
    if (waiting > 0) return;
    sweeper?.cancel();
    sweeper = undefined;
  };

  const refuse = (queue: Queue, waiter: Waiter, why: string) => {
    const error = overloaded(why, queue);
    queue.fair.remove(waiter);
    settle(queue, waiter);
    waiter.refuse(error);
  };

  const overloaded = (why: string, queue: Queue | undefined): GatewayError => {
    const seconds = queue === undefined ? UNKNOWN_RETRY_AFTER_SECONDS : secondsUntilTurn(queue, clock.now());
    return new GatewayError('overloaded', `${why} Try again in ${seconds} s.`, { retryAfterSeconds: seconds });
  };

  /** One to send away for a more important call: from its own queue, or another one for the same targets. */
  const findLess = ({ targets, importance }: Errand, own: Queue | undefined): [Queue, Waiter] | undefined => {
    const others = targets.flatMap((target) => [...(gates.get(target)?.waiting ?? [])]);
    for (const queue of own === undefined ? others : [own, ...others]) {
      const waiter = queue.fair.findLess(importance);
      if (waiter !== undefined) return [queue, waiter];
    }
    return undefined;
  };

  const makeRoom = (errand: Errand, own: Queue | undefined) => {
    const { group, tenant } = errand;
    if ((own?.fair.sizeOf(tenant) ?? 0) >= current.mostPerTenant)
      throw overloaded(`${current.mostPerTenant} calls of yours already wait for ${group}.`, own);
    if (waiting < current.mostWaiting) return;
    const less = findLess(errand, own);
    if (less === undefined) throw overloaded(`${group} takes no more calls at once, and the queue is full.`, own);
    refuse(...less, `The place in the queue for ${less[0].group} was needed for a more important call.`);
  };

  /** The queue for these targets, known to each of them. */
  const queueFor = ({ group, targets }: Errand, key: string): Queue => {
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue: Queue = {
      key,
      group,
      targets,
      fair: createFairQueue(),
      standing: createStandingQueue(),
      since: clock.now(),
      admitted: 0,
    };
    queues.set(key, queue);
    for (const target of targets) gates.get(target)!.waiting.add(queue);
    return queue;
  };

  const wait = (errand: Errand): Promise<Slot> => {
    const now = clock.now();
    const until = Math.min(errand.deadlineAt ?? Number.POSITIVE_INFINITY, now + current.longestWaitMs);
    if (until <= now) throw overloaded(`${errand.group} is busy, and the call has no time left to wait.`, undefined);
    const key = [errand.group, ...errand.targets].join('\n');
    makeRoom(errand, queues.get(key));
    const queue = queueFor(errand, key);
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
    queue.fair.add(waiter);
    waiting += 1;
    sweeper ??= clock.setTimeout(sweep, SWEEP_MS);
    if (errand.onGone !== undefined) hearOfLeaving(queue, waiter, errand.onGone);
    return promise;
  };

  /** Apart from `wait`, so that what lives as long as the wait holds these three and not the whole errand. */
  const hearOfLeaving = (queue: Queue, waiter: Waiter, onGone: NonNullable<Errand['onGone']>) => {
    const stay = onGone(() => {
      if (waiter.line !== undefined) refuse(queue, waiter, 'The client left while its call waited.');
    });
    // A client that had left already is gone from the queue by now.
    if (waiter.line === undefined) stay();
    else waiter.stay = stay;
  };

  /** Sends away those whose time is over, and those of the lowest class for whom a queue stands. */
  const sweep = () => {
    const now = clock.now();
    for (const queue of [...queues.values()]) {
      const { group, fair, standing } = queue;
      for (const waiter of fair.all())
        if (waiter.until <= now)
          refuse(queue, waiter, `It was not the call's turn at ${group} within ${tellSeconds(now - waiter.since)}.`);
      for (;;) {
        const oldest = fair.oldest('batch');
        if (!standing.isTooLong(oldest && now - oldest.since, now) || oldest === undefined) break;
        refuse(queue, oldest, `The queue for ${group} does not drain, and batch calls are shed first.`);
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
      for (const target of errand.targets) {
        const gate = gates.get(target);
        if (gate === undefined) return freeSlot(target);
        if (hasRoom(gate)) return takeSlot(gate, errand.tenant, 0);
      }
      return wait(errand);
    },
    limit(target, concurrency) {
      const known = gates.get(target);
      if (known === undefined) {
        if (concurrency === undefined) return;
        const limit = createConcurrencyLimit(concurrency);
        gates.set(target, { target, concurrency, limit, underWay: 0, waiting: new Set(), admitted: 0 });
        return;
      }
      if (isSame(known.concurrency, concurrency)) return;
      if (concurrency !== undefined) known.limit = createConcurrencyLimit(concurrency);
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
        groups: [...queues.values()].map(({ group, targets, fair }) => ({
          group,
          targets,
          waiting: fair.size,
          oldestMs: Math.max(...IMPORTANCES.map((one) => now - (fair.oldest(one)?.since ?? now))),
        })),
        targets: [...gates.values()].map(({ target, underWay, limit }) => ({ target, underWay, limit: limit.value })),
      };
    },
  };
}

function freeSlot(target: string): Slot {
  return { target, waitedMs: 0, began: NOTHING, leave: NOTHING };
}

function isSame(one: Concurrency | undefined, other: Concurrency | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function tellSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
