import type { Member, Plan, TargetGroup } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Trail } from '../core/trail.ts';
import type { Upstream } from './attempt.ts';
import type { Ask } from './balance/balancer.ts';
import { deadlineOf, timeLeft } from './deadline.ts';
import { type Failure, isWorthAnother, kindOf, retryDelayMs } from './failure.ts';
import { LEAST_FIRST_BYTE_MS } from './learned-patience.ts';
import type { Try } from './try-target.ts';
import type { Errand, Slot } from './waiting/waiting-room.ts';

/** A target to be tried now. */
export interface Step {
  member: Member;
  /** Its place at a target that takes only so many calls at once. */
  slot?: Slot;
  /** Leave of the target's breaker, to be given back with the outcome; 0: sent although its breaker is open, as nothing else is left. */
  pass: number;
  /** True: after this one nothing is left, so that nothing need be held back. */
  isLast: boolean;
}

interface Tried {
  failure: Failure;
  by: Try;
  times: number;
}

/** Each target is asked so often at most: once, and once more if it may do better in a moment. */
const MOST_TIMES = 2;

/**
 * The way of one call through its targets. Which one comes next is decided at each step: the balancer's order within a group, then the next group; a target that is barred (its
 * breaker is open, its limit used up) is passed over while there are others; at the end come those that may do better in a moment, and, if nobody could be asked at all, the least bad of the barred ones.
 */
export class Course {
  readonly ask: Ask;
  readonly deadline: number;
  readonly tried = new Map<Member, Tried>();
  readonly #upstream: Upstream;
  readonly #plan: Plan;
  readonly #prompt: Prompt;
  readonly #trail: Trail;
  #groups: readonly TargetGroup[];
  #groupAt = 0;
  #members: readonly Member[] = [];
  #memberAt = 0;
  #passedOver: Member[] = [];
  /** Those that have no room at the moment. */
  #crowded: Member[] = [];
  /** True: one target in all, so that there is nothing to choose. */
  readonly #isSole: boolean;

  constructor(upstream: Upstream, plan: Plan, prompt: Prompt, trail: Trail) {
    this.#upstream = upstream;
    this.#plan = plan;
    this.#prompt = prompt;
    this.#trail = trail;
    this.#groups = plan.groups;
    this.#isSole = plan.groups.length === 1 && plan.groups[0]!.members.length === 1;
    this.deadline = deadlineOf(prompt.call);
    const { call } = prompt;
    // Four bytes a token is near enough to compare waits by, and costs nothing.
    this.ask = { inputTokens: call.bytes.length >> 2, wantsStream: call.wantsStream, affinity: plan.affinity };
  }

  /** The next target; undefined when none is left. Throws when the deadline is over. */
  async next(): Promise<Step | undefined> {
    return this.fresh() ?? (await this.#afterQueue()) ?? (await this.#again());
  }

  /** A target that was not asked yet and can be asked at once. */
  fresh(): Step | undefined {
    for (let member = this.#nextMember(); member !== undefined; member = this.#nextMember()) {
      if (this.tried.has(member)) continue;
      if (!this.#upstream.waiting.hasRoom(member.target.name)) this.#crowded.push(member);
      else if (this.#isSole ? this.#coolsSoon(member) : this.#isBarred(member)) this.#passedOver.push(member);
      else {
        const step = this.#take(member);
        if (step !== undefined) return step;
        this.#passedOver.push(member);
      }
    }
    return undefined;
  }

  /** Takes what a call to the target needs; undefined: its breaker lets nobody pass. */
  #take(member: Member): Step | undefined {
    const { breakers, waiting } = this.#upstream;
    const { name } = member.target;
    const pass = breakers.takePass(name);
    if (pass === 0 && !this.#isSole) return undefined;
    if (!waiting.isLimited(name)) return { member, pass, isLast: false };
    // It has room, so that the place is given at once.
    return { member, pass, isLast: false, slot: waiting.enter(this.#errand([name])) as Slot };
  }

  #errand(targets: readonly string[]): Errand {
    const { call, caller } = this.#prompt;
    return {
      group: this.#plan.groups[0]!.name,
      targets,
      importance: caller.importance ?? 'default',
      tenant: caller.team ?? caller.keyId,
      ...(this.deadline !== Number.POSITIVE_INFINITY && { deadlineAt: this.deadline }),
      weightTokens: this.ask.inputTokens,
      onGone: (leave) => call.onGone(leave),
    };
  }

  /** A place at one of those that had no room, when it is the call's turn. Throws `overloaded` where nobody was asked yet and the wait is too long. */
  async #afterQueue(): Promise<Step | undefined> {
    const crowded = this.#crowded.filter((member) => !this.tried.has(member));
    if (crowded.length === 0) return undefined;
    const { clock, waiting, breakers } = this.#upstream;
    const since = clock.now();
    try {
      const slot = await waiting.enter(this.#errand(crowded.map(({ target }) => target.name)));
      const member = crowded.find(({ target }) => target.name === slot.target)!;
      this.#crowded = crowded.filter((one) => one !== member);
      return { member, pass: breakers.takePass(slot.target), isLast: false, slot };
    } catch (error) {
      this.#crowded = [];
      if (this.tried.size === 0) throw error;
      return undefined;
    } finally {
      this.#trail.paused(clock.now() - since);
    }
  }

  /** Whether another target is there that could be asked besides the one that is. */
  get hasMore(): boolean {
    return !this.#isSole && (this.#memberAt < this.#members.length || this.#groupAt < this.#groups.length);
  }

  /** Notes what failed; false: no other target would do better. */
  goesOn(member: Member, failure: Failure, by: Try): boolean {
    const times = (this.tried.get(member)?.times ?? 0) + 1;
    this.tried.set(member, { failure, by, times });
    return this.#turnsAside(failure) || isWorthAnother(failure);
  }

  /** A prompt that is too long, or content that is refused, has a chain of its own. */
  #turnsAside(failure: Failure): boolean {
    const kind = kindOf(failure);
    const { onContextOverflow, onContentPolicy } = this.#plan;
    const instead =
      kind === 'context-overflow' ? onContextOverflow : kind === 'content-policy' ? onContentPolicy : undefined;
    if (instead === undefined || instead === this.#groups) return false;
    this.#groups = instead;
    this.#groupAt = 0;
    this.#members = [];
    this.#memberAt = 0;
    this.#passedOver = [];
    this.#crowded = [];
    return true;
  }

  #nextMember(): Member | undefined {
    while (this.#memberAt >= this.#members.length) {
      const group = this.#groups[this.#groupAt];
      if (group === undefined) return undefined;
      this.#groupAt += 1;
      this.#memberAt = 0;
      this.#members = this.#upstream.balancer.rank(group, this.ask, this.#isBarred, this.#upstream.breakers.ramp);
    }
    const member = this.#members[this.#memberAt];
    this.#memberAt += 1;
    return member;
  }

  readonly #isBarred = ({ target }: Member): boolean => {
    const { breakers, quotas, clock } = this.#upstream;
    const { name } = target;
    return !breakers.mayTry(name) || quotas.readyAtMs(name, this.ask.inputTokens) > clock.now();
  };

  /** Whether its limit is used up for a moment that can be waited for: then it is asked later rather than asked to refuse. */
  #coolsSoon({ target: { name } }: Member): boolean {
    const { breakers, quotas, clock, longestWaitMs } = this.#upstream;
    const wait = quotas.readyAtMs(name, this.ask.inputTokens) - clock.now();
    return wait > 0 && wait <= longestWaitMs && breakers.mayTry(name);
  }

  /** A place at a target that takes only so many calls, where it is one. */
  async #seat(member: Member, pass: number): Promise<Step> {
    const { waiting } = this.#upstream;
    const { name } = member.target;
    if (!waiting.isLimited(name)) return { member, pass, isLast: false };
    return { member, pass, isLast: false, slot: await waiting.enter(this.#errand([name])) };
  }

  /** One that failed in passing, or was passed over, once it may be asked. */
  async #again(): Promise<Step | undefined> {
    const barred = this.#passedOver.shift();
    if (barred !== undefined) return (await this.#afterCooling(barred)) ?? (await this.#again());
    for (const [member, { failure, by, times }] of this.tried) {
      if (times >= MOST_TIMES) continue;
      const delay = retryDelayMs(failure, this.#upstream);
      if (delay === undefined || !this.#hasTimeFor(delay) || !this.#upstream.retries.take()) continue;
      by.noted.decide('retry');
      if (!(await this.#pause(delay))) return undefined;
      const step = this.#upstream.waiting.hasRoom(member.target.name) ? this.#take(member) : undefined;
      if (step !== undefined) return { ...step, isLast: this.#isLastOf(member) };
    }
    return undefined;
  }

  #isLastOf(member: Member): boolean {
    return [...this.tried].every(([other, { times }]) => other === member || times >= MOST_TIMES);
  }

  /** A limit that frees up in a moment is waited for. A breaker that is open is asked only if nobody else was: the last target of a model is never shut. */
  async #afterCooling(member: Member): Promise<Step | undefined> {
    const { breakers, quotas, clock, longestWaitMs } = this.#upstream;
    const { name } = member.target;
    const isLast = this.#passedOver.length === 0 && this.tried.size === 0;
    if (breakers.mayTry(name)) {
      const wait = quotas.readyAtMs(name, this.ask.inputTokens) - clock.now();
      if (wait <= longestWaitMs && this.#hasTimeFor(wait)) {
        if (wait > 0 && !(await this.#pause(wait))) return undefined;
        return this.#seat(member, breakers.takePass(name));
      }
      return isLast ? this.#seat(member, breakers.takePass(name)) : undefined;
    }
    if (this.tried.size > 0) return undefined;
    const names = [member, ...this.#passedOver].map(({ target }) => target.name);
    if (breakers.leastBad(names) !== name) {
      this.#passedOver.push(member);
      return undefined;
    }
    return this.#seat(member, 0);
  }

  #hasTimeFor(delayMs: number): boolean {
    return this.#upstream.clock.now() + delayMs < this.deadline;
  }

  /** False: the client has left meanwhile. */
  async #pause(delayMs: number): Promise<boolean> {
    const { clock } = this.#upstream;
    const { call } = this.#prompt;
    const since = clock.now();
    await new Promise<void>((resolve) => {
      const stay = call.onGone(() => resolve());
      clock.setTimeout(() => {
        stay();
        resolve();
      }, delayMs);
    });
    this.#trail.paused(clock.now() - since);
    return !call.isGone;
  }

  /** What one attempt may wait for, in milliseconds: as configured, but no longer than the client does, and while there are others no longer than this model is known to take. */
  timeLimits(member: Member): Member['target']['timeouts'] {
    const { timeouts, model } = member.target;
    const { patience, clock } = this.#upstream;
    const learned =
      this.ask.wantsStream && this.hasMore
        ? patience.firstByteMs(model, this.ask.inputTokens, { min: LEAST_FIRST_BYTE_MS, max: timeouts.firstByte })
        : timeouts.firstByte;
    if (learned === timeouts.firstByte && this.deadline === Number.POSITIVE_INFINITY) return timeouts;
    const left = timeLeft(this.deadline, clock);
    // The first of several may spend half of what is left, so that another can still answer.
    const share = this.hasMore && this.tried.size === 0 ? left / 2 : left;
    return { ...timeouts, firstByte: soonest(learned, share), total: soonest(timeouts.total, left) };
  }
}

/** The earlier of two time limits, of which 0 and infinity are none. */
function soonest(one: number, other: number): number {
  const first = Math.min(one || Number.POSITIVE_INFINITY, other);
  return first === Number.POSITIVE_INFINITY ? 0 : Math.ceil(first);
}
