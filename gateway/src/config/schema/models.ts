import { z } from 'zod';
import { name, nameOrNames, timeout, weight } from './values.ts';

/** Kinds of call by how long they may take to begin. */
export const timeoutTiers = ['fast', 'standard', 'complex'] as const;

const strategies = ['latency', 'round_robin', 'weighted', 'least_outstanding', 'price', 'priority'] as const;

const targetSchema = z.strictObject({
  provider: name().describe('A provider under `providers`, or one known from the environment.'),
  model: name().describe("The provider's own name of the model."),
  weight: weight().default(1).describe('Share of the calls, where the strategy looks at it.'),
  priority: z.int().nonnegative().optional().describe('Lower is tried first; the strategy picks among equals.'),
});

const writtenModelSchema = z
  .strictObject({
    provider: name().optional().describe('The provider of the only target.'),
    model: name().optional().describe('The model of the only target.'),
    targets: z
      .array(targetSchema)
      .min(1)
      .optional()
      .describe('The places that can answer, instead of `provider` and `model`.'),
    strategy: z
      .enum(strategies)
      .default('latency')
      .describe(
        'How a target is picked among those of the lowest `priority`: `latency` by the time to its first token, its failures and what it is busy with; `round_robin`; `weighted` by `weight`; `least_outstanding`; `price`, the cheaper the more often; `priority`, always in the order listed.',
      ),
    fallback: nameOrNames().prefault([]).describe('Models to try, in this order, when no target answers.'),
    context_fallback: nameOrNames()
      .prefault([])
      .describe('Models to try instead, when a prompt is too long for a target.'),
    content_fallback: nameOrNames().prefault([]).describe('Models to try instead, when a target refuses the content.'),
    timeout: z
      .union([z.enum(timeoutTiers), timeout()], 'a tier (fast, standard, complex) or a duration')
      .optional()
      .describe(
        'How long a first byte is waited for at most: a duration, or a tier under `routing.timeouts`. The limits of its providers hold besides.',
      ),
    hedge: z
      .boolean()
      .default(false)
      .describe('Whether a first token that is late is raced by a second target, within 5 % of the input tokens.'),
    resume: z
      .boolean()
      .default(false)
      .describe(
        'Whether a text that breaks off is gone on with by another target, where it can be done without a seam.',
      ),
    log_bodies: z
      .boolean()
      .default(false)
      .describe(
        'Whether what is asked and answered is kept for looking up: redacted, encrypted, the first 256 KB of each, for `storage.retention.bodies`.',
      ),
    aliases: z.array(name()).default([]).describe('Further names for the same.'),
    strict: z
      .boolean()
      .default(false)
      .describe('Refuses a call of which a target could not carry everything, as `x-xidao-strict: true` does.'),
    description: z.string().optional().describe('For people.'),
  })
  .superRefine((written, context) => {
    const single = written.provider !== undefined || written.model !== undefined;
    if (single && written.targets) {
      context.addIssue({ code: 'custom', path: ['targets'], message: 'either `provider` and `model`, or `targets`' });
    } else if (!single && !written.targets) {
      context.addIssue({ code: 'custom', path: [], message: '`provider` and `model`, or `targets`' });
    } else if (single && (written.provider === undefined || written.model === undefined)) {
      const missing = written.provider === undefined ? 'provider' : 'model';
      context.addIssue({ code: 'custom', path: [missing], message: `\`${missing}\` beside its twin` });
    }
  });

/** A name that clients may say. However it is written, it is a list of targets when read. */
export const modelSchema = writtenModelSchema.transform(({ provider, model, targets, ...rest }) => ({
  ...rest,
  targets: targets ?? [targetSchema.parse({ provider, model })],
}));

export const modelsSchema = z.record(name(), modelSchema);

export type ModelConfig = z.output<typeof modelSchema>;
export type ModelTargetConfig = ModelConfig['targets'][number];
export type ModelStrategy = ModelConfig['strategy'];
