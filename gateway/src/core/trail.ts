import type { Usage } from '@xidao/dialects';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Clock } from './clock.ts';
import { asGatewayError } from './errors.ts';
import type { Plan } from './plan.ts';
import type { Prompt } from './prompt.ts';
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

/** The price list, as far as a record tells of it. */
export interface Pricing {
  version(): string;
  /** What the team is charged for this cost; undefined: what it cost. Absent where no team is charged anything else. */
  charge?: (costPicoUsd: number, team: string | undefined, at: Whereabouts) => number | undefined;
}

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
  readonly #pricing: Pricing | undefined;
  /** The attempt whose answer the client gets, as far as is known. */
  #answering: Attempt | undefined;
  /** True: the client was told another usage than the last attempt's own. */
  #isTold = false;

  constructor(call: Call, clock: Clock, follow?: Follow, pricing?: Pricing) {
    this.#clock = clock;
    this.#follow = follow;
    this.#pricing = pricing;
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

  /** A further attempt begins. With the prompt, what it read can be estimated where nobody tells. */
  attempt(target: Target, isHedge = false, prompt?: Prompt): Attempt {
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
    const noted: Attempt = new Attempt(attempt, target, prompt, {
      waited: () => {
        const waited = this.#clock.now() - startedAt;
        // Of attempts that run side by side, the time is spent once.
        if (!isHedge) this.#waitedMs += waited;
        return waited;
      },
      isTheAnswer: () => {
        this.#answering = noted;
        this.record.provider = target.provider;
        this.record.modelServed = target.model;
        this.#moveTo({ provider: target.provider, model: target.model });
      },
    });
    this.#answering = noted;
    return noted;
  }

  /** The prompt as the attempt that answers was asked it. */
  get prompt(): Prompt | undefined {
    return this.#answering?.prompt;
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

  /** What the attempt that answers has used, as its provider counts it. */
  measured(usage: Usage, costPicoUsd: number | undefined): void {
    this.#used(usage, 'measured', costPicoUsd);
  }

  /** The same, as far as it can be told without the provider. */
  estimated(usage: Usage, costPicoUsd: number | undefined): void {
    this.#used(usage, 'estimated', costPicoUsd);
  }

  /** What the client is told that it used, where several attempts made one answer. */
  told(usage: Usage): void {
    this.#isTold = true;
    this.record.usage = usage;
    this.record.usageSource = 'estimated';
  }

  #used(usage: Usage, source: 'measured' | 'estimated', costPicoUsd: number | undefined): void {
    const { record } = this;
    this.#answering?.note(usage, source, costPicoUsd);
    if (!this.#isTold) {
      record.usage = usage;
      record.usageSource = source;
    }
    if (this.#answering === undefined) setCost(record, costPicoUsd);
    else addUp(record);
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
    if (this.record.attempts.length > 0) this.#reckon();
    if (this.#whenOver !== undefined) for (const then of this.#whenOver) then(this.record);
    return this.record;
  }

  #reckon(): void {
    const { record } = this;
    addUp(record);
    const pricing = this.#pricing;
    if (pricing === undefined) return;
    record.priceVersion = pricing.version();
    if (pricing.charge !== undefined) charge(record, pricing.charge);
  }

  #moveTo(to: Whereabouts | undefined): void {
    this.#follow?.(this.#at, to);
    this.#at = to;
  }
}

/** What an attempt has used that its provider refused. */
const NOTHING: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });

/** One attempt on the trail. */
export class Attempt {
  readonly prompt: Prompt | undefined;
  readonly #record: AttemptRecord;
  readonly #target: Target;
  readonly #call: { waited: () => number; isTheAnswer: () => void };

  constructor(
    record: AttemptRecord,
    target: Target,
    prompt: Prompt | undefined,
    call: { waited: () => number; isTheAnswer: () => void },
  ) {
    this.#record = record;
    this.#target = target;
    this.prompt = prompt;
    this.#call = call;
  }

  /** What it used and cost itself. */
  note(usage: Usage, source: 'measured' | 'estimated', costPicoUsd: number | undefined): void {
    const record = this.#record;
    record.usage = usage;
    record.usageSource = source;
    if (costPicoUsd === undefined) delete record.costPicoUsd;
    else record.costPicoUsd = costPicoUsd;
  }

  /** Its provider refused, or was never reached: nothing is billed. */
  costNothing(): void {
    this.note(NOTHING, 'measured', 0);
  }

  /** Its provider has the prompt and told nothing: what is billed for reading it is estimated. */
  costItsPrompt(): void {
    if (this.prompt === undefined) return;
    const usage = { inputTokens: this.prompt.inputTokens(), outputTokens: 0 };
    this.note(usage, 'estimated', this.#target.cost(usage));
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

/** The sum over all attempts: who pays must see it all. What has no price is not in it, and said. */
function addUp(record: CallRecord): void {
  let sum = 0;
  let isKnown = false;
  let isWhole = true;
  for (const { costPicoUsd, usage, verdict } of record.attempts) {
    if (costPicoUsd !== undefined) {
      sum += costPicoUsd;
      isKnown = true;
    } else if (usage !== undefined) {
      isWhole = false;
      record.isUnpriced = true;
    } else if (verdict === 'answered') isWhole = false;
  }
  setCost(record, isKnown && (isWhole || sum > 0) ? sum : undefined);
}

function setCost(record: CallRecord, costPicoUsd: number | undefined): void {
  if (costPicoUsd === undefined) delete record.costPicoUsd;
  else record.costPicoUsd = costPicoUsd;
}

function charge(record: CallRecord, chargeFor: NonNullable<Pricing['charge']>): void {
  if (record.costPicoUsd === undefined) return;
  let sum = 0;
  let isCharged = false;
  for (const attempt of record.attempts) {
    if (attempt.costPicoUsd === undefined) continue;
    const charged = chargeFor(attempt.costPicoUsd, record.team, attempt);
    isCharged ||= charged !== undefined;
    sum += charged ?? attempt.costPicoUsd;
  }
  if (isCharged) record.chargedPicoUsd = sum;
}

function noteTraceId(record: CallRecord, call: Call): void {
  const traceparent = call.headers['traceparent'];
  if (typeof traceparent !== 'string') return;
  // W3C Trace Context: version-traceid-parentid-flags.
  const match = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(traceparent);
  if (match !== null) record.traceId = match[1]!;
}

export type { Outcome };
