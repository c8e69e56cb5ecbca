import { z } from 'zod';
import {
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  type Budget,
  type BudgetScope,
  type BudgetThreshold,
  COST_TIERS,
} from '../../core/budget.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import { httpUrl, name } from './values.ts';

/** What a sum of 64 bits holds, and nodes share sums of 64 bits. */
const MOST_DOLLARS = 9_000_000;

const dollars = () => z.number().nonnegative().max(MOST_DOLLARS);

/** A share of the amount, or for short an amount of its own. */
export const thresholdSchema = z
  .strictObject({
    at: z.number().positive().max(10).optional().describe('Share of the amount that is spent, such as 0.8.'),
    at_usd: dollars().positive().optional().describe('US dollars that are spent, instead of `at`.'),
    action: z
      .enum(['alert', 'degrade', 'refuse'])
      .default('alert')
      .describe('`alert` only tells; `degrade` makes calls cheaper; `refuse` lets none through that could spend more.'),
  })
  .refine(({ at, at_usd }) => (at === undefined) !== (at_usd === undefined), 'either `at` or `at_usd`');

export const degradeSchema = z.strictObject({
  tier: z.enum(COST_TIERS).optional().describe('`auto` chooses no dearer tier than this.'),
  max_tokens: z.int().positive().optional().describe('No answer is longer than so many tokens.'),
});

export const timezoneSchema = z
  .string()
  .refine(isTimezone, 'an IANA time zone, such as Europe/Berlin')
  .describe('The time zone whose days, weeks (from Monday) and months are meant; hours are those of UTC.');

export const scopeSchema = z
  .strictObject({
    kind: z.enum(BUDGET_SCOPES).describe('Whose calls; `gateway` is everybody.'),
    id: z
      .string()
      .default('')
      .describe(
        "Name of the organisation, team, project, user or key; the provider's own name of the model, alone or as `provider/model`; `name=value` of the tag. Empty for `gateway`.",
      ),
  })
  .refine(({ kind, id }) => (kind === 'gateway') === (id === ''), 'an `id`, unless the kind is `gateway`')
  .refine(({ kind, id }) => kind !== 'tag' || /^[^=]+=/.test(id), 'the `id` of a tag as name=value');

const thresholds = () =>
  z
    .array(thresholdSchema)
    .default([
      { at: 0.5, action: 'alert' },
      { at: 0.8, action: 'alert' },
      { at: 1, action: 'refuse' },
    ])
    .describe('What happens when so much is spent. Each one is told once in each period.');

const channels = () =>
  z
    .array(name())
    .optional()
    .describe('Who is told: names under `alerts.channels`. Absent: `alerts.default`, unless there is a `webhook`.');

export const webhookSchema = httpUrl()
  .meta({ title: 'secret', writeOnly: true })
  .describe('An address that is told, besides the channels or instead of them: a POST of JSON.');

/** A budget as it is written, in the configuration and in the management API. */
export const budgetFields = {
  name: name().describe('What it is called in refusals and alerts.'),
  scope: scopeSchema.prefault({ kind: 'gateway' }).describe('Whose calls it holds for, all together.'),
  amount_usd: dollars().describe('US dollars that may be spent in each period.'),
  period: z.enum(BUDGET_PERIODS).default('monthly').describe('How long it lasts; `total` does not start anew.'),
  timezone: timezoneSchema.default('UTC'),
  starts_at: z.iso
    .datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' })
    .optional()
    .describe('Of a `total` budget: what was spent before does not count.'),
  thresholds: thresholds(),
  degrade: degradeSchema.optional().describe('How calls become cheaper from the first threshold with `degrade` on.'),
  channels: channels(),
  webhook: webhookSchema.optional(),
};

const listSchema = z.array(z.strictObject(budgetFields)).superRefine((budgets, context) => {
  const seen = new Set<string>();
  for (const [index, { name }] of budgets.entries()) {
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [index, 'name'], message: 'a name of its own' });
    seen.add(name);
  }
});

const sectionFields = z.strictObject({
  unpriced: z
    .enum(['allow', 'refuse'])
    .default('allow')
    .describe('What becomes of calls to models whose price is not known: they cost a budget nothing, or are refused.'),
  list: listSchema.default([]).describe('The budgets of the configuration; further ones live in the store.'),
});

/** A section, or for short the list alone. */
export const budgetsSchema = z
  .union([listSchema, sectionFields])
  .transform((written) => (Array.isArray(written) ? sectionFields.parse({ list: written }) : written));

export type BudgetConfig = z.output<typeof listSchema>[number];

/** The budgets that the section lists. They keep their accounts as long as they keep their names. */
export function readBudgets({ list }: { list: readonly BudgetConfig[] }): Budget[] {
  return list.map((written) => ({ id: `config:${written.name}`, source: 'config' as const, ...readBudget(written) }));
}

/** A budget as it is written, without what only the one who keeps it knows. */
export function readBudget(written: BudgetConfig): Omit<Budget, 'id' | 'source' | 'createdAtMs'> {
  const { starts_at, degrade, channels, webhook } = written;
  const amountPico = Math.round(written.amount_usd * PICO_PER_DOLLAR);
  return {
    name: written.name,
    scope: written.scope as BudgetScope,
    amountPico,
    period: written.period,
    timezone: written.timezone,
    thresholds: readThresholds(written.thresholds, written.amount_usd),
    ...(starts_at !== undefined && { startsAtMs: Date.parse(starts_at) }),
    ...(degrade !== undefined && { degrade: readDegrade(degrade) }),
    ...(channels !== undefined && { channels }),
    ...(webhook !== undefined && { webhook }),
  };
}

export function readThresholds(
  written: readonly z.output<typeof thresholdSchema>[],
  amountUsd: number,
): BudgetThreshold[] {
  const read = written.map(({ at, at_usd, action }) => ({ at: at ?? at_usd! / Math.max(amountUsd, 1e-12), action }));
  return read.sort((one, other) => one.at - other.at);
}

export function readDegrade({ tier, max_tokens }: z.output<typeof degradeSchema>): NonNullable<Budget['degrade']> {
  return { ...(tier !== undefined && { tier }), ...(max_tokens !== undefined && { maxTokens: max_tokens }) };
}

function isTimezone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
