import { z } from 'zod';
import { name, nameOrNames, timeout } from './values.ts';

const tier = () => z.enum(['low', 'medium', 'high', 'max']);

const classifierSchema = z.strictObject({
  model: name().describe('The small model that is asked what kind of request it is.'),
  timeout: timeout()
    .prefault('400ms')
    .describe('How long it is waited for; later than that the words of the prompt decide.'),
  cache_entries: z.int().positive().default(5000).describe('Verdicts that are remembered.'),
  below_confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .describe('It is asked only where the words of the prompt are less sure than this.'),
});

const costWeightSchema = z.strictObject({
  low: z.number().min(0).default(1).describe('At `auto:low`.'),
  medium: z.number().min(0).default(0.4).describe('At `auto:medium`.'),
  high: z.number().min(0).default(0.1).describe('At `auto:high`.'),
  max: z.number().min(0).default(0).describe('At `auto:max`.'),
});

const ceilingsSchema = z.strictObject({
  first_token: timeout().optional().describe('Models expected to be slower to their first token are left out.'),
  cost_per_request: z
    .number()
    .positive()
    .optional()
    .describe('Models expected to cost more US dollars for the request are left out.'),
});

/** How `model: "auto"` chooses (`routing.auto`). */
export const autoSchema = z.strictObject({
  models: nameOrNames()
    .prefault([])
    .describe('The models to choose among; empty: those named under tasks and tiers, or else every model served.'),
  default_model: name().optional().describe('Answers a request that is like nothing known.'),
  default_tier: tier().default('medium').describe('The tier of plain `auto`.'),
  classifier: z
    .union([name().transform((model) => classifierSchema.parse({ model })), classifierSchema])
    .optional()
    .describe('A small model that is asked where the words of a prompt leave its kind open.'),
  cost_weight: costWeightSchema
    .prefault({})
    .describe("Points of quality (1 is all of it) that the dearest candidate's price takes away, by tier."),
  latency_weight: z
    .number()
    .min(0)
    .default(0.05)
    .describe('Points of quality that ten seconds to the first token take away.'),
  ceilings: ceilingsSchema.prefault({}).describe('Limits on what may be chosen.'),
  max_tier_share: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Greatest share of a key's calls at tier `max`. Unset: as many as ask for it, and a fifth of those that were raised to it.",
    ),
  switch_margin: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe(
      'A conversation stays with its model unless another is better by so much and by what its prompt cache is worth.',
    ),
  quality: z
    .record(name(), z.number().min(0).max(1))
    .prefault({})
    .describe('Expected share of good answers by model, over what is known of it.'),
});
