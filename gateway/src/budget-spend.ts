import type { HourlySpend } from './admission/budgets/forecast.ts';
import type { BudgetScope } from './core/budget.ts';
import type { UsageFilter, UsageQuery, UsageStore } from './usage/usage-store.ts';

/** More rows than there are keys of one name, or hours in a report. */
const MOST_ROWS = 100_000;

/** What the ledger knows to be spent in a scope from one moment on and up to another, in integer pico-dollars. */
export async function spentIn(
  usage: Pick<UsageStore, 'report'>,
  scope: BudgetScope,
  span: { fromMs: number; toMs: number },
): Promise<number> {
  if (scope.kind === 'key') {
    const { rows } = await usage.report({ ...span, by: ['key'], limit: MOST_ROWS });
    const own = rows.filter(({ of: [id], keyName }) => id === scope.id || keyName === scope.id);
    return Number(own.reduce((sum, { costPico }) => sum + costPico, 0n));
  }
  const reports = await Promise.all(filtersOf(scope).map((filter) => usage.report({ ...span, filter })));
  return Number(reports.reduce((sum, { total }) => sum + total.costPico, 0n));
}

/** The same hour by hour. */
export async function spentHourly(
  usage: Pick<UsageStore, 'report'>,
  scope: BudgetScope,
  span: { fromMs: number; toMs: number },
): Promise<HourlySpend[]> {
  const hourly: UsageQuery = { ...span, each: 'hour', limit: MOST_ROWS };
  if (scope.kind === 'key') {
    const { rows } = await usage.report({ ...hourly, by: ['key'] });
    const own = rows.filter(({ of: [id], keyName }) => id === scope.id || keyName === scope.id);
    return own.map(({ startsAtMs = 0, costPico }) => ({ startsAtMs, costPico: Number(costPico) }));
  }
  const reports = await Promise.all(filtersOf(scope).map((filter) => usage.report({ ...hourly, filter })));
  return reports.flatMap(({ rows }) =>
    rows.map(({ startsAtMs = 0, costPico }) => ({ startsAtMs, costPico: Number(costPico) })),
  );
}

/** A model's id may be `provider/model`, and a provider's own name of a model may hold a slash: both are asked for. */
function filtersOf({ kind, id }: BudgetScope): UsageFilter[] {
  switch (kind) {
    case 'gateway':
      return [{}];
    case 'tag': {
      const equals = id.indexOf('=');
      return [{ [`tag:${id.slice(0, equals)}`]: [id.slice(equals + 1)] }];
    }
    case 'model': {
      const slash = id.indexOf('/');
      const named = { model: [id] };
      return slash === -1 ? [named] : [named, { provider: [id.slice(0, slash)], model: [id.slice(slash + 1)] }];
    }
    default:
      return [{ [kind]: [id] }];
  }
}
