import type { BudgetScopeKind } from '../../core/budget.ts';
import type { Caller } from '../../core/caller.ts';
import type { BudgetAccount } from './budget-account.ts';

/** Finds whose budgets hold for a caller. */
export interface BudgetIndex {
  /** Every budget that holds for all calls of this caller. The same list for the same caller. */
  ofCaller(caller: Caller): readonly BudgetAccount[];
  /** Budgets of models; which of them hold is told by the plan. */
  readonly ofModels: readonly BudgetAccount[];
}

const NONE: readonly BudgetAccount[] = [];

export function indexBudgets(accounts: Iterable<BudgetAccount>): BudgetIndex {
  const byScope = new Map<string, BudgetAccount[]>();
  const ofModels: BudgetAccount[] = [];
  for (const account of accounts) {
    const { kind, id } = account.budget.scope;
    if (kind === 'model') {
      ofModels.push(account);
      continue;
    }
    const place = `${kind}\n${id}`;
    byScope.set(place, [...(byScope.get(place) ?? []), account]);
  }
  // Callers are the same objects from call to call.
  const known = new WeakMap<Caller, readonly BudgetAccount[]>();

  function gather(caller: Caller): readonly BudgetAccount[] {
    const found: BudgetAccount[] = [];
    const add = (kind: BudgetScopeKind, id: string | undefined) => {
      if (id !== undefined) found.push(...(byScope.get(`${kind}\n${id}`) ?? NONE));
    };
    add('gateway', '');
    add('organisation', caller.organisation);
    add('team', caller.team);
    add('project', caller.project);
    add('user', caller.user);
    add('key', caller.keyName);
    if (caller.keyId !== caller.keyName) add('key', caller.keyId);
    for (const [name, value] of Object.entries(caller.tags ?? {})) add('tag', `${name}=${value}`);
    return found.length === 0 ? NONE : found;
  }

  return {
    ofModels,
    ofCaller(caller) {
      if (byScope.size === 0) return NONE;
      const before = known.get(caller);
      if (before !== undefined) return before;
      const found = gather(caller);
      known.set(caller, found);
      return found;
    },
  };
}
