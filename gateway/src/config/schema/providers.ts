import { z } from 'zod';
import { headerMap, httpUrl, name, secret, text, textMap, timeout, weight } from './values.ts';

const dialects = [
  ...(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock'] as const),
  ...(['cohere-chat', 'ollama-chat', 'dashscope'] as const),
] as const;
const modalities = ['text', 'image', 'audio', 'video', 'file', 'embedding'] as const;

const price = () => z.number().nonnegative().optional();

const pricesSchema = z.strictObject({
  input: price().describe('Input tokens.'),
  output: price().describe('Output tokens.'),
  cached_input: price().describe("Input tokens read from the provider's prompt cache."),
  cache_write: price().describe("Input tokens written to the provider's prompt cache."),
});

const servedModelSchema = z.strictObject({
  id: name().describe("The provider's own name of the model."),
  display_name: name().optional().describe('The name for people.'),
  aliases: z.array(name()).optional().describe('Further names under which clients find it.'),
  context_window: z.int().positive().optional().describe('Tokens of input and output together.'),
  max_output_tokens: z.int().positive().optional().describe('Greatest output, in tokens.'),
  input_modalities: z.array(z.enum(modalities)).optional().describe('What it takes.'),
  output_modalities: z.array(z.enum(modalities)).optional().describe('What it gives.'),
  tools: z.boolean().optional().describe('Whether it calls tools.'),
  reasoning: z.boolean().optional().describe('Whether it reasons before it answers.'),
  prices: pricesSchema.optional().describe('US dollars per million tokens.'),
});

const timeoutSchema = z.strictObject({
  connect: timeout().prefault('5s').describe('Until the connection stands. 0 in any of these waits for ever.'),
  first_byte: timeout().prefault('60s').describe("From the request's end to the first byte of the answer."),
  idle: timeout().prefault('60s').describe('Longest pause between two pieces of an answer.'),
  total: timeout().prefault('10m').describe('The whole attempt.'),
});

const weightedKeySchema = z.strictObject({
  key: secret().describe('The key.'),
  weight: weight().default(1).describe('Its share of the calls, relative to the other keys.'),
});

const providerFields = z.strictObject({
  preset: name()
    .optional()
    .describe("A known provider whose properties apply, where this entry's own name is not one."),
  dialect: z
    .enum(dialects)
    .optional()
    .describe("The host's wire format. With `base_url` it makes any compatible host a provider."),
  base_url: httpUrl()
    .optional()
    .describe("As the dialect's official SDK takes it: OpenAI with `/v1`, Anthropic and Gemini without."),
  api_key: secret().optional().describe('The key of this provider.'),
  api_keys: z
    .array(weightedKeySchema)
    .min(1)
    .optional()
    .describe('Several keys that share the calls, instead of `api_key`.'),
  models: z
    .array(
      z.union([name(), servedModelSchema]).transform((model) => (typeof model === 'string' ? { id: model } : model)),
    )
    .optional()
    .describe(
      'The models to offer, by id or with what the catalogue should know about them. Absent: those of the catalogue.',
    ),
  headers: headerMap().default({}).describe('Headers added to every request.'),
  query: textMap().default({}).describe('Query parameters added to every request.'),
  settings: z
    .record(z.string().min(1), text())
    .default({})
    .describe(
      'What the address of this provider needs: such as `resource`, `api_version`, `project`, `location`, `region`.',
    ),
  timeout: timeoutSchema.prefault({}).describe('How long to wait, and for what.'),
  priority: z
    .int()
    .nonnegative()
    .default(100)
    .describe('Lower is tried first where several providers serve a model; equals in the order listed.'),
  weight: weight().default(1).describe('Share of the calls among providers of equal priority.'),
  max_concurrency: z
    .union([z.int().positive(), z.literal('adaptive')], 'a whole number or `adaptive`')
    .optional()
    .describe(
      'Calls under way at once for each of its models; more wait in a queue. `adaptive` feels for the number by the time to the first token, for hosts of your own. Absent: no bound.',
    ),
  health_check: timeout()
    .prefault('10s')
    .describe(
      'How often a host that shares a model with others, and that nobody has called meanwhile, is asked for its list of models, which is free. 0: never.',
    ),
  on_disconnect: z
    .enum(['cancel', 'drain'])
    .optional()
    .describe(
      'When a client leaves: `cancel` hangs up and estimates what was used; `drain` reads on to the final usage, for at most 30 s and 4,096 tokens. Absent: as is known of the provider.',
    ),
  enabled: z.boolean().default(true).describe('Whether it is used.'),
});

const oneWayToPay = providerFields.refine((provider) => !(provider.api_key !== undefined && provider.api_keys), {
  path: ['api_keys'],
  message: 'either `api_key` or `api_keys`',
});

/** `false` switches a provider off; `true` or nothing at all takes it as it is known. */
export const providerSchema = z
  .union([z.null(), z.boolean(), oneWayToPay])
  .transform((provider) =>
    provider === null || typeof provider === 'boolean' ? providerFields.parse({ enabled: provider ?? true }) : provider,
  );

export const providersSchema = z.record(name(), providerSchema);

export type ProviderConfig = z.output<typeof providerSchema>;
export type ServedModelConfig = NonNullable<ProviderConfig['models']>[number];
