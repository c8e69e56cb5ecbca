import { GatewayError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import type { CallRecord } from '../core/record.ts';
import type { Reply } from '../core/reply.ts';
import type { Timeouts } from '../core/target.ts';
import type { Attempt, Trail } from '../core/trail.ts';
import type { Upstream } from './attempt.ts';
import type { Ask } from './balance/balancer.ts';
import type { Flight } from './balance/flight.ts';
import type { Step } from './course.ts';
import { describeFailure, evidenceOf, type Failure, isFailure } from './failure.ts';
import { readAnswer } from './read-answer.ts';
import { refuseLossy } from './refuse-lossy.ts';
import { isSameErrand, translateRequest } from './translate-request.ts';

export interface TryOptions {
  ask: Ask;
  timeouts: Timeouts;
  isStrict: boolean;
  /** True: it runs beside another, to be faster. */
  isHedge: boolean;
}

/** One target, asked once. What comes of it is told to the breakers, to the balancer and to the trail, however it ends. */
export class Try {
  readonly step: Step;
  readonly noted: Attempt;
  /** Resolves when the answer has begun; rejects with what went wrong. */
  readonly reply: Promise<Reply>;
  /** The reply, once it has begun. */
  answer: Reply | undefined;
  readonly #upstream: Upstream;
  readonly #flight: Flight;
  readonly #options: TryOptions;
  readonly #startedAt: number;
  #abort: (() => void) | undefined;
  #isAbandoned = false;
  #isJudged = false;

  constructor(upstream: Upstream, step: Step, prompt: Prompt, trail: Trail, options: TryOptions) {
    this.#upstream = upstream;
    this.step = step;
    this.#options = options;
    this.#startedAt = upstream.clock.now();
    this.noted = trail.attempt(step.member.target, options.isHedge);
    this.#flight = upstream.balancer.open(step.member.target, options.ask);
    upstream.quotas.noteSent(step.member.target.name, options.ask.inputTokens);
    this.reply = this.#run(prompt, trail);
  }

  /** What went wrong, once that is known; undefined where it answered, or was let go. */
  async failure(): Promise<Failure | undefined> {
    try {
      await this.reply;
      return undefined;
    } catch (error) {
      return isFailure(error) ? error : undefined;
    }
  }

  /** Lets go of the provider: another was faster. */
  abandon(why: string): void {
    if (this.#isJudged) return;
    this.#isAbandoned = true;
    this.noted.failed('abandoned', why, undefined);
    this.#judge('void', why);
    this.#abort?.();
  }

  async #run(prompt: Prompt, trail: Trail): Promise<Reply> {
    try {
      const reply = await this.#ask(prompt);
      if (this.#isAbandoned) throw new Error('another was faster');
      reply.brokeOff = (why) => this.#judge('failed', why);
      this.answer = reply;
      this.#begun(reply, trail);
      return reply;
    } catch (error) {
      if (!this.#isAbandoned) this.#failed(error, prompt);
      throw error;
    }
  }

  async #ask(prompt: Prompt): Promise<Reply> {
    const { media, clock, quotas, longestHoldMs } = this.#upstream;
    const { target } = this.step.member;
    const { call } = prompt;
    const words = await translateRequest(prompt, target, media);
    if (this.#options.isStrict) refuseLossy(words.receipt, target);
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
        timeouts: this.#options.timeouts,
        onAbortable: (abort) => {
          this.#abort = abort;
          stay = call.onGone(abort);
        },
      });
      if (answer.status < 400) quotas.note(target.name, answer.headers, answer.status);
      return await readAnswer(answer, target, prompt, words, {
        clock,
        holdsPreamble: !this.step.isLast,
        longestHoldMs,
      });
    } catch (error) {
      stay();
      throw error;
    }
  }

  #begun(reply: Reply, trail: Trail): void {
    this.noted.answered(reply.status);
    this.#flight.firstToken();
    const waited = this.#upstream.clock.now() - this.#startedAt;
    if (reply.streamed) {
      const { model, facts } = this.step.member.target;
      this.step.slot?.began(waited);
      this.#upstream.patience.noteFirstToken(model, this.#options.ask.inputTokens, waited, facts.reasoning === true);
    }
    // A probe is over when the answer has begun: a long stream must not keep a target from coming back.
    this.#upstream.breakers.note(this.step.member.target.name, this.step.pass, 'ok');
    trail.whenOver(this.#over);
  }

  /** The call is over, and with it this try, which answered it. */
  readonly #over = (record: CallRecord): void => {
    if (record.outcome === 'broken-off') return this.#judge('failed', record.errorMessage ?? 'it broke off');
    if (record.outcome === 'client-left') return this.#judge('void', 'the client left');
    this.#judge('ok', '', record.usage?.outputTokens);
  };

  #failed(error: unknown, { call }: Prompt): void {
    if (call.isGone) {
      this.noted.failed('abandoned', 'the client left', undefined);
      return this.#judge('void', 'the client left');
    }
    if (!isFailure(error)) {
      this.noted.failed('gave-up', 'not asked', undefined);
      return this.#judge('void', 'not asked');
    }
    const { why, status } = describeFailure(error);
    this.noted.failed('next-target', why, status);
    this.#learn(error, why);
  }

  #learn(failure: Failure, why: string): void {
    const { patience, quotas, clock } = this.#upstream;
    const { name, model } = this.step.member.target;
    if (failure instanceof GatewayError && failure.code === 'upstream_first_byte_timeout')
      patience.noteGivenUp(model, this.#options.ask.inputTokens, clock.now() - this.#startedAt);
    if (!(failure instanceof GatewayError)) {
      const { kind, status, retryAfterSeconds } = failure.error;
      quotas.note(name, failure.headers, kind === 'rate-limit' ? 429 : status, retryAfterSeconds);
    }
    this.#judge(evidenceOf(failure), why);
  }

  #judge(evidence: 'ok' | 'failed' | 'fatal' | 'limited' | 'void', why: string, outputTokens?: number): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    const { breakers } = this.#upstream;
    // Of an answer that has begun the good news are told already; a limit that is reached is no breakage, but a reason to go elsewhere.
    if (this.answer === undefined || evidence === 'failed')
      breakers.note(this.step.member.target.name, this.step.pass, evidence === 'limited' ? 'void' : evidence, why);
    this.step.slot?.leave({
      ...(outputTokens !== undefined && { outputTokens }),
      wasOverloaded: evidence === 'limited' || (evidence === 'failed' && this.answer === undefined),
    });
    this.#flight.ended(evidence === 'ok' || evidence === 'void' ? evidence : 'failed', outputTokens);
  }
}
