import { type Budget, writeDollars, writeScope } from '../../core/budget.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Refused } from '../../core/limits.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import type { BudgetWindow } from './budget-window.ts';

/** Trying again brings no money: clients that would do so by the status alone are told. */
const FINAL = { headers: { 'x-should-retry': 'false' } };

const PERIOD: Record<Budget['period'], string> = {
  hourly: 'an hour',
  daily: 'a day',
  weekly: 'a week',
  monthly: 'a month',
  total: 'in all',
};

/** The refusal of a budget, naming it, its amount, what is used of it, and when it starts anew. */
export function budgetExceeded(budget: Budget, { endsAtMs }: BudgetWindow, { cost, used }: Refused): GatewayError {
  const whose = `The budget "${budget.name}" of ${writeScope(budget.scope)}`;
  const amount = `${writeDollars(budget.amountPico)} ${PERIOD[budget.period]}`;
  const end = budget.period === 'total' ? 'It does not start anew.' : `It starts anew at ${isoIn(budget, endsAtMs)}.`;
  const message =
    cost > budget.amountPico
      ? `${whose} is ${amount}, and this call alone can cost ${writeDollars(cost)}: ask for fewer output tokens.`
      : `${whose} is used up: ${writeDollars(used)} of ${amount} are spent or held for calls under way, and this call can cost ${writeDollars(cost)}. ${end}`;
  return new GatewayError('budget_exceeded', message, FINAL);
}

/** The refusal of `X-Budget-Limit`. */
export function aboveOwnLimit(costPico: number, limitPico: number): GatewayError {
  return new GatewayError(
    'budget_exceeded',
    `This call can cost ${writeDollars(costPico)}, and its X-Budget-Limit is ${writeDollars(limitPico)}: raise it, or ask for fewer output tokens.`,
    FINAL,
  );
}

export function priceUnknown(targets: readonly string[], why: string): GatewayError {
  return new GatewayError(
    'price_unknown',
    `No price is known of ${targets.slice(0, 5).join(', ')}, so ${why}. Its price can be written under providers.NAME.models.`,
    FINAL,
  );
}

/** What the client allows one call to cost, in pico-dollars. Throws `invalid_request` for what is no amount. */
export function readOwnLimit(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim().replace(/^\$/, '');
  if (/^\d{1,9}(\.\d{1,12})?$/.test(text)) return Math.round(Number(text) * PICO_PER_DOLLAR);
  throw new GatewayError('invalid_request', 'X-Budget-Limit is an amount in US dollars, such as 0.05.', {
    param: 'x-budget-limit',
  });
}

/** A moment with the offset of the budget's own zone. */
function isoIn({ timezone }: Budget, ms: number): string {
  if (timezone === 'UTC') return new Date(ms).toISOString().replace('.000Z', 'Z');
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' });
  return `${shown.format(ms)} (${timezone})`;
}
