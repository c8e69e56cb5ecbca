import type { Budget, BudgetNews, BudgetScope, BudgetStanding, Thrift } from '../../core/budget.ts';
import { lowerTier } from '../../core/budget.ts';
import type { Call } from '../../core/call.ts';
import type { Caller } from '../../core/caller.ts';
import type { Clock } from '../../core/clock.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Claim, Gate, Gates, Refused, SumGate, Taken } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { Prompt } from '../../core/prompt.ts';
import type { CallRecord } from '../../core/record.ts';
import type { Target } from '../../core/target.ts';
import { type BudgetAccount, hasPassed, noteRefused, noteSpent, openAccount, turnPage } from './budget-account.ts';
import { indexBudgets } from './budget-index.ts';
import { aboveOwnLimit, budgetExceeded, priceUnknown, readOwnLimit } from './refuse-budget.ts';
import { isModel, spentCost } from './spent-cost.ts';
import { targetsAsked, worstCase } from './worst-case.ts';

/** What may be spent, and what is. Furniture: it outlives a reload. */
export interface BudgetBook {
  /** Puts these in the place of all that came from the same source; what is known to be spent stays. */
  replace(source: Budget['source'], budgets: readonly Budget[]): void;
  list(): Budget[];
  /** Whether money matters to this call. Tells the caller how its budgets stand (`budgetUsed`, `costTier`). */
  concern(caller: Caller, call: Call): boolean;
  /** What the call may cost at worst, for each budget. Throws what refuses it before any budget is asked. */
  claimsOf(caller: Caller, call: Call, plan: Plan, prompt: Prompt): Claim[];
  /** Takes note of what a taking told of its sums. */
  took(taken: Taken): void;
  /** The refusal of a sum. */
  refusal(refused: Refused): GatewayError;
  /** What the call has cost at a sum, where so much was held. */
  settle(gate: Gate, heldPico: number, record: CallRecord): number;
  /** A sink: books what no ticket holds, which is copies of calls. */
  take(record: CallRecord): void;
  /** How calls of this caller are to become cheaper. Undefined: not at all. */
  thriftOf(caller: Caller): Thrift | undefined;
  /** Asks the ledger what is spent, of all budgets or of one. What fails is told by `onFailure`, and tried again with the next round. */
  seed(budgetId?: string): Promise<void>;
  /** Seeds again and again, until closed. */
  seedRegularly(everyMs: number): { close(): void };
  /** Undefined: there is no such budget. */
  standingOf(budgetId: string): Promise<BudgetStanding | undefined>;
}

export interface BudgetBookDeps {
  clock: Pick<Clock, 'wallMs' | 'setTimeout'>;
  gates: Gates;
  /** What the ledger knows to be spent since a moment, in integer pico-dollars. */
  spentSince(scope: BudgetScope, fromMs: number): Promise<number>;
  /** Must not throw, and take no time. */
  onNews(news: BudgetNews): void;
  onFailure(error: unknown, budget: Budget): void;
  /** Told once for each target that is asked under a budget though nobody knows its price. */
  onUnpriced(target: string): void;
  /** Whether calls of unknown price may pass a budget. */
  unpriced(): 'allow' | 'refuse';
}

const NO_CLAIMS: Claim[] = [];

export function createBudgetBook(deps: BudgetBookDeps): BudgetBook {
  const { clock, gates } = deps;
  let accounts = new Map<string, BudgetAccount>();
  let index = indexBudgets([]);
  /** There has never been a budget. */
  let isUnused = true;
  const byGate = new WeakMap<Gate, BudgetAccount>();
  const told = new Set<string>();
  const informed = new WeakMap<Caller, readonly BudgetAccount[]>();

  /** What routing may ask a caller. */
  function inform(caller: Caller, own: readonly BudgetAccount[]): void {
    informed.set(caller, own);
    if (own.length > 0) caller.budgetUsed = () => Math.max(...own.map((account) => shareOf(present(account))));
    else {
      delete caller.budgetUsed;
      delete caller.costTier;
    }
  }

  function present(account: BudgetAccount): BudgetAccount {
    return turnPage(account, clock.wallMs());
  }

  const isPresent = (account: BudgetAccount | undefined, gate: Gate): account is BudgetAccount =>
    account !== undefined && (account.gate === gate || account.openGate === gate);

  function note(account: BudgetAccount, spentPico: number): void {
    const news = noteSpent(account, spentPico, clock.wallMs());
    if (news !== undefined) deps.onNews(news);
  }

  /** A budget is known by its id; one whose window is measured otherwise now begins a new account. */
  function accountFor(budget: Budget): BudgetAccount {
    const fresh = openAccount(budget, clock.wallMs());
    const before = accounts.get(budget.id);
    if (before?.openGate.id === fresh.openGate.id && before.window.endsAtMs === fresh.window.endsAtMs)
      note(fresh, before.spentPico);
    return fresh;
  }

  function claim(account: BudgetAccount, { costPico, isOpen }: { costPico: number; isOpen: boolean }): Claim {
    const { gate } = present(account);
    byGate.set(gate, account);
    // A budget that nothing is spent of lets one call pass that leaves its length open.
    return { gate, cost: isOpen && gate.limit > 0 ? Math.min(costPico, gate.limit) : costPico };
  }

  function noteUnpriced(unpriced: readonly string[], claims: readonly Claim[]): void {
    if (unpriced.length === 0 || claims.length === 0) return;
    // A budget that only tells refuses nobody.
    const canRefuse = claims.some(({ gate }) => byGate.get(gate)?.openGate !== gate);
    if (canRefuse && deps.unpriced() === 'refuse')
      throw priceUnknown(unpriced, 'the budgets that hold for this call cannot be kept (budgets.unpriced)');
    for (const target of unpriced) {
      if (told.has(target)) continue;
      told.add(target);
      deps.onUnpriced(target);
    }
  }

  /** Money is held for the models that may be asked first; where a call moves on to another one, that is booked when it is over. */
  function modelClaims(plan: Plan, prompt: Prompt): Claim[] {
    return index.ofModels.flatMap((account) => {
      const { id } = account.budget.scope;
      const isIts = ({ provider, model }: Target) => isModel(id, provider, model);
      if (plan.groups[0]?.members.some(({ target }) => isIts(target)))
        return [claim(account, worstCase(plan, prompt, isIts))];
      return [...targetsAsked(plan)].some(isIts) ? [openClaim(account)] : [];
    });
  }

  /** Holds nothing and passes always. */
  function openClaim(account: BudgetAccount): Claim {
    const { openGate } = present(account);
    byGate.set(openGate, account);
    return { gate: openGate, cost: 0 };
  }

  /** Adds to what is spent without asking whether there is money left. */
  async function charge(account: BudgetAccount, costPico: number): Promise<void> {
    const taken = await gates.take([openClaim(account)]);
    if (!taken.isTaken) return;
    gates.settle(taken, [costPico]);
    note(account, Math.max(account.spentPico, taken.marks[0]!) + costPico);
  }

  async function seedAccount(account: BudgetAccount): Promise<void> {
    try {
      const { window, openGate, budget } = present(account);
      const spent = await deps.spentSince(budget.scope, window.startsAtMs);
      if (account.openGate !== openGate) return;
      if (spent > 0) gates.restore(openGate, spent);
      note(account, spent);
    } catch (error) {
      deps.onFailure(error, account.budget);
    }
  }

  /** Spent and held. A taking of nothing tells both, and changes neither. */
  async function look(account: BudgetAccount): Promise<{ spent: number; held: number }> {
    const outcome = await gates.take([openClaim(account)]);
    if (!outcome.isTaken) return { spent: account.spentPico, held: 0 };
    gates.settle(outcome, [0]);
    return { spent: Math.max(outcome.marks[0]!, account.spentPico), held: outcome.marks[1]! };
  }

  const book: BudgetBook = {
    replace(source, budgets) {
      const kept = [...accounts.values()].filter(({ budget }) => budget.source !== source);
      const all = [...kept, ...budgets.map(accountFor)];
      accounts = new Map(all.map((account) => [account.budget.id, account]));
      isUnused &&= all.length === 0;
      index = indexBudgets(accounts.values());
    },
    list: () => [...accounts.values()].map(({ budget }) => budget),
    concern(caller, call) {
      if (isUnused) return call.headers['x-budget-limit'] !== undefined;
      const own = index.ofCaller(caller);
      const before = informed.get(caller);
      if (before !== own && (before !== undefined || own.length > 0)) inform(caller, own);
      if (own.length > 0) holdToTier(caller, book.thriftOf(caller)?.tier);
      return own.length > 0 || index.ofModels.length > 0 || call.headers['x-budget-limit'] !== undefined;
    },
    claimsOf(caller, call, plan, prompt) {
      const own = index.ofCaller(caller);
      const ownLimit = readOwnLimit(call.headers['x-budget-limit']);
      if (call.operation === 'count-tokens') return NO_CLAIMS;
      if (own.length === 0 && ownLimit === undefined && index.ofModels.length === 0) return NO_CLAIMS;
      const worst = worstCase(plan, prompt);
      if (ownLimit !== undefined) {
        if (worst.unpriced.length > 0) throw priceUnknown(worst.unpriced, 'its X-Budget-Limit cannot be kept');
        if (worst.costPico > ownLimit) throw aboveOwnLimit(worst.costPico, ownLimit);
      }
      const claims = [...own.map((account) => claim(account, worst)), ...modelClaims(plan, prompt)];
      noteUnpriced(worst.unpriced, claims);
      return claims;
    },
    took({ claims, marks }) {
      for (let at = 0; at < claims.length; at++) {
        const account = byGate.get(claims[at]!.gate);
        if (isPresent(account, claims[at]!.gate)) note(account, marks[at * 2]!);
      }
    },
    refusal(refused) {
      const account = byGate.get(refused.gate)!;
      const news = account.gate === refused.gate ? noteRefused(account, refused.cost, clock.wallMs()) : undefined;
      if (news !== undefined) deps.onNews(news);
      return budgetExceeded(
        account.budget,
        { ...account.window, endsAtMs: (refused.gate as SumGate).endsAtMs },
        refused,
      );
    },
    settle(gate, heldPico, record) {
      const account = byGate.get(gate)!;
      const cost = spentCost(record, account.budget.scope) ?? heldPico;
      if (isPresent(account, gate)) note(account, account.spentPico + cost);
      return cost;
    },
    take(record) {
      if (accounts.size === 0 || record.shadowOf === undefined) return;
      for (const account of [...index.ofCaller(callerOf(record)), ...index.ofModels]) {
        const cost = spentCost(record, account.budget.scope) ?? 0;
        if (cost > 0) charge(account, cost).catch((error) => deps.onFailure(error, account.budget));
      }
    },
    thriftOf(caller) {
      let thrift: Thrift | undefined;
      for (const account of index.ofCaller(caller)) {
        const { degrade } = account.budget;
        if (degrade !== undefined && hasPassed(present(account), 'degrade')) thrift = tighter(thrift, degrade);
      }
      return thrift;
    },
    async seed(budgetId) {
      const wanted = [...accounts.values()].filter(({ budget }) => budgetId === undefined || budget.id === budgetId);
      for (const account of wanted) await seedAccount(account);
    },
    seedRegularly(everyMs) {
      let isClosed = false;
      const round = async () => {
        for (const account of accounts.values()) {
          await seedAccount(account);
          // Other nodes have spent too.
          const { spent } = await look(account).catch(() => ({ spent: 0 }));
          note(account, spent);
        }
        if (!isClosed) timer = clock.setTimeout(round, everyMs);
      };
      let timer = clock.setTimeout(round, everyMs);
      return {
        close() {
          isClosed = true;
          timer.cancel();
        },
      };
    },
    async standingOf(budgetId) {
      const account = accounts.get(budgetId);
      if (account === undefined) return undefined;
      const { spent, held } = await look(account);
      const { startsAtMs: windowStartsAtMs, endsAtMs: windowEndsAtMs } = account.window;
      return { spentPico: spent, heldPico: held, windowStartsAtMs, windowEndsAtMs };
    },
  };
  return book;
}

function shareOf({ spentPico, budget }: BudgetAccount): number {
  return budget.amountPico === 0 ? 1 : spentPico / budget.amountPico;
}

function holdToTier(caller: Caller, tier: Thrift['tier']): void {
  if (tier === caller.costTier) return;
  if (tier === undefined) delete caller.costTier;
  else caller.costTier = tier;
}

/** Who called, as far as it matters to budgets. */
function callerOf({ keyId = '', keyName = '', organisation, team, project, user, tags }: CallRecord): Caller {
  return {
    keyId,
    keyName,
    ...(organisation !== undefined && { organisation }),
    ...(team !== undefined && { team }),
    ...(project !== undefined && { project }),
    ...(user !== undefined && { user }),
    ...(tags !== undefined && { tags }),
  };
}

/** Both together. */
function tighter(one: Thrift | undefined, other: Thrift): Thrift {
  const tier = lowerTier(one?.tier, other.tier);
  const maxTokens = Math.min(one?.maxTokens ?? Number.POSITIVE_INFINITY, other.maxTokens ?? Number.POSITIVE_INFINITY);
  return { ...(tier !== undefined && { tier }), ...(Number.isFinite(maxTokens) && { maxTokens }) };
}
