import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import type { Balancer } from './balance/balancer.ts';
import type { Breakers } from './breaker/breakers.ts';
import { Course, type Step } from './course.ts';
import { deadlineExceeded } from './deadline.ts';
import { isFailure, isLossy } from './failure.ts';
import type { HedgeBudget } from './hedge-budget.ts';
import type { LearnedPatience } from './learned-patience.ts';
import type { MediaFetcher } from './media/fetch-media.ts';
import type { Quotas } from './quota/quotas.ts';
import { raceTries } from './race-tries.ts';
import { isStrict } from './refuse-lossy.ts';
import { relay } from './relay-refusal.ts';
import type { RetryBudget } from './retry-budget.ts';
import { Try } from './try-target.ts';
import type { WaitingRoom } from './waiting/waiting-room.ts';

/** What the room knows of all targets together. */
export interface Upstream {
  clock: Clock;
  random: () => number;
  /** The longest wait for a target that says when to come back. */
  longestWaitMs: number;
  /** The longest time for which a stream's preamble is held back. */
  longestHoldMs: number;
  media: MediaFetcher;
  balancer: Balancer;
  breakers: Breakers;
  quotas: Quotas;
  retries: RetryBudget;
  patience: LearnedPatience;
  hedges: HedgeBudget;
  waiting: WaitingRoom;
}

const NO_HEDGE_AFTER_LIMIT_MS = 60_000;

/**
 * Tries the plan's targets in turn until one begins to answer. What it gives has begun: nothing was promised to the client before. When none is left, the last
 * provider's own error is the reply; where no provider answered at all, the gateway's error is thrown.
 */
export async function attempt(upstream: Upstream, plan: Plan, prompt: Prompt, trail: Trail): Promise<Reply> {
  const course = new Course(upstream, plan, prompt, trail);
  const strict = isStrict(prompt, plan);
  upstream.retries.noteCall();

  for (;;) {
    course.expectTimeLeft();
    const step = course.fresh() ?? (await course.later());
    if (step === undefined) return giveUp(course, prompt, trail);
    const first = start(step, false);
    const tries = [first];
    try {
      return await (plan.isHedged === true && course.hasMore ? hedge(first, tries) : first.reply);
    } catch (error) {
      if (prompt.call.isGone || !isFailure(error)) throw error;
      for (const failed of tries) {
        const failure = await failed.failure();
        if (failure === undefined || course.goesOn(failed.step.member, failure, failed)) continue;
        failed.noted.decide('passed-on');
        return relay(failure, failed.step.member.target, prompt, trail);
      }
    }
  }

  function start(step: Step, isHedge: boolean): Try {
    return new Try(upstream, step, prompt, trail, course.optionsFor(step, strict, isHedge));
  }

  function hedge(first: Try, tries: Try[]): Promise<Reply> {
    const { hedges, patience, quotas, clock } = upstream;
    const { inputTokens } = course.ask;
    const delayMs = patience.p95(first.step.member.target.model, inputTokens);
    hedges.noteSpend(inputTokens);
    // Where somebody is at a limit already, further calls would make it worse; where hanging up does not stop the bill, both would be paid in full.
    const { preset } = first.step.member.target;
    if (
      delayMs === undefined ||
      quotas.hadRateLimitWithin(NO_HEDGE_AFTER_LIMIT_MS) ||
      preset.cancelStopsBilling === false
    )
      return first.reply;
    return raceTries(first, {
      clock,
      delayMs,
      startSecond() {
        const step = hedges.take(inputTokens) ? course.fresh() : undefined;
        if (step === undefined) return undefined;
        const second = start(step, true);
        tries.push(second);
        return second;
      },
    });
  }
}

/**
 * A provider's answer tells the client more than a connection that was never made, so the last such answer is what it gets; and a connection that was never made more than a
 * target that could not be asked. Where the client's own deadline ended the last attempt, that is what it is told.
 */
function giveUp(course: Course, prompt: Prompt, trail: Trail): Reply {
  const last = [...course.tried].reverse();
  const told =
    last.find(([, { failure }]) => !(failure instanceof GatewayError)) ??
    last.find(([, { failure }]) => !isLossy(failure)) ??
    last[0];
  if (told === undefined) throw course.whyNobody();
  const [{ target }, { failure, by }] = told;
  by.noted.decide(failure instanceof GatewayError ? 'gave-up' : 'passed-on');
  if (by.isOutOfTime) throw deadlineExceeded();
  return relay(failure, target, prompt, trail);
}
