import { z } from 'zod';
import { network } from './network.ts';
import { scopedLimitsSchema } from './scoped-limits.ts';
import { name, secret, textMap } from './values.ts';

export const keySchema = z.strictObject({
  name: name().describe('What the key is called in logs and reports.'),
  key: secret().describe('What clients send.'),
  organisation: name().optional().describe('The organisation that its calls count for.'),
  team: name().optional().describe('The team that its calls count for.'),
  project: name().optional().describe('The project that its calls count for.'),
  user: name().optional().describe('The person or service behind it.'),
  tier: name().optional().describe("The tier of `rate_limit` that holds for it. Default: its team's, else `default`."),
  models: z.array(name()).default(['*']).describe('The models it may use; `*` stands for any run of characters.'),
  limits: scopedLimitsSchema.optional().describe('Limits of its own, besides those of its tier.'),
  ips: z.array(network()).min(1).optional().describe('Addresses and ranges from which it may be used.'),
  scopes: z
    .array(z.enum(['data', 'management', 'read-only']))
    .min(1)
    .default(['data'])
    .describe('What it opens: calls to models, the management API, or reading there.'),
  tags: textMap().optional().describe('Tags of its calls, where they bring no others of the same name.'),
  importance: z
    .enum(['interactive', 'default', 'batch'])
    .optional()
    .describe('Who is served first where not all can be at once.'),
  expires_at: z.iso
    .datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' })
    .optional()
    .describe('When it ends (ISO 8601 with a time zone).'),
  metadata: textMap().default({}).describe('Free labels for your own use.'),
});

export type KeyConfig = z.output<typeof keySchema>;
