import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
import type { Claim, Gate, Gates, Outcome, Taken } from '../core/limits.ts';
import { type Plan, targetsOf } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { CallRecord } from '../core/record.ts';
import type { Ticket } from '../core/ticket.ts';
import { askedOutput } from './asked-output.ts';
import type { BudgetBook } from './budgets/budget-book.ts';
import type { GateFinder } from './find-gates.ts';
import { limitHeaders } from './limit-headers.ts';
import type { OutputLengths } from './output-lengths.ts';
import { rateLimited } from './rate-limited.ts';
import { costOf, type TokenCount, usedTokens } from './token-count.ts';

/** What every ticket of a door needs. */
export interface TicketRoom {
  clock: Pick<Clock, 'wallMs'>;
  gates: Gates;
  budgets: BudgetBook | undefined;
  finder: GateFinder;
  lengths: OutputLengths;
  countsCachedInput: boolean;
  /** The call is over. */
  leave(): void;
}

/** The ticket of a call with limits: requests and slots are taken at the door, tokens, money and what depends on the target when the plan is known. */
export class LimitedTicket implements Ticket {
  readonly #room: TicketRoom;
  readonly #caller: Caller;
  readonly #call: Call;
  readonly #taken: Taken | undefined;
  readonly #later: readonly Gate[];
  #reserved: Taken | undefined;
  #isRefused = false;
  #isSettled = false;

  /** `taken`: what was taken at the door. `later`: the caller's gates that count tokens. */
  constructor(room: TicketRoom, who: { caller: Caller; call: Call }, taken: Taken | undefined, later: readonly Gate[]) {
    this.#room = room;
    this.#caller = who.caller;
    this.#call = who.call;
    this.#taken = taken;
    this.#later = later;
  }

  reserve(plan: Plan, prompt: Prompt): void | Promise<void> {
    const claims = this.#claimsFor(plan, prompt);
    if (claims.length === 0) return undefined;
    const outcome = this.#room.gates.take(claims);
    return 'isTaken' in outcome ? this.#hold(outcome) : outcome.then((awaited) => this.#hold(awaited));
  }

  settle(record: CallRecord): void {
    if (this.#isSettled) throw new Error(`The ticket of ${this.#call.id} was settled twice.`);
    this.#isSettled = true;
    this.#room.leave();
    if (this.#taken !== undefined) this.#settle(this.#taken, record, undefined);
    if (this.#reserved === undefined) return;
    this.#settle(this.#reserved, record, usedTokens(record, this.#room.countsCachedInput));
    const { outcome, keyId, modelAsked, usage } = record;
    if (outcome === 'complete' && keyId !== undefined && usage !== undefined)
      this.#room.lengths.learn(keyId, modelAsked, usage.outputTokens);
  }

  /** Undefined where no limit has a header. */
  get headers(): Record<string, string> {
    return limitHeaders([this.#taken, this.#reserved], this.#call.dialect, this.#room.clock.wallMs())!;
  }

  #claimsFor(plan: Plan, prompt: Prompt): Claim[] {
    const money = this.#room.budgets?.claimsOf(this.#caller, this.#call, plan, prompt);
    const limits = this.#limitClaims(plan, prompt);
    return money === undefined || money.length === 0 ? limits : [...limits, ...money];
  }

  #limitClaims(plan: Plan, prompt: Prompt): Claim[] {
    const { finder } = this.#room;
    let gates = this.#later;
    // What is asked first is what is counted: where a call moves on to another target, it moves on within the same limits.
    const target = finder.asksTarget(this.#caller) ? targetsOf(plan)[0] : undefined;
    if (target !== undefined) gates = [...gates, ...finder.ofTarget(this.#caller, this.#call, target)];
    if (this.#call.operation === 'count-tokens') gates = gates.filter(({ kind }) => kind !== 'tokens');
    if (gates.length === 0) return [];
    const expected = gates.some(({ kind }) => kind === 'tokens') ? this.#expectTokens(prompt) : { input: 0, output: 0 };
    return gates.map((gate) => ({ gate, cost: costOf(gate, expected) }));
  }

  /** What answers to this key from this model are usually held to: most callers allow for far more than they get. */
  #expectTokens(prompt: Prompt): TokenCount {
    const { operation } = this.#call;
    const input = prompt.inputTokens();
    if (operation !== 'chat' && operation !== 'completions') return { input, output: 0 };
    const usual = this.#room.lengths.expect(this.#caller.keyId, this.#call.model);
    return { input, output: Math.min(askedOutput(this.#call) ?? usual, usual) };
  }

  #hold(outcome: Outcome): void {
    const { budgets } = this.#room;
    if (outcome.isTaken) {
      this.#reserved = outcome;
      budgets?.took(outcome);
      return;
    }
    this.#isRefused = true;
    if (outcome.gate.kind === 'sum' && budgets !== undefined) throw budgets.refusal(outcome);
    throw rateLimited(outcome, this.#call, this.#room.clock.wallMs());
  }

  #settle(held: Taken, record: CallRecord, used: TokenCount | undefined): void {
    // A call that its tokens kept out was no request either: all or nothing.
    const costs = held.claims.map(({ gate, cost }) => {
      if (this.#isRefused) return 0;
      if (gate.kind === 'sum') return this.#room.budgets?.settle(gate, cost, record) ?? cost;
      return gate.kind === 'tokens' && used !== undefined ? costOf(gate, used) : cost;
    });
    this.#room.gates.settle(held, costs);
  }
}
