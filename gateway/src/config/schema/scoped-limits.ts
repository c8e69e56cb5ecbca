import { z } from 'zod';
import type { Limits } from '../../core/limits.ts';

const count = (meaning: string) => z.int().nonnegative().optional().describe(meaning);

const counts = {
  rpm: count('Requests a minute.'),
  rph: count('Requests an hour.'),
  rpd: count('Requests a day.'),
  tpm: count('Tokens a minute, input and output.'),
  tph: count('Tokens an hour.'),
  tpd: count('Tokens a day.'),
  input_tpm: count('Input tokens a minute.'),
  output_tpm: count('Output tokens a minute.'),
  concurrency: count('Calls under way at once.'),
};

/** Limits of one key, user, team, project or organisation, for all of its calls together. */
export const scopedLimitsSchema = z.strictObject({
  ...counts,
  per_model: z
    .record(z.string().min(1), z.strictObject(counts))
    .optional()
    .describe('The same limits for a model, by its name.'),
}) satisfies z.ZodType<Limits>;
