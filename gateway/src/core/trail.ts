import type { Usage } from '@xidao/dialects';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Clock } from './clock.ts';
import { asGatewayError } from './errors.ts';
import type { Plan } from './plan.ts';
import type { AttemptRecord, CallRecord, Outcome, Verdict } from './record.ts';
import type { Ending, Reply } from './reply.ts';
import type { Target } from './target.ts';

/** Where a call is being answered. */
export interface Whereabouts {
  provider: string;
  model: string;
}

/** Told when a call comes to a target, moves on to another, or is over. */
export type Follow = (from: Whereabouts | undefined, to: Whereabouts | undefined) => void;

/** Writes down what happens to one call while it happens, and gives the finished record at its end. */
export class Trail {
  readonly record: CallRecord;
  /** What the gateway itself did wrong, if it did. */
  fault: unknown;
  /** What the client is told of its limits, with whatever answer it gets. */
  headers: Readonly<Record<string, string>> | undefined;
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** Milliseconds that the call spent waiting for upstreams before its answer began. */
  #waitedMs = 0;
  #isSettled = false;
  readonly #follow: Follow | undefined;
  #at: Whereabouts | undefined;
  #whenOver: ((record: CallRecord) => void)[] | undefined;

  constructor(call: Call, clock: Clock, follow?: Follow) {
    this.#clock = clock;
    this.#follow = follow;
    this.#startedAt = call.startedAt;
    this.record = {
      id: call.id,
      startedAtMs: call.startedAtMs,
      dialect: call.dialect,
      operation: call.operation,
      path: call.path,
      modelAsked: call.model,
      status: 0,
      outcome: 'failed',
      streamed: call.wantsStream,
      attempts: [],
      usageSource: 'none',
      bytesIn: call.bytes.length,
      bytesOut: 0,
      durationMs: 0,
    };
    noteTraceId(this.record, call);
  }

  identified(caller: Caller): void {
    const record = this.record;
    record.keyId = caller.keyId;
    record.keyName = caller.keyName;
    if (caller.organisation !== undefined) record.organisation = caller.organisation;
    if (caller.session !== undefined) record.session = caller.session;
    if (caller.tags !== undefined) record.tags = caller.tags;
    if (caller.team !== undefined) record.team = caller.team;
    if (caller.project !== undefined) record.project = caller.project;
    if (caller.user !== undefined) record.user = caller.user;
  }

  planned(plan: Plan): void {
    this.record.route = plan.reason;
    if (plan.notice !== undefined) this.record.notice = plan.notice;
    if (plan.decision !== undefined) this.record.decision = plan.decision;
    if (plan.decision?.variant !== undefined) this.record.variant = plan.decision.variant;
  }

  /** This call is a copy of another, and nobody sees its answer. */
  shadows(name: string, callId: string): void {
    this.record.shadow = name;
    this.record.shadowOf = callId;
  }

  /** A further attempt begins. */
  attempt(target: Target, isHedge = false): Attempt {
    const startedAt = this.#clock.now();
    const attempt: AttemptRecord = {
      provider: target.provider,
      model: target.model,
      startedMs: startedAt - this.#startedAt,
      verdict: 'pending',
    };
    if (isHedge) attempt.isHedge = true;
    this.record.attempts.push(attempt);
    this.record.provider = target.provider;
    this.record.modelServed = target.model;
    this.#moveTo({ provider: target.provider, model: target.model });
    return new Attempt(attempt, {
      waited: () => {
        const waited = this.#clock.now() - startedAt;
        // Of attempts that run side by side, the time is spent once.
        if (!isHedge) this.#waitedMs += waited;
        return waited;
      },
      isTheAnswer: () => {
        this.record.provider = target.provider;
        this.record.modelServed = target.model;
        this.#moveTo({ provider: target.provider, model: target.model });
      },
    });
  }

  /** Milliseconds spent waiting for a target to be ready again. */
  paused(milliseconds: number): void {
    this.#waitedMs += milliseconds;
  }

  /** The answer begins: what the client sees from here on is this reply. */
  answered(reply: Reply): void {
    const sinceStart = this.#clock.now() - this.#startedAt;
    this.record.status = reply.status;
    this.record.streamed = reply.streamed;
    this.record.firstByteMs = sinceStart;
    this.record.overheadMs = sinceStart - this.#waitedMs;
    if (reply.receipt !== undefined && reply.receipt.dropped.length + reply.receipt.changed.length > 0)
      this.record.receipt = reply.receipt;
  }

  measured(usage: Usage, costPicoUsd: number | undefined): void {
    this.record.usage = usage;
    this.record.usageSource = 'measured';
    if (costPicoUsd === undefined) delete this.record.costPicoUsd;
    else this.record.costPicoUsd = costPicoUsd;
  }

  estimated(usage: Usage, costPicoUsd: number | undefined): void {
    this.measured(usage, costPicoUsd);
    this.record.usageSource = 'estimated';
  }

  fail(error: unknown): void {
    const known = asGatewayError(error);
    if (known.code === 'internal_error') this.fault = error;
    this.record.errorCode = known.code;
    this.record.errorMessage = known.message;
    this.record.outcome = known.status < 500 ? 'refused' : 'failed';
  }

  /** An answer that is itself an error of the provider, passed on to the client. */
  failedUpstream(code: string, message: string): void {
    this.record.errorCode = code;
    this.record.errorMessage = message;
  }

  end(ending: Ending): void {
    this.record.bytesOut = ending.bytes;
    if (ending.name === 'complete') {
      if (this.record.errorCode === undefined) this.record.outcome = 'complete';
      else if (this.record.outcome !== 'refused') this.record.outcome = 'failed';
      return;
    }
    if (ending.name === 'client-left') {
      this.record.outcome = 'client-left';
      if (ending.bytes === 0) this.record.status = 499;
      // What failed because nobody waited for it any more is no error.
      delete this.record.errorCode;
      delete this.record.errorMessage;
      return;
    }
    this.fail(ending.error);
    this.record.outcome = 'broken-off';
  }

  /** Runs when the call is over, with its finished record. */
  whenOver(then: (record: CallRecord) => void): void {
    this.#whenOver ??= [];
    this.#whenOver.push(then);
  }

  /** The finished record; asked for once. */
  settle(): CallRecord {
    if (this.#isSettled) throw new Error(`The call ${this.record.id} was settled twice.`);
    this.#isSettled = true;
    this.#moveTo(undefined);
    this.record.durationMs = this.#clock.now() - this.#startedAt;
    if (this.#whenOver !== undefined) for (const then of this.#whenOver) then(this.record);
    return this.record;
  }

  #moveTo(to: Whereabouts | undefined): void {
    this.#follow?.(this.#at, to);
    this.#at = to;
  }
}

/** One attempt on the trail. */
export class Attempt {
  readonly #record: AttemptRecord;
  readonly #call: { waited: () => number; isTheAnswer: () => void };

  constructor(record: AttemptRecord, call: { waited: () => number; isTheAnswer: () => void }) {
    this.#record = record;
    this.#call = call;
  }

  /** Of several that ran side by side, this is the one whose answer the client gets. */
  isTheAnswer(): void {
    this.#call.isTheAnswer();
  }

  answered(status: number): void {
    this.#record.status = status;
    this.#record.firstByteMs = this.#call.waited();
    this.#record.verdict = 'answered';
  }

  failed(verdict: Verdict, why: string, status: number | undefined): void {
    this.#call.waited();
    this.#record.verdict = verdict;
    this.#record.why = why;
    if (status !== undefined) this.#record.status = status;
  }

  /** What the gateway did after a failure, once that is known. */
  decide(verdict: Verdict): void {
    this.#record.verdict = verdict;
  }
}

function noteTraceId(record: CallRecord, call: Call): void {
  const traceparent = call.headers['traceparent'];
  if (typeof traceparent !== 'string') return;
  // W3C Trace Context: version-traceid-parentid-flags.
  const match = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(traceparent);
  if (match !== null) record.traceId = match[1]!;
}

export type { Outcome };
