import { z } from 'zod';
import { name, timeout } from './values.ts';

const count = () => z.int().nonnegative().optional();

const limits = {
  rpm: count().describe('Requests a minute.'),
  rph: count().describe('Requests an hour.'),
  rpd: count().describe('Requests a day.'),
  tpm: count().describe('Tokens a minute, input and output.'),
  tph: count().describe('Tokens an hour.'),
  tpd: count().describe('Tokens a day.'),
  concurrency: count().describe('Calls under way at once.'),
};

const limitsSchema = z.strictObject(limits);

const perIp = () => limitsSchema.optional().describe('The same limits for each client address.');
const perModel = () => z.record(name(), limitsSchema).optional().describe('The same limits for a model, by its name.');

const tierSchema = z
  .strictObject({ ...limits, per_ip: perIp(), per_model: perModel() })
  .describe('The limits of one tier, for each of its keys.');

/** Tiers by name; `default` holds for keys without one. */
export const rateLimitSchema = z.object({ per_ip: perIp(), per_model: perModel() }).catchall(tierSchema);

/** Any of the three numbers makes a breaker of fixed thresholds; without them it adapts. */
export const circuitBreakerSchema = z
  .strictObject({
    mode: z
      .enum(['adaptive', 'fixed'])
      .optional()
      .describe(
        '`adaptive` learns what is normal for each target; `fixed` counts. Default: `fixed` if any of the numbers below is given, else `adaptive`.',
      ),
    failure_threshold: z.int().positive().optional().describe('Failures in a row that open the breaker (5).'),
    recovery_timeout: timeout().optional().describe('How long it stays open before a probe (30s).'),
    half_open_max: z.int().positive().optional().describe('Probes let through at once while half open (3).'),
  })
  .transform(({ mode, failure_threshold, recovery_timeout, half_open_max }) => {
    const numbered = failure_threshold ?? recovery_timeout ?? half_open_max;
    return {
      mode: mode ?? (numbered === undefined ? ('adaptive' as const) : ('fixed' as const)),
      failure_threshold: failure_threshold ?? 5,
      recovery_timeout: recovery_timeout ?? 30_000,
      half_open_max: half_open_max ?? 3,
    };
  });

/** As written. Spelled out, since TypeScript would have `per_model` be a tier too. */
export interface RateLimitInput {
  per_ip?: LimitsInput | undefined;
  per_model?: Record<string, LimitsInput> | undefined;
  [tier: string]: z.input<typeof tierSchema> | Record<string, LimitsInput> | undefined;
}

type LimitsInput = z.input<typeof limitsSchema>;
export type LimitsConfig = z.output<typeof limitsSchema>;
export type TierConfig = z.output<typeof tierSchema>;
