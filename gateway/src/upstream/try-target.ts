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
import { HeldBody } from './held-body.ts';
import { mayBeBilled } from './may-be-billed.ts';
import { readAnswer } from './read-answer.ts';
import { refuseLossy } from './refuse-lossy.ts';
import { isSameErrand, translateRequest } from './translate-request.ts';
import { whenGone } from './when-gone.ts';

const HEAD_BYTES = 2048;

export interface TryOptions {
  /** True: the plan has no other target. */
  isOnly: boolean;
  ask: Ask;
  timeouts: Timeouts;
  /** True: its first byte is waited for only as long as the client has time, which is less than the target usually gets. */
  isHurried: boolean;
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
  /** Takes back what the client's leaving would do. */
  #stay: (() => void) | undefined;
  #isAbandoned = false;
  /** True: it was not the target that was too slow, but the client that had too little time. */
  isOutOfTime = false;
  #isJudged = false;
  #isProbeTold = false;

  constructor(upstream: Upstream, step: Step, prompt: Prompt, trail: Trail, options: TryOptions) {
    this.#upstream = upstream;
    this.step = step;
    this.#options = options;
    this.#startedAt = upstream.clock.now();
    this.noted = trail.attempt(step.member.target, options.isHedge, prompt);
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
    this.#noteSpending();
    this.#judge('void', why);
    this.#abort?.();
  }

  async #run(prompt: Prompt, trail: Trail): Promise<Reply> {
    const { media, clock, quotas, longestHoldMs } = this.#upstream;
    const { target } = this.step.member;
    try {
      const words = await translateRequest(prompt, target, media);
      if (this.#options.isStrict) refuseLossy(words.receipt, target);
      // Let go while a picture was fetched: the target need not hear of the call at all.
      if (this.#isAbandoned) throw new Error('another was faster');
      const { call } = prompt;
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
          if (this.#isAbandoned) abort();
          else this.#stay = call.onGone(whenGone(abort, target, clock));
        },
      });
      if (answer.status < 400) quotas.note(target.name, answer.headers, answer.status);
      const limits = { clock, holdsPreamble: !this.step.isLast, longestHoldMs };
      const reply = await readAnswer(answer, target, prompt, words, limits);
      if (this.#isAbandoned) {
        await reply.body[Symbol.asyncIterator]().return?.();
        throw new Error('another was faster');
      }
      // Only a stream can turn out to be none later. On documents the link would keep the whole call alive into the old generation.
      if (reply.streamed) reply.brokeOff = this.#brokeOff;
      this.answer = reply;
      this.#begun(reply, trail);
      return reply;
    } catch (error) {
      this.#stay?.();
      if (!this.#isAbandoned) this.#failed(error, prompt);
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
    const { name } = this.step.member.target;
    // A probe is over when the answer has begun: a long stream must not keep a target from coming back. Of all others the end is waited for, or one that always breaks off would never be found out.
    if (this.#upstream.breakers.state(name) !== 'closed') {
      this.#isProbeTold = true;
      this.#upstream.breakers.note(name, this.step.pass, 'ok');
    }
    this.#rememberResponse(reply);
    trail.whenOver(this.#over);
  }

  /** What goes on from a response that its provider keeps must come back here. */
  #rememberResponse({ dialect, whole, body }: Reply): void {
    if (dialect !== 'openai-responses' || this.#options.isOnly) return;
    const head = whole ?? (body instanceof HeldBody ? body.held[0] : undefined);
    const id = head === undefined ? undefined : responseIdIn(head);
    if (id !== undefined) this.#upstream.balancer.bind({ key: id, isHard: true }, this.step.member.target.name);
  }

  readonly #brokeOff = (why: string): void => this.#judge('failed', why);

  /** The call is over, and with it this try, which answered it. What the client or the gateway itself ended says nothing of the target. */
  readonly #over = ({ outcome, errorCode, errorMessage, usage }: CallRecord): void => {
    if (outcome === 'client-left') return this.#judge('void', 'the client left');
    if (errorCode === undefined) return this.#judge('ok', '', usage?.outputTokens);
    const isByTarget = errorCode.startsWith('upstream_') || errorCode === 'provider_stream_error';
    this.#judge(isByTarget && !this.#isClientsHaste(errorCode) ? 'failed' : 'void', errorMessage ?? 'it broke off');
  };

  /** Whether a time limit ended the attempt that is the client's own. */
  #isClientsHaste(code: string): boolean {
    const { isHurried, timeouts } = this.#options;
    if (code === 'upstream_first_byte_timeout') return isHurried;
    return code === 'upstream_total_timeout' && timeouts.total !== this.step.member.target.timeouts.total;
  }

  #failed(error: unknown, { call }: Prompt): void {
    if (call.isGone) {
      this.noted.failed('abandoned', 'the client left', undefined);
      this.#noteSpending();
      return this.#judge('void', 'the client left');
    }
    if (!isFailure(error)) {
      this.noted.failed('gave-up', 'not asked', undefined);
      return this.#judge('void', 'not asked');
    }
    const { why, status } = describeFailure(error);
    this.noted.failed('next-target', why, status);
    if (mayBeBilled(error)) this.#noteSpending();
    else this.noted.costNothing();
    this.#learn(error, why);
  }

  /** It came to nothing, and is paid for all the same if the request was on its way. */
  #noteSpending(): void {
    if (this.#abort === undefined) this.noted.costNothing();
    else this.noted.costItsPrompt();
  }

  #learn(failure: Failure, why: string): void {
    const { patience, quotas, clock } = this.#upstream;
    const { name, model } = this.step.member.target;
    if (failure instanceof GatewayError) {
      this.isOutOfTime = this.#isClientsHaste(failure.code);
      if (this.isOutOfTime) return this.#judge('void', why);
      if (failure.code === 'upstream_first_byte_timeout')
        patience.noteGivenUp(model, this.#options.ask.inputTokens, clock.now() - this.#startedAt);
    } else {
      const { kind, retryAfterSeconds } = failure.error;
      if (kind === 'rate-limit') quotas.note(name, failure.headers, 429, retryAfterSeconds);
      // Whoever says when to come back is not asked before.
      else if (retryAfterSeconds !== undefined && evidenceOf(failure) === 'failed')
        quotas.note(name, failure.headers, 503, retryAfterSeconds);
    }
    this.#judge(evidenceOf(failure), why);
  }

  #judge(evidence: 'ok' | 'failed' | 'fatal' | 'limited' | 'void', why: string, outputTokens?: number): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    const { breakers } = this.#upstream;
    // A limit that is reached is no breakage, but a reason to go elsewhere.
    if (!this.#isProbeTold || evidence === 'failed')
      breakers.note(this.step.member.target.name, this.step.pass, evidence === 'limited' ? 'void' : evidence, why);
    this.step.slot?.leave({
      ...(outputTokens !== undefined && { outputTokens }),
      wasOverloaded: evidence === 'limited' || (evidence === 'failed' && this.answer === undefined),
    });
    this.#flight.ended(evidence === 'ok' || evidence === 'void' ? evidence : 'failed', outputTokens);
  }
}

/** A response tells its id first, be it a document or a stream. */
function responseIdIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString('latin1');
  return /"id":\s*"(resp_[^"\\]{1,200})"/.exec(head)?.[1];
}
