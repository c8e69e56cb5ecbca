import { z } from 'zod';
import { duration, hasProtocol } from './values.ts';

const sqlite = /^sqlite:.+/;
const isPostgres = (url: string) => hasProtocol(url, ['postgres:', 'postgresql:']);

const kept = () => duration().optional();

const retentionSchema = z.strictObject({
  calls: kept().describe('The log of calls, one row each.'),
  bodies: kept().describe('Prompts and answers, where a model keeps them.'),
  ledger: kept().describe('The ledger, one row for each attempt.'),
  hours: kept().describe('Sums by the hour.'),
  days: kept().describe('Sums by the day.'),
});

export const storageSchema = z.strictObject({
  url: z
    .string()
    .refine(
      (url) => sqlite.test(url) || isPostgres(url),
      '`sqlite:` and a file, or an address that begins with postgres://',
    )
    .meta({ title: 'address' })
    .default('sqlite:./data/xidao.db')
    .describe('Where keys, budgets and the ledger are kept: `sqlite:FILE` or `postgres://user@host/db`.'),
  responses_ttl: duration()
    .prefault('30d')
    .describe(
      'How long answers of `/v1/responses` are kept after their last use, for `previous_response_id`. `0` keeps none.',
    ),
  retention: retentionSchema
    .prefault({ calls: '90d', bodies: '7d' })
    .describe('How long what is written down of calls is kept. What is not named is kept for ever.'),
});

export const redisSchema = z.strictObject({
  url: z
    .string()
    .refine(
      (url) => url === '' || hasProtocol(url, ['redis:', 'rediss:']),
      'an address that begins with redis:// or rediss://',
    )
    .meta({ title: 'address' })
    .default('')
    .describe('Set: limits, budgets, cache and breaker news are shared between nodes.'),
});
