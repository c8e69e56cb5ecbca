import { z } from 'zod';
import { network } from './network.ts';
import { size, timeout } from './values.ts';

export const serverSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; `0.0.0.0` for every interface.'),
  port: z.int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one.'),
  body_limit: size().prefault('32mb').describe('Greatest request body, counted after decompression.'),
  drain_timeout: timeout().prefault('30s').describe('How long calls under way may still run after a stop signal.'),
  trusted_proxies: z
    .array(network())
    .default([])
    .describe('Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed.'),
  cors_origins: z
    .array(z.string().min(1))
    .default([])
    .describe('Browser origins allowed besides those of localhost; `*` for all.'),
  cost_comment: z
    .boolean()
    .default(false)
    .describe(
      'Whether streams end with a comment that tells their cost. Calls can ask for it with the header `x-xidao-cost: true`.',
    ),
});

export const adminSchema = z.strictObject({
  key: z
    .string()
    .meta({ title: 'secret', writeOnly: true })
    .default('')
    .describe('Key of the management API. Empty: generated at the first start.'),
});
