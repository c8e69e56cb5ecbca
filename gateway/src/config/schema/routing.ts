import { z } from 'zod';
import { autoSchema } from './auto.ts';
import { name, nameOrNames, textMap, timeout, weight } from './values.ts';

const taskFields = z.strictObject({
  primary: name().optional().describe('The model for this task.'),
  fallback: nameOrNames().prefault([]).describe('Models to try next, in this order.'),
  tier: name().optional().describe('A tier under `routing.tiers`, instead of `primary`.'),
  max_tokens: z.int().positive().optional().describe('Output limit for a call that sets none.'),
  temperature: z.number().min(0).max(2).optional().describe('Temperature for a call that sets none.'),
  system_prompt: z.string().optional().describe('System prompt for a call that has none.'),
  keywords: z.array(name()).default([]).describe('Words that tell this task when nobody names it.'),
});

/** A task is a section, or for short its model or models in order. */
const taskSchema = z
  .union([nameOrNames(), taskFields])
  .transform((task) =>
    Array.isArray(task) ? taskFields.parse({ ...(task[0] && { primary: task[0] }), fallback: task.slice(1) }) : task,
  );

const tierFields = z.strictObject({
  models: z.array(name()).min(1).describe('The models of this tier, the preferred one first.'),
  use_when: z.string().optional().describe('When to use it, in words.'),
});

const tierSchema = z
  .union([nameOrNames(), tierFields])
  .transform((tier) => (Array.isArray(tier) ? tierFields.parse({ models: tier }) : tier));

const matchSchema = z.strictObject({
  model: nameOrNames().optional().describe('The model asked for; `*` stands for any run of characters.'),
  task: nameOrNames().optional().describe('The task, named by the caller or found out.'),
  organisation: nameOrNames().optional().describe("The key's organisation."),
  team: nameOrNames().optional().describe("The key's team."),
  project: nameOrNames().optional().describe("The key's project."),
  user: nameOrNames().optional().describe('The user.'),
  key: nameOrNames().optional().describe("The key's name."),
  tier: nameOrNames().optional().describe("The key's tier."),
  tags: textMap().optional().describe('Tags of the call, all of which must agree.'),
  min_input_tokens: z.int().nonnegative().optional().describe('Input of at least so many tokens.'),
  max_input_tokens: z.int().nonnegative().optional().describe('Input of at most so many tokens.'),
  hours: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'two times of the day such as 22:00-06:00')
    .optional()
    .describe('Times of the day (UTC), such as `22:00-06:00`.'),
  budget_used: z.number().min(0).optional().describe("Share of the call's tightest budget that is used, such as 0.8."),
});

const ruleSchema = z.strictObject({
  name: name().optional().describe('What the rule is called in logs.'),
  match: matchSchema.prefault({}).describe('What must hold, all of it; empty holds always.'),
  route_to: nameOrNames().describe('The model, or models in order.'),
});

const variantSchema = z.strictObject({
  model: name().describe('The model of this variant.'),
  weight: weight().default(1).describe('Its share of the calls.'),
});

const abTestSchema = z.strictObject({
  name: name().describe('What the test is called in reports.'),
  enabled: z.boolean().default(true).describe('Whether it runs.'),
  match: matchSchema
    .optional()
    .describe(
      'The calls that take part. Absent: those for one of the variants, for `auto`, and for the test by its name.',
    ),
  sticky: z.enum(['user', 'session', 'key', 'none']).default('user').describe('Whose calls all go to one variant.'),
  variants: z.array(variantSchema).min(2).describe('What is compared.'),
  metrics: z
    .array(name())
    .default([])
    .describe('What the report tells: such as `latency_p95`, `quality_score`, `cost_per_request`.'),
});

const shadowSchema = z.strictObject({
  name: name().describe('What the copies are called in reports.'),
  match: matchSchema.prefault({}).describe('The calls that are copied; empty: all.'),
  model: name().describe('Where the copy goes. Its answer is recorded and never sent.'),
  share: z.number().min(0).max(1).default(1).describe('Share of the matching calls that are copied.'),
  daily_budget_usd: z
    .number()
    .nonnegative()
    .default(10)
    .describe('No more copies on a day (UTC) that has cost this much.'),
});

const timeoutsSchema = z.strictObject({
  fast: timeout().prefault('15s').describe('Short questions and answers.'),
  standard: timeout().prefault('60s').describe('Ordinary work.'),
  complex: timeout().prefault('180s').describe('Long reasoning.'),
});

export const routingSchema = z.strictObject({
  tasks: z.record(name(), taskSchema).prefault({}).describe('The model of each kind of task.'),
  auto: autoSchema.prefault({}).describe('How `model: "auto"` chooses.'),
  default_task: name().optional().describe('The task of a call that fits none.'),
  tiers: z.record(name(), tierSchema).prefault({}).describe('Models by what they cost and can do.'),
  provider_priority: z
    .record(name(), z.array(name()).min(1))
    .prefault({})
    .describe('The order of the providers for each kind of task.'),
  timeouts: timeoutsSchema
    .prefault({})
    .describe('How long a first byte is waited for, by the tier under `models.<name>.timeout`.'),
  rules: z.array(ruleSchema).default([]).describe('The first rule that matches decides.'),
  shadow: z.array(shadowSchema).default([]).describe('Copies of calls that go to other models, unseen.'),
  ab_tests: z.array(abTestSchema).default([]).describe('Shares of the calls that go to different models.'),
});
