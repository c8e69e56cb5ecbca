import { createAdmission } from '../../src/admission/admit.ts';
import { type BudgetBookDeps, createBudgetBook } from '../../src/admission/budgets/budget-book.ts';
import { createMemoryGates } from '../../src/admission/gates/memory-gates.ts';
import { budgetsSchema, readBudgets } from '../../src/config/schema/budgets.ts';
import { readRateLimit } from '../../src/config/schema/limits.ts';
import type { BudgetNews, BudgetScope } from '../../src/core/budget.ts';
import type { Call } from '../../src/core/call.ts';
import type { Caller } from '../../src/core/caller.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import type { AttemptRecord, CallRecord } from '../../src/core/record.ts';
import type { Target } from '../../src/core/target.ts';
import type { Ticket } from '../../src/core/ticket.ts';

export const DOLLAR = 1e12;

/** A door with budgets alone, and a clock that stands still. */
export function aBook(budgets: object[], deps: Partial<BudgetBookDeps> & { unpricedIs?: 'allow' | 'refuse' } = {}) {
  const clock = {
    ms: Date.UTC(2026, 10, 20, 12),
    now: () => clock.ms,
    wallMs: () => clock.ms,
    setTimeout: (run: () => void) => {
      timers.push(run);
      return { cancel() {} };
    },
  };
  const timers: (() => void)[] = [];
  const news: BudgetNews[] = [];
  const unpriced: string[] = [];
  const gates = createMemoryGates({ clock });
  const book = createBudgetBook({
    ...{ clock, gates, onNews: (one) => void news.push(one), onUnpriced: (target) => void unpriced.push(target) },
    spentSince: async (_scope: BudgetScope, _fromMs: number) => 0,
    onFailure(error) {
      throw error;
    },
    unpriced: () => deps.unpricedIs ?? 'allow',
    ...deps,
  });
  const configure = (list: object[]) =>
    book.replace('config', readBudgets(budgetsSchema.parse(list.map((one) => ({ amount_usd: 10, ...one })))));
  configure(budgets);
  const door = createAdmission({ clock, gates, budgets: book }).under(readRateLimit({}));
  return {
    book,
    clock,
    timers,
    news,
    unpriced,
    configure,
    enter: (caller: Caller, call: Call) => door.admit(caller, call) as Ticket,
  };
}

export function aCall({
  maxTokens,
  headers = {},
  body = {},
}: {
  maxTokens?: number;
  headers?: object;
  body?: object;
} = {}): Call {
  const bytes = Buffer.from(JSON.stringify({ ...(maxTokens !== undefined && { max_tokens: maxTokens }), ...body }));
  return {
    ...{ id: 'call_1', dialect: 'openai-chat', bodyDialect: 'openai-chat', operation: 'chat', model: 'm' },
    ...{ bytes, headers, body: { start: 0, isEmpty: false, values: {}, isPlain: true }, remoteAddress: '10.0.0.1' },
  } as unknown as Call;
}

/** Each token of output costs so many micro-dollars, input nothing; null: nobody knows. */
export function aTarget(name: string, microDollars: number | null = 1, facts: Target['facts'] = {}): Target {
  const [provider, model] = name.split('/') as [string, string];
  const cost = ({ outputTokens }: { outputTokens: number }) =>
    microDollars === null ? undefined : outputTokens * microDollars * 1e6;
  return { name, provider, model, facts, cost } as unknown as Target;
}

export function aPlan(...groups: (Target | Target[])[]): Plan {
  return {
    groups: groups.map((targets) => ({
      name: 'g',
      strategy: 'priority',
      members: [targets].flat().map((target) => ({ target, weight: 1, priority: 0 })),
    })),
    reason: 'exact',
  };
}

export const aPrompt = (call: Call, caller: Caller): Prompt =>
  ({ call, caller, inputTokens: () => 0 }) as unknown as Prompt;

/** The record of a call that cost so much at each of these targets; undefined: nobody knows. */
export function aRecord(costs: Record<string, number | undefined>, some: Partial<CallRecord> = {}): CallRecord {
  const attempts = Object.entries(costs).map(([name, costPicoUsd]) => {
    const [provider, model] = name.split('/') as [string, string];
    const known = costPicoUsd !== undefined && { costPicoUsd, usage: { inputTokens: 0, outputTokens: 1 } };
    return { provider, model, startedMs: 0, verdict: 'answered', ...known } as AttemptRecord;
  });
  return { outcome: 'complete', status: 200, keyId: 'key_1', attempts, ...some } as CallRecord;
}
