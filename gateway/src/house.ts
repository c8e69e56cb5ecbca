import type { IncomingMessage } from 'node:http';
import type { Usage } from '@xidao/dialects';
import { type ApiKey, hashSecret, prefixOf } from './auth/api-key.ts';
import { createAuth } from './auth/identify.ts';
import { type Catalogue, createCatalogue } from './catalogue/catalogue.ts';
import { costOf, type Price, perMillion, priceAt } from './catalogue/price.ts';
import type { Environment } from './config/environment.ts';
import type { Config } from './config/schema.ts';
import type { Member } from './core/plan.ts';
import type { Timeouts } from './core/target.ts';
import { estimateTarget } from './estimate-target.ts';
import type { Furniture } from './furniture.ts';
import type { Serving } from './http/server.ts';
import { createLister, createNameBook } from './name-book.ts';
import { createMockHost } from './providers/mock/host.ts';
import { MOCK_MODELS, mock } from './providers/mock/index.ts';
import { createResponses } from './responses/responses.ts';
import { createRouting, type RoutingDeps } from './routing/choose-plan.ts';
import { configuredProvider, type DescribedProvider, describeProviders, factsOf } from './serve-providers.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import type { MediaSettings } from './upstream/media/fetch-media.ts';
import { createServingProvider, type ServingProvider, type SharedTarget } from './upstream/serving-provider.ts';
import { createMeter } from './usage/meter.ts';

/** What one configuration makes of the furniture: everything that a request meets. */
export interface House {
  config: Config;
  serving: Serving;
  catalogue: Catalogue;
  providers: readonly ServingProvider[];
  /** Lines for the operator: what is configured and cannot be used, and why. */
  warnings: string[];
}

export interface HouseDeps {
  config: Config;
  env: Environment;
  furniture: Furniture;
  /** Whether a request carries the management key. */
  isAdmin: (request: IncomingMessage) => boolean;
}

const LONGEST_WAIT_MS = 2_000;
const LONGEST_HOLD_MS = 5_000;

/** Builds a house. Nothing of the old one is touched: calls under way keep it to their end. */
export function buildHouse({ config, env, furniture, isAdmin }: HouseDeps): House {
  const { clock } = furniture;
  const described = describeProviders(config, env);
  const usable = described.filter(({ missing }) => missing.length === 0);
  const catalogue = createCatalogue({ providers: usable.map(configuredProvider) });
  const providers = usable
    .map((one) => connect(one, catalogue, furniture))
    .sort((one, other) => one.priority - other.priority);
  const withMock = config.providers['mock']?.enabled !== false ? [...providers, connectMock(furniture)] : providers;
  const auth = createAuth({ ring: furniture.ring, pepper: furniture.pepper, clock });
  furniture.ring.replace('config', keysOf(config, furniture.pepper));
  const book = createNameBook(config, withMock, catalogue);
  const routing = createRouting({
    book,
    ownTarget: estimateTarget,
    membersOf: memberFinder(withMock),
  });
  const responses = createResponses({ shelf: furniture.shelf, clock, ttlMs: config.storage.responses_ttl });
  const meter = createMeter();

  return {
    config,
    catalogue,
    providers: withMock,
    warnings: warningsOf(described, providers),
    serving: {
      rooms: {
        telemetry: createTelemetry({ clock, metrics: furniture.metrics, sinks: furniture.sinks, log: furniture.log }),
        auth,
        admission: furniture.admission,
        routing,
        upstream: {
          clock,
          random: Math.random,
          longestWaitMs: LONGEST_WAIT_MS,
          longestHoldMs: LONGEST_HOLD_MS,
          media: furniture.mediaFor(mediaSettings(config)),
        },
        usage: meter,
        responses,
      },
      responses: { ...responses, identify: auth.identify },
      models: {
        identify: auth.identify,
        list: createLister({ config, providers: withMock, catalogue, book }),
        nowMs: clock.wallMs,
      },
      bodyLimit: config.server.body_limit,
      corsOrigins: config.server.cors_origins,
      metrics: metricsDoor(config, isAdmin),
    },
  };
}

function mediaSettings({ media }: Config): MediaSettings {
  return { allowsPrivate: media.allow_private, maxBytes: media.max_size, timeoutMs: media.timeout };
}

function connect(described: DescribedProvider, catalogue: Catalogue, furniture: Furniture): ServingProvider {
  const { name, preset, written, credentials, keyless, endpoints } = described;
  const timeouts = timeoutsOf(written?.timeout);
  return createServingProvider({
    name,
    preset,
    priority: written?.priority ?? 100,
    weight: written?.weight ?? 1,
    credentials,
    keyless,
    endpoints,
    headers: written?.headers ?? {},
    timeouts,
    agent: furniture.agentFor(name, timeouts.connect),
    clock: furniture.clock,
    facts: (model) => factsOf(catalogue, described, model),
    cost: pricing(described, catalogue, furniture),
  });
}

const DEFAULT_TIMEOUTS: Timeouts = { connect: 5_000, firstByte: 60_000, idle: 60_000, total: 600_000 };

function timeoutsOf(
  written: { connect: number; first_byte: number; idle: number; total: number } | undefined,
): Timeouts {
  if (written === undefined) return DEFAULT_TIMEOUTS;
  return { connect: written.connect, firstByte: written.first_byte, idle: written.idle, total: written.total };
}

function connectMock({ clock }: Furniture): ServingProvider {
  const host = createMockHost({ clock });
  const dialects = Object.keys(mock.speaks) as ServingProvider['dialects'];
  const known = new Map<string, readonly SharedTarget[]>();
  return {
    name: mock.name,
    preset: mock,
    priority: Number.POSITIVE_INFINITY,
    weight: 1,
    dialects,
    offers: (dialect, operation) =>
      operation === 'chat'
        ? dialects.includes(dialect)
        : mock.speaks[dialect]?.operations?.includes(operation) === true,
    targets(model, { dialect: wanted, operation }) {
      const dialect = operation === 'chat' ? (dialects.find((one) => one === wanted) ?? dialects[0]!) : wanted;
      if (!(model in MOCK_MODELS) || !this.offers(dialect, operation)) return [];
      const place = `${model}\n${dialect}\n${operation}`;
      const before = known.get(place);
      if (before !== undefined) return before;
      const target = {
        name: `mock/${model}`,
        provider: mock.name,
        preset: mock,
        model,
        dialect,
        operation,
        traits: { model },
        timeouts: DEFAULT_TIMEOUTS,
        host,
        facts: {},
        cost: (usage: Usage) => costOf(usage, FREE),
      };
      const targets = [{ target, share: 1 }];
      known.set(place, targets);
      return targets;
    },
  };
}

/** The places of a candidate, with what configuration says of their order and share. */
function memberFinder(providers: readonly ServingProvider[]): RoutingDeps['membersOf'] {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  return ({ provider: name, model, weight, priority }, ask): Member[] => {
    const provider = byName.get(name);
    if (provider === undefined) return [];
    return provider.targets(model, ask).map(({ target, share }) => ({
      target,
      weight: (weight ?? provider.weight) * share,
      priority: priority ?? 0,
    }));
  };
}

function keysOf(config: Config, pepper: Buffer): ApiKey[] {
  return config.keys.map((written) => ({
    id: `key_config_${written.name}`,
    name: written.name,
    hash: hashSecret(written.key, pepper),
    prefix: prefixOf(written.key),
    ...(written.team !== undefined && { team: written.team }),
    ...(written.project !== undefined && { project: written.project }),
    ...(written.user !== undefined && { user: written.user }),
    tier: written.tier,
    models: written.models,
    createdAtMs: 0,
    ...(written.expires_at !== undefined && { expiresAtMs: Date.parse(written.expires_at) }),
    source: 'config',
  }));
}

const FREE: Price = { input: 0, output: 0, source: 'built in', date: '2026-01-01' };

/** The cost of usage of a provider's model, from the written price or the catalogue's. */
function pricing(
  { name, written: entry }: DescribedProvider,
  catalogue: Catalogue,
  { clock }: Furniture,
): (model: string, usage: Usage) => number | undefined {
  const written = new Map<string, Price>();
  for (const model of entry?.models ?? []) {
    const price = 'prices' in model && model.prices !== undefined ? writtenPrice(model.prices) : undefined;
    if (price !== undefined) written.set(model.id, price);
  }
  return (model, usage) => {
    const price = written.get(model) ?? priceAt(catalogue.find(name, model)?.prices ?? [], clock.wallMs());
    return price === undefined ? undefined : costOf(usage, price);
  };
}

function writtenPrice(prices: {
  input?: number | undefined;
  output?: number | undefined;
  cached_input?: number | undefined;
  cache_write?: number | undefined;
}): Price | undefined {
  if (prices.input === undefined && prices.output === undefined) return undefined;
  return {
    input: perMillion(prices.input ?? 0),
    output: perMillion(prices.output ?? 0),
    ...(prices.cached_input !== undefined && { cachedInput: perMillion(prices.cached_input) }),
    ...(prices.cache_write !== undefined && { cacheWrite: perMillion(prices.cache_write) }),
    source: 'configuration',
    date: '',
  };
}

function metricsDoor(config: Config, isAdmin: HouseDeps['isAdmin']): Serving['metrics'] {
  const { metrics } = config.observability;
  if (!metrics.enabled) return undefined;
  return { path: metrics.endpoint, mayRead: metrics.public ? () => true : isAdmin };
}

function warningsOf(described: readonly DescribedProvider[], providers: readonly ServingProvider[]): string[] {
  const lacking = described
    .filter(({ missing }) => missing.length > 0)
    .map(
      ({ name, missing }) =>
        `The provider "${name}" is left out: set ${missing.map((setting) => `providers.${name}.settings.${setting}`).join(' and ')}.`,
    );
  const keyless = described
    .filter(
      ({ name, credentials, keyless, preset }) =>
        credentials.length === 0 &&
        keyless === undefined &&
        preset.needsKey !== false &&
        providers.some((one) => one.name === name),
    )
    .map(
      ({ name, preset }) =>
        `The provider "${name}" has no API key: set providers.${name}.api_key${preset.env[0] === undefined ? '' : ` or ${preset.env[0]}`}.`,
    );
  return [...lacking, ...keyless];
}
