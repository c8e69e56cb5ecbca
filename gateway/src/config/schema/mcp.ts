import { z } from 'zod';
import { headerMap, httpUrl, name, nameOrNames, secret, textMap, timeout } from './values.ts';

const count = () => z.int().nonnegative().optional();

const rateFields = z.strictObject({
  requests_per_minute: count().describe('Tool calls a minute.'),
  tokens_per_minute: count().describe('Tokens of tool results a minute.'),
});

/** A rate is a section, or for short the calls a minute. */
const rateSchema = z
  .union([z.int().nonnegative(), rateFields])
  .transform((rate) => (typeof rate === 'number' ? rateFields.parse({ requests_per_minute: rate }) : rate));

const authSchema = z.strictObject({
  type: z.enum(['bearer', 'header', 'none']).default('bearer').describe('How the token travels.'),
  token: secret().optional().describe('The token.'),
  header: name().optional().describe('The header of the token, for `type: header`.'),
});

const healthCheckSchema = z.strictObject({
  interval: timeout().prefault('30s').describe('From one check to the next.'),
  timeout: timeout().prefault('5s').describe('How long a check may take.'),
});

/** One tool server. Its address may be written `url` or `endpoint`; it is `url` when read. */
export const mcpServerSchema = z
  .strictObject({
    name: name().describe('What the server is called; its tools carry the name.'),
    transport: z.enum(['stdio', 'sse', 'http', 'streamable_http']).describe('How it is spoken to.'),
    command: name().optional().describe('The program, for `stdio`.'),
    args: z.array(z.string()).default([]).describe('Its arguments.'),
    env: textMap().default({}).describe('Its environment; nothing else is handed on.'),
    url: httpUrl().optional().describe('The address, for `sse`, `http` and `streamable_http`.'),
    endpoint: httpUrl().optional().describe('The same as `url`.'),
    headers: headerMap().default({}).describe('Headers added to every request.'),
    auth: authSchema.optional().describe('How the gateway shows who it is.'),
    rate_limit: rateSchema.optional().describe('How often its tools may be called; a number is calls a minute.'),
    health_check: healthCheckSchema.optional().describe('How its health is watched.'),
    allowed_tools: z.array(name()).optional().describe('The only tools that may be used.'),
    enabled: z.boolean().default(true).describe('Whether it is used.'),
  })
  .superRefine((server, context) => {
    const missing = (field: string) =>
      context.addIssue({ code: 'custom', path: [field], message: `\`${field}\` for transport ${server.transport}` });
    if (server.transport === 'stdio' && server.command === undefined) missing('command');
    if (server.transport !== 'stdio' && (server.url ?? server.endpoint) === undefined) missing('url');
    if (server.url !== undefined && server.endpoint !== undefined) {
      context.addIssue({ code: 'custom', path: ['endpoint'], message: 'either `url` or `endpoint`' });
    }
  })
  .transform(({ endpoint, url = endpoint, ...server }) => ({ ...server, ...(url !== undefined && { url }) }));

const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      tool_type: nameOrNames().optional().describe('The kind of tool.'),
      tool: nameOrNames().optional().describe("The tool's name; `*` stands for any run of characters."),
      server: nameOrNames().optional().describe("The server's name."),
    })
    .describe('What must hold, all of it.'),
  route_to: nameOrNames().describe('The model, or models in order.'),
});

const mcpRoutingSchema = z.strictObject({
  default_model: name().optional().describe('The model for calls with tools that no rule matches.'),
  fallback_model: name().optional().describe('The model to try next.'),
  rules: z.array(ruleSchema).default([]).describe('The first rule that matches decides.'),
});

const mcpSecuritySchema = z.strictObject({
  rate_limit: rateSchema
    .optional()
    .describe('How often tools may be called, for each key; a number is calls a minute.'),
  allowed_tools: z.array(name()).optional().describe('The only tools that may be used.'),
  blocked_patterns: z.array(name()).default([]).describe('Texts that no argument of a tool may hold.'),
});

export const mcpGatewaySchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether tool servers are offered.'),
  routing: mcpRoutingSchema.prefault({}).describe('Which model works with which tools.'),
  servers: z.array(mcpServerSchema).default([]).describe('The tool servers.'),
  security: mcpSecuritySchema.prefault({}).describe('What tools may do.'),
});
