import { GatewayError } from '../core/errors.ts';
import type { Member, Plan, TargetGroup } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Trail } from '../core/trail.ts';
import type { Upstream } from './attempt.ts';
import type { Ask } from './balance/balancer.ts';
import { NO_PASS } from './breaker/breaker.ts';
import { deadlineExceeded, deadlineOf } from './deadline.ts';
import { type Failure, isWorthAnother, kindOf, retryDelayMs } from './failure.ts';
import { LEAST_FIRST_BYTE_MS } from './learned-patience.ts';
import { limitTimes } from './limit-times.ts';
import { pauseFor } from './pause-for.ts';
import type { Try, TryOptions } from './try-target.ts';
import type { Errand, Slot } from './waiting/waiting-room.ts';

/** A target to be tried now. */
export interface Step {
  member: Member;
  /** Its place at a target that takes only so many calls at once. */
  slot?: Slot | undefined;
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
const NOBODY: readonly Member[] = [];
const NOTHING_TRIED: ReadonlyMap<Member, Tried> = new Map();

/**
 * The way of one call through its targets. Which one comes next is decided at each step: the balancer's order within a group, then the next group; a target that is barred (its
 * breaker is open, its limit used up) is passed over while there are others; at the end come those that have room again, those that may be asked in a moment, those that may do better at a second try, and, if
 * nobody could be asked at all, the least bad of the barred ones.
 */
export class Course {
  readonly ask: Ask;
  readonly deadline: number;
  readonly #upstream: Upstream;
  readonly #plan: Plan;
  readonly #prompt: Prompt;
  readonly #trail: Trail;
  /** Made at the first failure: most calls have none. */
  #tried: Map<Member, Tried> | undefined;
  #groups: readonly TargetGroup[];
  #groupAt = 0;
  #members = NOBODY;
  #memberAt = 0;
  #passedOver: Member[] | undefined;
  /** Those that have no room at the moment. */
  #crowded: Member[] | undefined;
  /** True: one target in all, so that there is nothing to choose. */
  #isSole: boolean;

  constructor(upstream: Upstream, plan: Plan, prompt: Prompt, trail: Trail) {
    this.#upstream = upstream;
    this.#plan = plan;
    this.#prompt = prompt;
    this.#trail = trail;
    this.#groups = plan.groups;
    this.#isSole = isSole(plan.groups);
    this.deadline = deadlineOf(prompt.call);
    const { call } = prompt;
    // Four bytes a token is near enough to compare waits by, and costs nothing.
    this.ask = { inputTokens: call.bytes.length >> 2, wantsStream: call.wantsStream, affinity: plan.affinity };
  }

  /** What was asked in vain, in the order of the first time. */
  get tried(): ReadonlyMap<Member, Tried> {
    return this.#tried ?? NOTHING_TRIED;
  }

  /** A target that was not asked yet and can be asked at once. */
  fresh(): Step | undefined {
    for (let member = this.#nextMember(); member !== undefined; member = this.#nextMember()) {
      if (this.#tried?.has(member)) continue;
      if (this.#isSole ? this.#isReadyInAMoment(member) : this.#isBarred(member)) this.#passOver(member);
      else if (!this.#upstream.waiting.hasRoom(member.target.name)) this.#crowd(member);
      else {
        const step = this.#take(member);
        if (step !== undefined) return step;
        this.#passOver(member);
      }
    }
    return undefined;
  }

  /** A target that can be asked after some wait, or once more; undefined when none is left. Throws `overloaded` where nobody was asked yet and the wait for a place is too long. */
  async later(): Promise<Step | undefined> {
    return (await this.#afterQueue()) ?? (await this.#leastBarred()) ?? (await this.#again());
  }

  /** Throws `deadline_exceeded` when the client waits no longer. */
  expectTimeLeft(): void {
    if (this.deadline !== Number.POSITIVE_INFINITY && this.#upstream.clock.now() >= this.deadline)
      throw deadlineExceeded();
  }

  /** Whether another target is there that could be asked besides the one that is. */
  get hasMore(): boolean {
    return !this.#isSole && (this.#memberAt < this.#members.length || this.#groupAt < this.#groups.length);
  }

  /** Notes what failed; false: no other target would do better. */
  goesOn(member: Member, failure: Failure, by: Try): boolean {
    this.#tried ??= new Map();
    const times = (this.#tried.get(member)?.times ?? 0) + 1;
    this.#tried.set(member, { failure, by, times });
    return this.#turnsAside(failure) || isWorthAnother(failure);
  }

  /** How one attempt is to be made. It waits as long as configured, but no longer than the client does, and while there are others no longer than this model is known to take. */
  optionsFor({ member }: Step, isStrict: boolean, isHedge: boolean): TryOptions {
    const { timeouts: own, model } = member.target;
    const { patience, clock } = this.#upstream;
    const { ask, deadline, hasMore } = this;
    const limits = limitTimes({
      own,
      firstByteMs: this.#plan.firstByteMs,
      learn:
        ask.wantsStream && hasMore
          ? (max) => patience.firstByteMs(model, ask.inputTokens, { min: LEAST_FIRST_BYTE_MS, max })
          : undefined,
      leftMs: deadline === Number.POSITIVE_INFINITY ? deadline : Math.max(1, deadline - clock.now()),
      isFirstOfSeveral: hasMore && this.tried.size === 0,
    });
    return { ask, ...limits, isStrict, isHedge, isOnly: this.#isSole };
  }

  /** Why nobody could be asked, where nobody was. */
  whyNobody(): GatewayError {
    if (this.ask.affinity?.isHard === true)
      return new GatewayError(
        'thread_unsupported_request',
        'The call goes on from something that only one provider holds, and that one does not serve the model here any more. Send the whole conversation instead.',
      );
    return new GatewayError(
      'upstream_unavailable',
      'No target of this model can be asked now; send the call again in a moment.',
      { retryAfterSeconds: 1 },
    );
  }

  /** A prompt that is too long, or content that is refused, has a chain of its own. */
  #turnsAside(failure: Failure): boolean {
    const kind = kindOf(failure);
    const { onContextOverflow, onContentPolicy } = this.#plan;
    const instead =
      kind === 'context-overflow' ? onContextOverflow : kind === 'content-policy' ? onContentPolicy : undefined;
    if (instead === undefined) return false;
    // Within that chain the next one may have room for what this one has not.
    if (instead === this.#groups) return true;
    this.#groups = instead;
    this.#isSole = isSole(instead);
    this.#groupAt = this.#memberAt = 0;
    this.#members = NOBODY;
    this.#passedOver = this.#crowded = undefined;
    return true;
  }

  #nextMember(): Member | undefined {
    while (this.#memberAt >= this.#members.length) {
      const group = this.#groups[this.#groupAt];
      if (group === undefined) return undefined;
      this.#groupAt += 1;
      this.#memberAt = 0;
      this.#members = this.#rank(group);
    }
    const member = this.#members[this.#memberAt];
    this.#memberAt += 1;
    return member;
  }

  #rank(group: TargetGroup): readonly Member[] {
    if (group.members.length === 1 && this.ask.affinity?.isHard !== true) return group.members;
    const { balancer, breakers } = this.#upstream;
    return balancer.rank(group, this.ask, (member) => this.#isBarred(member), breakers.ramp);
  }

  #isBarred({ target: { name } }: Member): boolean {
    return !this.#upstream.breakers.mayTry(name) || this.#readyInMs(name) > 0;
  }

  /** Milliseconds until the target's limits let the call through, as far as they are known. */
  #readyInMs(name: string): number {
    const { quotas, clock } = this.#upstream;
    return quotas.readyAtMs(name, this.ask.inputTokens) - clock.now();
  }

  /** The only target is asked whatever is known of it, unless a moment's wait spares it a refusal. */
  #isReadyInAMoment({ target: { name } }: Member): boolean {
    const wait = this.#readyInMs(name);
    return wait > 0 && this.#isWorthWaiting(wait);
  }

  #isWorthWaiting(delayMs: number): boolean {
    return delayMs <= this.#upstream.longestWaitMs && this.#hasTimeFor(delayMs);
  }

  #hasTimeFor(delayMs: number): boolean {
    return this.#upstream.clock.now() + delayMs < this.deadline;
  }

  #passOver(member: Member): void {
    this.#passedOver ??= [];
    this.#passedOver.push(member);
  }

  #crowd(member: Member): void {
    this.#crowded ??= [];
    this.#crowded.push(member);
  }

  /** Takes what a call needs at a target that has room; undefined: its breaker lets nobody pass. */
  #take(member: Member): Step | undefined {
    const { breakers, waiting } = this.#upstream;
    const { name } = member.target;
    const pass = breakers.takePass(name);
    if (pass === NO_PASS && !this.#isSole) return undefined;
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

  /** A place at one of those that had no room, when it is the call's turn. */
  async #afterQueue(): Promise<Step | undefined> {
    while (this.#crowded !== undefined) {
      const crowded = this.#crowded.filter((member) => !this.tried.has(member));
      this.#crowded = undefined;
      if (crowded.length === 0) return undefined;
      const slot = await this.#queueFor(crowded);
      if (slot === undefined) return undefined;
      const member = crowded.find(({ target }) => target.name === slot.target)!;
      const others = crowded.filter((one) => one !== member);
      if (others.length > 0) this.#crowded = others;
      const pass = this.#upstream.breakers.takePass(slot.target);
      if (pass !== NO_PASS || this.#isSole) return { member, pass, isLast: false, slot };
      // Its breaker opened while the call waited.
      slot.leave();
      this.#passOver(member);
    }
    return undefined;
  }

  /** Undefined: there was none to be had, and somebody else was asked already. */
  async #queueFor(members: readonly Member[]): Promise<Slot | undefined> {
    const { clock, waiting } = this.#upstream;
    const since = clock.now();
    try {
      return await waiting.enter(this.#errand(members.map(({ target }) => target.name)));
    } catch (error) {
      if (this.tried.size === 0) throw error;
      return undefined;
    } finally {
      this.#trail.paused(clock.now() - since);
    }
  }

  /**
   * Of those that were passed over: the one whose limit frees up in a moment, else one that is only held to a pace. If nobody was asked at all, the one that is ready soonest, or whose breaker has been open longest: the last target of a model is
   * never shut.
   */
  async #leastBarred(): Promise<Step | undefined> {
    const passedOver = this.#passedOver;
    if (passedOver === undefined || passedOver.length === 0) return undefined;
    const limited = this.#readiest(passedOver);
    if (limited !== undefined && (await this.#waitForLimit(limited))) return await this.#enterBarred(limited);
    if (this.#prompt.call.isGone) return undefined;
    const paced = passedOver.find((member) => this.#isOnlyPaced(member));
    if (paced !== undefined) return await this.#enterBarred(paced);
    if (this.tried.size > 0) return undefined;
    const leastBad =
      limited ??
      passedOver.find(({ target }) => target.name === this.#upstream.breakers.leastBad(passedOver.map(nameOf)));
    return leastBad === undefined ? undefined : await this.#enterBarred(leastBad);
  }

  /** The one that is ready soonest, of those whose breaker is not open. */
  #readiest(members: readonly Member[]): Member | undefined {
    let best: Member | undefined;
    let bestMs = Number.POSITIVE_INFINITY;
    for (const member of members) {
      const { name } = member.target;
      const wait = this.#upstream.breakers.mayTry(name) ? this.#readyInMs(name) : Number.POSITIVE_INFINITY;
      if (wait >= bestMs) continue;
      best = member;
      bestMs = wait;
    }
    return best;
  }

  /** True: no word of its provider bars it, but only the rate at which it is thought to keep up: better too soon than not at all. */
  #isOnlyPaced({ target: { name } }: Member): boolean {
    const { breakers, quotas } = this.#upstream;
    const view = breakers.mayTry(name) ? quotas.view(name) : undefined;
    return view !== undefined && view.coolingUntilMs === undefined && view.limits.every(({ left }) => left > 0);
  }

  /** False: it takes too long. Others may wait for the same moment, so that after it is before it for all but one of them. */
  async #waitForLimit({ target: { name } }: Member): Promise<boolean> {
    const until = this.#upstream.clock.now() + this.#upstream.longestWaitMs;
    for (;;) {
      const wait = this.#readyInMs(name);
      if (wait <= 0) return true;
      if (this.#upstream.clock.now() + wait > until || !this.#hasTimeFor(wait)) return false;
      if (!(await this.#pause(wait))) return false;
    }
  }

  async #enterBarred(member: Member): Promise<Step | undefined> {
    this.#passedOver = this.#passedOver?.filter((one) => one !== member);
    const { breakers, waiting } = this.#upstream;
    const { name } = member.target;
    if (!waiting.isLimited(name)) return { member, pass: breakers.takePass(name), isLast: false };
    const slot = await this.#queueFor([member]);
    return slot === undefined ? undefined : { member, pass: breakers.takePass(name), isLast: false, slot };
  }

  /** One that failed in passing. */
  async #again(): Promise<Step | undefined> {
    for (const [member, { failure, by, times }] of this.tried) {
      if (times >= MOST_TIMES) continue;
      const delay = retryDelayMs(failure, this.#upstream);
      if (delay === undefined || !this.#hasTimeFor(delay) || !this.#upstream.retries.take()) continue;
      by.noted.decide('retry');
      if (!(await this.#pause(delay))) return undefined;
      const step = this.#upstream.waiting.hasRoom(member.target.name) ? this.#take(member) : undefined;
      if (step !== undefined) return { ...step, isLast: this.#isLastOf(member) };
      by.noted.decide('next-target');
    }
    return undefined;
  }

  #isLastOf(member: Member): boolean {
    return [...this.tried].every(([other, { times }]) => other === member || times >= MOST_TIMES);
  }

  /** False: the client has left meanwhile. */
  async #pause(delayMs: number): Promise<boolean> {
    const { clock } = this.#upstream;
    const since = clock.now();
    const isStillHere = await pauseFor(delayMs, this.#prompt.call, clock);
    this.#trail.paused(clock.now() - since);
    return isStillHere;
  }
}

function isSole(groups: readonly TargetGroup[]): boolean {
  return groups.length === 1 && groups[0]!.members.length === 1;
}

function nameOf({ target }: Member): string {
  return target.name;
}
