import { z } from 'zod';
import { size, timeout } from './values.ts';

export const mediaSchema = z.strictObject({
  allow_private: z
    .boolean()
    .default(false)
    .describe(
      'Whether addresses in your own networks (loopback, 10.0.0.0/8 and their like) may be fetched from. Metadata services never are.',
    ),
  max_size: size().prefault('20mb').describe('Greatest file to fetch.'),
  timeout: timeout().prefault('10s').describe('How long one file may take, redirects included.'),
});
