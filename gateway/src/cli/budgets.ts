import { BUDGET_SCOPES } from '../core/budget.ts';
import { type AdminClient, createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import { cleared } from './tenants.ts';
import type { Terminal } from './terminal.ts';

/** A budget as the management API shows it. */
interface BudgetDocument {
  id: string;
  name: string;
  source: string;
  scope: Scope;
  amount_usd: number;
  period: string;
  spent_usd: number;
  held_usd: number;
  remaining_usd: number;
  used: number;
  window_ends_at: string | null;
}

interface BudgetReport extends BudgetDocument {
  burn_per_hour_usd: number;
  burn_per_day_usd: number;
  forecast_usd: number | null;
  exhausted_at: string | null;
  forecast_method: string;
}

interface Scope {
  kind: string;
  id: string;
}

type ScopeOptions = { [kind in (typeof BUDGET_SCOPES)[number]]?: string };

interface Told {
  channel?: string[];
  webhook?: string;
  timezone?: string;
}

export interface SetBudgetOptions extends Common, ScopeOptions, Told {
  amount?: number;
  period?: string;
  at?: string[];
  degradeTier?: string;
  degradeMaxTokens?: number;
  clear?: string[];
}

export interface CostAlertOptions extends Common, ScopeOptions, Told {
  hourlyLimit?: number;
  dailyLimit?: number;
  weeklyLimit?: number;
  monthlyLimit?: number;
  enforce?: boolean;
}

export async function listBudgets(options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const all = await askAll<BudgetDocument>(client, '/budgets');
  if (options.json) return terminal.out(JSON.stringify({ data: all }, null, 2));
  const rows = all.map((budget) => [
    budget.name,
    writeScope(budget.scope),
    `${dollars(budget.amount_usd)} ${budget.period}`,
    dollars(budget.spent_usd),
    `${Math.floor(budget.used * 100)} %`,
    dollars(budget.remaining_usd),
    budget.window_ends_at ?? 'never',
    budget.source,
  ]);
  terminal.out(writeTable(['NAME', 'FOR', 'AMOUNT', 'SPENT', 'USED', 'REMAINING', 'STARTS ANEW', 'SOURCE'], rows));
}

export async function showBudget(name: string, options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const budget = await client.ask<BudgetReport>('GET', placeOf(name));
  if (options.json) return terminal.out(JSON.stringify(budget, null, 2));
  const lines: [string, string][] = [
    ['budget', `${budget.name}, for ${writeScope(budget.scope)}`],
    ['amount', `${dollars(budget.amount_usd)} ${budget.period}`],
    ['spent', `${dollars(budget.spent_usd)} (${Math.floor(budget.used * 100)} %)`],
    ['held', dollars(budget.held_usd)],
    ['remaining', dollars(budget.remaining_usd)],
    ['burn rate', `${dollars(budget.burn_per_hour_usd)} an hour, ${dollars(budget.burn_per_day_usd)} a day`],
    ['forecast', budget.forecast_usd === null ? '-' : `${dollars(budget.forecast_usd)} (${budget.forecast_method})`],
    ['exhausted', budget.exhausted_at ?? 'not in this period'],
    ['starts anew', budget.window_ends_at ?? 'never'],
  ];
  terminal.out(lines.map(([title, text]) => `${title.padEnd(12)}${text}`).join('\n'));
}

export async function setBudget(name: string, options: SetBudgetOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { amount, period, timezone, at, degradeTier: tier, degradeMaxTokens: max_tokens } = options;
  const budget = await put(client, {
    ...{ name, scope: scopeOf(options), amount_usd: amount, period, timezone, ...told(options) },
    thresholds: at?.map(readThreshold),
    degrade: tier === undefined && max_tokens === undefined ? undefined : { tier, max_tokens },
    ...cleared(options.clear),
  });
  if (options.json) return terminal.out(JSON.stringify(budget, null, 2));
  terminal.err(`The budget "${budget.name}" is set: ${dollars(budget.amount_usd)} ${budget.period}.`);
  terminal.out(budget.id);
}

export async function removeBudget(name: string, options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const budget = await client.ask<BudgetDocument>('DELETE', placeOf(name));
  if (options.json) return terminal.out(JSON.stringify(budget, null, 2));
  terminal.err(`The budget "${budget.name}" is removed.`);
}

/** Budgets that only tell, one for each limit. */
export async function setCostAlert(options: CostAlertOptions, terminal: Terminal): Promise<void> {
  const limits = (['hourly', 'daily', 'weekly', 'monthly'] as const).flatMap((period) => {
    const amount = options[`${period}Limit`];
    return amount === undefined ? [] : [{ period, amount }];
  });
  if (limits.length === 0) {
    throw new CommandFailure(
      'Name a limit: --hourly-limit, --daily-limit, --weekly-limit or --monthly-limit.',
      EXIT.usage,
    );
  }
  const client = await createAdminClient(options, terminal);
  const scope = scopeOf(options);
  const alerts = [0.5, 0.8, 1].map((at) => ({ at, action: at === 1 && options.enforce ? 'refuse' : 'alert' }));
  const set: BudgetDocument[] = [];
  for (const { period, amount } of limits) {
    const name = `${writeScope(scope ?? EVERYBODY)}, ${period}`;
    const { timezone } = options;
    set.push(
      await put(client, { name, scope, amount_usd: amount, period, timezone, thresholds: alerts, ...told(options) }),
    );
  }
  if (options.json) return terminal.out(JSON.stringify({ data: set }, null, 2));
  for (const { name, amount_usd } of set)
    terminal.err(`You will be told of ${name}: at 50, 80 and 100 % of ${dollars(amount_usd)}.`);
}

interface BudgetWish {
  name: string;
  scope: Scope | undefined;
  amount_usd: number | undefined;
  period: string | undefined;
  timezone: string | undefined;
  [field: string]: unknown;
}

const EVERYBODY: Scope = { kind: 'gateway', id: '' };

/** Changes the budget of this name, or makes it. */
async function put(client: AdminClient, wish: BudgetWish): Promise<BudgetDocument> {
  const before = (await askAll<BudgetDocument & { timezone: string }>(client, '/budgets')).find(
    ({ name }) => name === wish.name,
  );
  if (before === undefined) {
    if (wish.amount_usd === undefined)
      throw new CommandFailure(`There is no budget "${wish.name}" yet; --amount says how much it is.`, EXIT.usage);
    return client.ask<BudgetDocument>('POST', '/budgets', { ...wish, scope: wish.scope ?? EVERYBODY });
  }
  const { name, scope = before.scope, period = before.period, timezone = before.timezone, ...change } = wish;
  if (period !== before.period || timezone !== before.timezone || writeScope(scope) !== writeScope(before.scope)) {
    throw new CommandFailure(
      `The budget "${name}" is ${before.period} (${before.timezone}), for ${writeScope(before.scope)}; that stays. Remove it first, or choose another name.`,
      EXIT.usage,
    );
  }
  return client.ask<BudgetDocument>('PATCH', placeOf(before.id), change);
}

/** Undefined: nobody in particular. */
function scopeOf(options: ScopeOptions): Scope | undefined {
  const named = BUDGET_SCOPES.flatMap((kind) => {
    const id = options[kind];
    return id === undefined ? [] : [{ kind, id }];
  });
  if (named.length <= 1) return named[0];
  throw new CommandFailure(
    `A budget is for one of these: ${named.map(({ kind }) => `--${kind}`).join(', ')}. Set one for each.`,
    EXIT.usage,
  );
}

function told({ channel: channels, webhook }: Told): object {
  return { channels, webhook };
}

/** `0.8=degrade`, `1=refuse`, `$50`, `80%`. */
function readThreshold(text: string): object {
  const match = /^(\$?)(\d+(?:\.\d+)?)(%?)(?:=(alert|degrade|refuse))?$/.exec(text);
  const [, isDollars, figure, isPercent, action = 'alert'] = match ?? [];
  if (figure === undefined || (isDollars && isPercent))
    throw new CommandFailure(
      `"${text}" is no threshold. They look like 0.5, 80%=degrade, $50=alert or 1=refuse.`,
      EXIT.usage,
    );
  if (isDollars) return { at_usd: Number(figure), action };
  return { at: isPercent ? Number(figure) / 100 : Number(figure), action };
}

function placeOf(name: string): string {
  return `/budgets/${encodeURIComponent(name)}`;
}

function writeScope({ kind, id }: Scope): string {
  return kind === 'gateway' ? 'everybody' : `${kind} ${id}`;
}

function dollars(amount: number): string {
  return amount === 0 || amount >= 0.01 ? `$${amount.toFixed(2)}` : `$${amount.toFixed(6)}`;
}
