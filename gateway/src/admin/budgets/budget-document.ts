import { z } from 'zod';
import { BUDGET_PERIODS, BUDGET_SCOPES, type Budget, type BudgetStanding, COST_TIERS } from '../../core/budget.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import { shownMoment, timeOf } from '../api/fields.ts';
import type { BudgetReport } from './budget-desk.ts';

const dollars = () => z.number().describe('US dollars.');

const fields = {
  id: z.string(),
  name: z.string(),
  source: z.enum(['config', 'store']).describe('Where it is written; those of the configuration are changed there.'),
  scope: z.strictObject({ kind: z.enum(BUDGET_SCOPES), id: z.string() }),
  amount_usd: dollars(),
  period: z.enum(BUDGET_PERIODS),
  timezone: z.string(),
  starts_at: shownMoment().nullable().describe('Of a `total` budget: what was spent before does not count.'),
  thresholds: z.array(z.strictObject({ at: z.number(), action: z.enum(['alert', 'degrade', 'refuse']) })),
  degrade: z.strictObject({ tier: z.enum(COST_TIERS).nullable(), max_tokens: z.int().nullable() }).nullable(),
  channels: z.array(z.string()).nullable().describe('Null: the default ones, unless there is a webhook.'),
  webhook: z.string().nullable().describe('Its host alone: the rest of the address is a secret.'),
  created_at: shownMoment().nullable().describe('Null: it is written in the configuration.'),
};

const standing = {
  spent_usd: dollars(),
  held_usd: dollars().describe('US dollars held for calls under way, at the worst that they may cost.'),
  remaining_usd: dollars(),
  used: z.number().describe('Share of the amount that is spent; 1 is all of it.'),
  window_starts_at: shownMoment(),
  window_ends_at: shownMoment().nullable().describe('Null: it does not start anew.'),
};

const ahead = {
  burn_per_hour_usd: dollars().describe('US dollars an hour, over the last day.'),
  burn_per_day_usd: dollars(),
  forecast_usd: dollars()
    .nullable()
    .describe('US dollars that will be spent when the window ends; null: it has no end.'),
  exhausted_at: shownMoment().nullable().describe('When the amount will be spent; null: not in this window.'),
  forecast_method: z
    .enum(['linear', 'weekday'])
    .describe('`weekday` knows how hours of the week differ, which takes two weeks.'),
};

export const budgetDocument = z.strictObject({ ...fields, ...standing }).meta({ id: 'Budget' });
export const budgetReportDocument = z
  .strictObject({ ...fields, ...standing, ...ahead })
  .meta({ id: 'BudgetReport', description: 'A budget, how it stands, and where it is going.' });

/** A budget as the audit keeps it: without what changes by itself, and without secrets. */
export function describeBudget(budget: Budget): z.output<z.ZodObject<typeof fields>> {
  const { id, name, source, scope, amountPico, period, timezone, startsAtMs, thresholds, degrade } = budget;
  return {
    ...{ id, name, source, scope: { ...scope }, amount_usd: amountPico / PICO_PER_DOLLAR, period, timezone },
    starts_at: timeOf(startsAtMs),
    thresholds: thresholds.map((threshold) => ({ ...threshold })),
    degrade: degrade === undefined ? null : { tier: degrade.tier ?? null, max_tokens: degrade.maxTokens ?? null },
    channels: budget.channels === undefined ? null : [...budget.channels],
    webhook: budget.webhook === undefined ? null : new URL(budget.webhook).origin,
    created_at: timeOf(budget.createdAtMs),
  };
}

/** With how it stands, if that is known: a budget that was just removed has no account. */
export function showBudget(budget: Budget, known: BudgetStanding | undefined): z.output<typeof budgetDocument> {
  const { spentPico, heldPico, windowStartsAtMs, windowEndsAtMs } = known ?? NOTHING;
  const { amountPico } = budget;
  return {
    ...describeBudget(budget),
    spent_usd: spentPico / PICO_PER_DOLLAR,
    held_usd: heldPico / PICO_PER_DOLLAR,
    remaining_usd: Math.max(0, amountPico - spentPico - heldPico) / PICO_PER_DOLLAR,
    used: amountPico === 0 ? 1 : spentPico / amountPico,
    window_starts_at: new Date(windowStartsAtMs).toISOString(),
    window_ends_at: budget.period === 'total' ? null : new Date(windowEndsAtMs).toISOString(),
  };
}

export function showReport(budget: Budget, report: BudgetReport): z.output<typeof budgetReportDocument> {
  const { perHourPico, perDayPico, atEndPico, exhaustedAtMs, method } = report.forecast;
  return {
    ...showBudget(budget, report),
    burn_per_hour_usd: perHourPico / PICO_PER_DOLLAR,
    burn_per_day_usd: perDayPico / PICO_PER_DOLLAR,
    forecast_usd: atEndPico === undefined ? null : atEndPico / PICO_PER_DOLLAR,
    exhausted_at: timeOf(exhaustedAtMs),
    forecast_method: method,
  };
}

const NOTHING: BudgetStanding = { spentPico: 0, heldPico: 0, windowStartsAtMs: 0, windowEndsAtMs: 0 };
