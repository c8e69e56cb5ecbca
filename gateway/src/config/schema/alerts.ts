import { z } from 'zod';
import { headerMap, httpUrl, name, secret, timeout } from './values.ts';

const shared = { timeout: timeout().prefault('10s').describe('How long one attempt may take.') };

const webhookSchema = z.strictObject({
  type: z.literal('webhook').describe('A POST of JSON.'),
  webhook_url: httpUrl().describe('Where it goes.'),
  headers: headerMap().default({}).describe('Headers added to it.'),
  secret: secret()
    .optional()
    .describe(
      'The body is signed with it: `x-xidao-signature: sha256=…`, HMAC of `x-xidao-timestamp`, a dot and the body.',
    ),
  ...shared,
});

const slackSchema = z.strictObject({
  type: z.literal('slack').describe('A POST of `{"text": …}`, which Slack and many others take.'),
  webhook_url: httpUrl().describe('The incoming webhook.'),
  ...shared,
});

const emailSchema = z.strictObject({
  type: z.literal('email').describe('By `alerts.smtp`.'),
  to: z.array(z.email('an e-mail address')).min(1).describe('Who gets it.'),
  ...shared,
});

const smtpSchema = z.strictObject({
  host: name().describe('The mail server.'),
  port: z.int().min(1).max(65_535).default(587).describe('Its port.'),
  tls: z
    .enum(['starttls', 'always', 'never'])
    .default('starttls')
    .describe('`starttls` insists on encryption before anything is said; `always` from the first byte (port 465).'),
  user: name().optional().describe('User there.'),
  password: secret().optional().describe('Password there.'),
  from: z.string().min(3).describe('The sender, such as `XiDao <alerts@example.com>`.'),
});

/** Whom the gateway tells when something happens that people should know of. */
export const alertsSchema = z
  .strictObject({
    channels: z
      .record(name(), z.discriminatedUnion('type', [webhookSchema, slackSchema, emailSchema]))
      .default({})
      .describe('Ways to tell, by name.'),
    default: z.array(name()).optional().describe('Channels of what names none. Absent: all of them.'),
    smtp: smtpSchema.optional().describe('The mail server for channels of type `email`.'),
    allow_private: z
      .boolean()
      .default(false)
      .describe("Whether webhooks may lie in one's own network (loopback, RFC 1918)."),
    history: z.int().min(1).max(100_000).default(1_000).describe('Alerts that are kept; older ones go.'),
  })
  .superRefine(({ channels, default: defaults = [], smtp }, context) => {
    for (const [index, channel] of defaults.entries()) {
      if (channels[channel] === undefined)
        context.addIssue({ code: 'custom', path: ['default', index], message: 'a name under `alerts.channels`' });
    }
    for (const [channel, { type }] of Object.entries(channels)) {
      if (type === 'email' && smtp === undefined)
        context.addIssue({ code: 'custom', path: ['channels', channel, 'type'], message: '`alerts.smtp` beside it' });
    }
  });

export type AlertsConfig = z.output<typeof alertsSchema>;
export type AlertChannelConfig = AlertsConfig['channels'][string];
export type SmtpConfig = NonNullable<AlertsConfig['smtp']>;
