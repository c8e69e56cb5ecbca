/** The one source of the configuration: what may be written, what it becomes, what it defaults to, and what it means. */

import { z } from 'zod';
import { alertsSchema } from './schema/alerts.ts';
import { budgetsSchema } from './schema/budgets.ts';
import { cacheSchema } from './schema/cache.ts';
import { keySchema } from './schema/keys.ts';
import { circuitBreakerSchema, type RateLimitInput, rateLimitSchema } from './schema/limits.ts';
import { mcpGatewaySchema, mcpServerSchema } from './schema/mcp.ts';
import { mediaSchema } from './schema/media.ts';
import { modelsSchema } from './schema/models.ts';
import { observabilitySchema } from './schema/observability.ts';
import { pricesSchema } from './schema/prices.ts';
import { providersSchema } from './schema/providers.ts';
import { routingSchema } from './schema/routing.ts';
import { adminSchema, serverSchema } from './schema/server.ts';
import { redisSchema, storageSchema } from './schema/storage.ts';

/** Reads a configuration: snake_case keys stay, durations become milliseconds, sizes bytes, short forms long, defaults filled in. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema, for editors; has no effect.'),
  server: serverSchema.prefault({}).describe('Where the gateway listens, and its manners there.'),
  admin: adminSchema.prefault({}).describe('The management API and the console.'),
  providers: providersSchema
    .prefault({})
    .describe('Who answers. A known provider needs only its key; `false` switches one off.'),
  models: modelsSchema
    .prefault({})
    .describe('Names that clients may say. Without any, every model of the catalogue goes by its own id.'),
  prices: pricesSchema
    .prefault({})
    .describe(
      'What tokens cost: prices of your own before those of the catalogue, discounts, and what teams are charged.',
    ),
  media: mediaSchema
    .prefault({})
    .describe('Images and files that clients give by address, for models that must have them inline.'),
  keys: z.array(keySchema).default([]).describe('Keys for small set-ups and tests; all others live in the store.'),
  storage: storageSchema.prefault({}).describe('The store.'),
  redis: redisSchema.prefault({}).describe('What nodes share.'),
  rate_limit: rateLimitSchema.prefault({}).describe('Limits by tier; `default` holds for keys without one.'),
  budgets: budgetsSchema.prefault([]).describe('Money that may be spent, and by whom.'),
  alerts: alertsSchema.prefault({}).describe('Who is told when a budget runs out.'),
  cache: cacheSchema.prefault({ enabled: false }).describe('Answers kept for the same question.'),
  circuit_breaker: circuitBreakerSchema.prefault({}).describe('When a failing target is left alone.'),
  routing: routingSchema.prefault({}).describe('Which model answers when the caller leaves it open.'),
  observability: observabilitySchema.prefault({}).describe('What the gateway tells about its work.'),
  mcp_gateway: mcpGatewaySchema.prefault({}).describe('Tools through the gateway (Model Context Protocol).'),
  mcp_servers: z.array(mcpServerSchema).default([]).describe('Tool servers, as under `mcp_gateway.servers`.'),
});

/** A configuration as read. */
export type Config = z.output<typeof configSchema>;

/** A configuration as written, in YAML or as the library's argument. */
export type ConfigInput = Omit<z.input<typeof configSchema>, 'rate_limit'> & {
  rate_limit?: RateLimitInput | undefined;
};
