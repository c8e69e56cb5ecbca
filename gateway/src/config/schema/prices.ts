import { z } from 'zod';
import { name } from './values.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

const dollars = () => z.number().nonnegative().optional();
const day = () => z.string().regex(DAY, 'a day such as 2026-12-31');
const time = () => z.string().regex(TIME, 'a time of day such as 16:30');

/** US dollars per million tokens. */
const rates = {
  input: dollars().describe('Input tokens.'),
  output: dollars().describe('Output tokens.'),
  cached_input: dollars().describe("Input tokens read from the provider's prompt cache. Absent: as `input`."),
  cache_write: dollars().describe(
    "Input tokens written to the provider's prompt cache, for five minutes where there are several times. Absent: as `input`.",
  ),
  cache_write_1h: dollars().describe('Input tokens written to it for an hour. Absent: as `cache_write`.'),
  reasoning: dollars().describe('Reasoning tokens. Absent: as `output`.'),
  audio_input: dollars().describe('Input tokens of sound.'),
  audio_output: dollars().describe('Output tokens of sound.'),
  image_input: dollars().describe('Input tokens of images.'),
  image_output: dollars().describe('Output tokens of images.'),
};

const tierSchema = z.strictObject({
  above_input_tokens: z
    .int()
    .nonnegative()
    .describe('The whole request costs these rates as soon as it reads more than so many tokens.'),
  ...rates,
});

/** One price of one model, or of all that its pattern fits. */
const priceRowSchema = z
  .strictObject({
    provider: name()
      .optional()
      .describe('The provider, by its name under `providers`; `*` fits any run of characters. Absent: all.'),
    model: name().describe("The provider's own name of the model; `*` fits any run of characters."),
    ...rates,
    per_request: dollars().describe('US dollars for each request, whatever its tokens.'),
    per_tool_request: dollars().describe('US dollars for each use of a tool that the provider runs (web search).'),
    tiers: z.array(tierSchema).optional().describe('Rates of long requests.'),
    service_tiers: z
      .record(z.string().min(1), z.number().nonnegative())
      .optional()
      .describe('What `batch`, `flex`, `priority` … cost, as multiples of the usual rates.'),
    from: day().optional().describe('The first day (UTC) on which it holds.'),
    daily: z
      .strictObject({
        from: time().describe('The first minute.'),
        to: time().describe('The minute after the last one.'),
      })
      .optional()
      .describe('The time of day (UTC) at which it holds; it may span midnight.'),
    source: name().optional().describe('Where the figures stand.'),
    date: day().optional().describe('The day on which they were taken.'),
  })
  .refine((row) => row.input !== undefined || row.output !== undefined || row.per_request !== undefined, {
    message: 'a price: `input`, `output` or `per_request`',
  });

const discountSchema = z
  .strictObject({
    provider: name().optional().describe('The provider; `*` fits any run of characters. Absent: all.'),
    model: name()
      .optional()
      .describe("The provider's own name of the model; `*` fits any run of characters. Absent: all."),
    team: name()
      .optional()
      .describe(
        'The team; `*` fits any run of characters. With it, the rule says what the team is charged; without, what the provider costs.',
      ),
    percent: z.number().max(100).optional().describe('Percent off the price; below zero it is a mark-up.'),
    multiplier: z
      .number()
      .nonnegative()
      .optional()
      .describe('The price times this: 0.8 is a fifth off, 1.15 a mark-up.'),
  })
  .refine(({ percent, multiplier }) => (percent === undefined) !== (multiplier === undefined), {
    message: 'either `percent` or `multiplier`',
  });

export const pricesSchema = z.strictObject({
  file: name()
    .optional()
    .describe(
      'A file of further prices, watched: a change holds from the next call on, a file that cannot be read leaves the last good one in force.',
    ),
  overrides: z
    .array(priceRowSchema)
    .default([])
    .describe('Prices that stand before all others. Of several that fit, the last one in force counts.'),
  discounts: z
    .array(discountSchema)
    .default([])
    .describe(
      'What a contract takes off or adds, and what teams are charged. Of each kind the first rule that fits counts.',
    ),
});

/** What `prices.file` holds. */
export const priceFileSchema = z.strictObject({
  date: day().optional().describe('The day on which its figures were taken.'),
  source: name().optional().describe('Where they stand.'),
  prices: z.array(priceRowSchema).describe('The prices. Of several that fit, the last one in force counts.'),
});

export type PricesConfig = z.output<typeof pricesSchema>;
export type PriceRowConfig = z.output<typeof priceRowSchema>;
