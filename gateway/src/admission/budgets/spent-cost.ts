import type { BudgetScope } from '../../core/budget.ts';
import type { AttemptRecord, CallRecord } from '../../core/record.ts';

/**
 * What a call cost, with all its attempts, in integer pico-dollars; for the budget of a model, its own attempts alone. Undefined: it was answered and nobody
 * knows with what usage, so that what was held has to do.
 */
export function spentCost(record: CallRecord, { kind, id }: BudgetScope): number | undefined {
  if (kind !== 'model' && record.attempts.length === 0) return record.costPicoUsd ?? 0;
  let cost = 0;
  for (const attempt of record.attempts) {
    if (kind === 'model' && !isModel(id, attempt.provider, attempt.model)) continue;
    if (isUnknown(attempt)) return undefined;
    cost += attempt.costPicoUsd ?? 0;
  }
  return cost;
}

function isUnknown({ verdict, status = 200, usage, costPicoUsd }: AttemptRecord): boolean {
  return verdict === 'answered' && status < 400 && usage === undefined && costPicoUsd === undefined;
}

/** Whether the model of a budget, written alone or with its provider, is this one. */
export function isModel(id: string, provider: string | undefined, model: string | undefined): boolean {
  return model !== undefined && (id === model || id === `${provider}/${model}`);
}
