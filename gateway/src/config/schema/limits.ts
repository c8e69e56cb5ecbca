import { z } from 'zod';
import { name, nameOrNames, timeout } from './values.ts';

const count = () => z.int().nonnegative().optional();

const limits = {
  rpm: count().describe('Requests a minute.'),
  rph: count().describe('Requests an hour.'),
  rpd: count().describe('Requests a day.'),
  tpm: count().describe('Tokens a minute, input and output.'),
  tph: count().describe('Tokens an hour.'),
  tpd: count().describe('Tokens a day.'),
  input_tpm: count().describe('Input tokens a minute.'),
  output_tpm: count().describe('Output tokens a minute.'),
  concurrency: count().describe('Calls under way at once.'),
};

const limitsSchema = z.strictObject(limits);

const perIp = () => limitsSchema.optional().describe('The same limits for each client address.');
const perModel = () => z.record(name(), limitsSchema).optional().describe('The same limits for a model, by its name.');
const burst = () =>
  z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('How much of a limit may be used at once, as a share of it (1): the rest comes evenly over its time.');
const onRedisFailure = () =>
  z
    .enum(['fail_local', 'fail_open', 'fail_closed'])
    .optional()
    .describe(
      'What holds while Redis is away: each node keeps to its share of the limits (`fail_local`), none does (`fail_open`), or no call with a limit passes (`fail_closed`).',
    );

const tierSchema = z
  .strictObject({ ...limits, per_ip: perIp(), per_model: perModel(), burst: burst() })
  .describe('The limits of one tier, for each of its keys.');

const matchSchema = z.strictObject({
  model: nameOrNames().optional().describe('Names of models, as clients say them or as `provider/model`.'),
  provider: nameOrNames().optional().describe('Names of providers.'),
  organisation: nameOrNames().optional().describe('Names of organisations.'),
  team: nameOrNames().optional().describe('Names of teams.'),
  project: nameOrNames().optional().describe('Names of projects.'),
  user: nameOrNames().optional().describe('Names of users.'),
  key: nameOrNames().optional().describe('Names or ids of keys.'),
  tier: nameOrNames().optional().describe('Names of tiers.'),
  ip: nameOrNames().optional().describe('Client addresses.'),
});

const ruleSchema = z.strictObject({
  name: name().describe('Told to those whom the rule refuses.'),
  match: matchSchema
    .optional()
    .describe(
      'Which calls the rule holds for: those that match each of these, where `*` stands for any text. Absent: all.',
    ),
  per: z
    .array(z.enum(['organisation', 'team', 'project', 'user', 'key', 'model', 'provider', 'ip']))
    .default([])
    .describe(
      'Each combination of these has the limits for itself; a call that lacks one of them is not held to the rule.',
    ),
  limits: limitsSchema.describe('The limits of the rule.'),
  burst: burst(),
  on_redis_failure: onRedisFailure(),
});

/** Tiers by name; `default` holds for keys without one. */
export const rateLimitSchema = z
  .object({
    per_ip: perIp(),
    per_model: perModel(),
    rules: z.array(ruleSchema).optional().describe('Limits for any combination of who calls and what is called.'),
    burst: burst(),
    on_redis_failure: onRedisFailure(),
    count_cached_input: z
      .boolean()
      .optional()
      .describe('Whether input that the provider read from its prompt cache counts as tokens (true).'),
  })
  .catchall(tierSchema);

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
  rules?: z.input<typeof ruleSchema>[] | undefined;
  burst?: number | undefined;
  on_redis_failure?: OnRedisFailure | undefined;
  count_cached_input?: boolean | undefined;
  [tier: string]:
    | z.input<typeof tierSchema>
    | Record<string, LimitsInput>
    | z.input<typeof ruleSchema>[]
    | string
    | number
    | boolean
    | undefined;
}

/** As read. */
export interface RateLimitConfig {
  perIp: LimitsConfig | undefined;
  perModel: Record<string, LimitsConfig>;
  rules: readonly RuleConfig[];
  burst: number;
  onFailure: OnRedisFailure;
  countsCachedInput: boolean;
  tiers: ReadonlyMap<string, TierConfig>;
}

/** The section taken apart: what holds for all, and the tiers. */
export function readRateLimit(section: z.output<typeof rateLimitSchema>): RateLimitConfig {
  const { per_ip, per_model, rules, burst, on_redis_failure, count_cached_input, ...tiers } = section;
  return {
    perIp: per_ip,
    perModel: per_model ?? {},
    rules: rules ?? [],
    burst: burst ?? 1,
    onFailure: on_redis_failure ?? 'fail_local',
    countsCachedInput: count_cached_input ?? true,
    tiers: new Map(Object.entries(tiers as Record<string, TierConfig>)),
  };
}

type LimitsInput = z.input<typeof limitsSchema>;
type OnRedisFailure = 'fail_local' | 'fail_open' | 'fail_closed';
export type LimitsConfig = z.output<typeof limitsSchema>;
export type TierConfig = z.output<typeof tierSchema>;
export type RuleConfig = z.output<typeof ruleSchema>;
