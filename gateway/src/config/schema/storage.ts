import { z } from 'zod';
import { hasProtocol } from './values.ts';

const sqlite = /^sqlite:.+/;
const isPostgres = (url: string) => hasProtocol(url, ['postgres:', 'postgresql:']);

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
