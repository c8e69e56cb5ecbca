import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { type Plan, targetsOf } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Target } from '../core/target.ts';
import type { Attempt, Trail } from '../core/trail.ts';
import { describeFailure, type Failure, isFailure, isLossy, isWorthAnother, retryDelayMs } from './failure.ts';
import type { MediaFetcher } from './media/fetch-media.ts';
import { readAnswer } from './read-answer.ts';
import { isStrict, refuseLossy } from './refuse-lossy.ts';
import { relay } from './relay-refusal.ts';
import { isSameErrand, translateRequest } from './translate-request.ts';

export interface Upstream {
  clock: Clock;
  random: () => number;
  /** The longest wait for a target that says when to come back. */
  longestWaitMs: number;
  /** The longest time for which a stream's preamble is held back. */
  longestHoldMs: number;
  media: MediaFetcher;
}

interface Failed {
  failure: Failure;
  noted: Attempt;
}

/** What became of each target, in the order of the last try. */
type Failures = Map<Target, Failed>;

/** How often the list of targets is gone through: once, and once more for those that may do better in a moment. */
const ROUNDS = 2;

/**
 * Tries the plan's targets in turn until one begins to answer. What it gives has begun: nothing was promised to the client before. When none is left, the last
 * provider's own error is the reply; where no provider answered at all, the gateway's error is thrown.
 */
export async function attempt(upstream: Upstream, plan: Plan, prompt: Prompt, trail: Trail): Promise<Reply> {
  const failures: Failures = new Map();
  const strict = isStrict(prompt, plan);
  const targets = targetsOf(plan);
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) {
      const before = failures.get(target);
      if (before !== undefined && !(await mayTryAgain(upstream, before, prompt, trail))) continue;
      before?.noted.decide('retry');
      const isLastChance = round === ROUNDS - 1 && target === targets.at(-1);
      const noted = trail.attempt(target);
      try {
        const reply = await ask(upstream, target, prompt, { holdsPreamble: !isLastChance, isStrict: strict });
        noted.answered(reply.status);
        return reply;
      } catch (error) {
        if (prompt.call.isGone) {
          noted.failed('abandoned', 'the client left', undefined);
          throw error;
        }
        if (!isFailure(error)) {
          noted.failed('gave-up', 'not asked', undefined);
          throw error;
        }
        const { why, status } = describeFailure(error);
        failures.set(target, { failure: error, noted });
        const goesOn = isWorthAnother(error);
        noted.failed(goesOn ? 'next-target' : 'passed-on', why, status);
        if (!goesOn) return relay(error, target, prompt, trail);
      }
    }
  }
  return giveUp(failures, prompt, trail);
}

async function ask(
  upstream: Upstream,
  target: Target,
  prompt: Prompt,
  { holdsPreamble, isStrict }: { holdsPreamble: boolean; isStrict: boolean },
): Promise<Reply> {
  const { call } = prompt;
  const words = await translateRequest(prompt, target, upstream.media);
  if (isStrict) refuseLossy(words.receipt, target);
  let stay = () => {};
  try {
    const answer = await target.host.open({
      target,
      operation: target.operation,
      dialect: target.dialect,
      wantsStream: call.wantsStream,
      body: words.body,
      contentType: words.contentType,
      headers: words.headers,
      query: isSameErrand(call, target) ? call.query : '',
      timeouts: target.timeouts,
      onAbortable: (abort) => {
        stay = call.onGone(abort);
      },
    });
    return await readAnswer(answer, target, prompt, words, {
      clock: upstream.clock,
      holdsPreamble,
      longestHoldMs: upstream.longestHoldMs,
    });
  } catch (error) {
    stay();
    throw error;
  }
}

/** Waits for a target that failed in passing; false where it would only say the same again. */
async function mayTryAgain(upstream: Upstream, { failure }: Failed, prompt: Prompt, trail: Trail): Promise<boolean> {
  const delay = retryDelayMs(failure, upstream);
  if (delay === undefined) return false;
  const since = upstream.clock.now();
  await new Promise<void>((resolve) => {
    const stay = prompt.call.onGone(() => resolve());
    upstream.clock.setTimeout(() => {
      stay();
      resolve();
    }, delay);
  });
  trail.paused(upstream.clock.now() - since);
  return !prompt.call.isGone;
}

/**
 * A provider's answer tells the client more than a connection that was never made, so the last such answer is what it gets; and a connection that was never made more than a
 * target that could not be asked.
 */
function giveUp(failures: Failures, prompt: Prompt, trail: Trail): Reply {
  const tried = [...failures].reverse();
  const told =
    tried.find(([, { failure }]) => !(failure instanceof GatewayError)) ??
    tried.find(([, { failure }]) => !isLossy(failure)) ??
    tried[0];
  if (told === undefined) throw new GatewayError('internal_error', 'The plan held no target.');
  const [target, { failure, noted }] = told;
  noted.decide(failure instanceof GatewayError ? 'gave-up' : 'passed-on');
  return relay(failure, target, prompt, trail);
}
