import { type Budget, type BudgetNews, writeDollars, writeScope } from '../core/budget.ts';
import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { AlertWish } from './alerts.ts';

const PERIOD: Record<Budget['period'], string> = {
  hourly: 'this hour',
  daily: 'today',
  weekly: 'this week',
  monthly: 'this month',
  total: 'in all',
};

const CONSEQUENCE = {
  alert: '',
  degrade: ' From now on its calls are made cheaper.',
  refuse: ' From now on calls are refused that could spend more.',
} as const;

const SEVERITY = { alert: 'warning', degrade: 'warning', refuse: 'critical' } as const;

/** What people are told when a budget passes a threshold: once for each window, threshold and amount. */
export function budgetAlert(news: BudgetNews): AlertWish {
  const { budget, threshold, spentPico, windowStartsAtMs, windowEndsAtMs } = news;
  const { name, scope, period, amountPico, timezone, channels, webhook } = budget;
  const share = amountPico === 0 ? 100 : Math.floor((spentPico / amountPico) * 100);
  const whose = writeScope(scope);
  const isUsedUp = spentPico >= threshold.at * amountPico;
  const state = threshold.action === 'refuse' ? (isUsedUp ? 'is used up' : 'refuses calls') : `is used to ${share} %`;
  const end = period === 'total' ? '' : ` It starts anew at ${new Date(windowEndsAtMs).toISOString()}.`;
  return {
    key: `budget:${budget.id}:${windowStartsAtMs}:${threshold.at}:${amountPico}`,
    kind: 'budget.threshold',
    severity: SEVERITY[threshold.action],
    title: `The budget "${name}" ${state}`,
    text: `${writeDollars(spentPico)} of ${writeDollars(amountPico)} ${PERIOD[period]} are spent by ${whose}.${CONSEQUENCE[threshold.action]}${end}`,
    facts: {
      ...{ budget_id: budget.id, budget: name, scope: scope.kind, scope_id: scope.id, period, timezone },
      ...{ amount_usd: amountPico / PICO_PER_DOLLAR, spent_usd: spentPico / PICO_PER_DOLLAR },
      ...{ threshold: threshold.at, action: threshold.action },
      window_starts_at: new Date(windowStartsAtMs).toISOString(),
      window_ends_at: period === 'total' ? null : new Date(windowEndsAtMs).toISOString(),
    },
    ...(channels !== undefined && { channels }),
    ...(webhook !== undefined && { webhook }),
  };
}
