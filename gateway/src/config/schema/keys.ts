import { z } from 'zod';
import { name, secret, textMap } from './values.ts';

export const keySchema = z.strictObject({
  name: name().describe('What the key is called in logs and reports.'),
  key: secret().describe('What clients send.'),
  team: name().optional().describe('The team that its calls count for.'),
  project: name().optional().describe('The project that its calls count for.'),
  user: name().optional().describe('The person or service behind it.'),
  tier: name().default('default').describe('The tier of `rate_limit` that holds for it.'),
  models: z.array(name()).default(['*']).describe('The models it may use; `*` stands for any run of characters.'),
  expires_at: z.iso
    .datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' })
    .optional()
    .describe('When it ends (ISO 8601 with a time zone).'),
  metadata: textMap().default({}).describe('Free labels for your own use.'),
});

export type KeyConfig = z.output<typeof keySchema>;
