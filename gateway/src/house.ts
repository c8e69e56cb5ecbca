import type { IncomingMessage } from 'node:http';
import { asCall } from './asked-call.ts';
import { createAddressList } from './auth/address-list.ts';
import { clientAddress } from './auth/client-address.ts';
import { configuredKeys } from './auth/configured-keys.ts';
import { createAuth } from './auth/identify.ts';
import { createAutoGuide } from './auto-guide.ts';
import { type Catalogue, createCatalogue } from './catalogue/catalogue.ts';
import type { Environment } from './config/environment.ts';
import { readRateLimit } from './config/schema/limits.ts';
import type { Config } from './config/schema.ts';
import { connectMock, connectProvider, createMemberFinder, listCheckedHosts, listPrices } from './connect-providers.ts';
import type { Caller } from './core/caller.ts';
import type { Clock } from './core/clock.ts';
import { estimateTarget } from './estimate-target.ts';
import type { Furniture } from './furniture.ts';
import { setGuidePosts } from './guide-posts.ts';
import type { Serving } from './http/server.ts';
import { createLister, createNameBook, isKnown } from './name-book.ts';
import { askModel } from './pipeline/ask-model.ts';
import type { Rooms } from './pipeline/rooms.ts';
import { createResponses } from './responses/responses.ts';
import { type AskedClassifier, createAskedClassifier } from './routing/auto/ask-classifier.ts';
import { readAutoSettings } from './routing/auto/read-settings.ts';
import { createRouting } from './routing/choose-plan.ts';
import { configuredProvider, type DescribedProvider, describeProviders } from './serve-providers.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import type { BreakerSettings } from './upstream/breaker/breaker.ts';
import type { MediaSettings } from './upstream/media/fetch-media.ts';
import type { ServingProvider } from './upstream/serving-provider.ts';
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
  furniture.prices.watch(config.prices.file);
  const prices = listPrices(usable, furniture, { prices: config.prices, file: furniture.prices.current });
  const providers = usable
    .map((one) => connectProvider(one, catalogue, furniture, prices))
    .sort((one, other) => one.priority - other.priority);
  const withMock = config.providers['mock']?.enabled !== false ? [...providers, connectMock(furniture)] : providers;
  const { ring, directory, pepper } = furniture;
  const auth = createAuth({ ring, directory, pepper, clock });
  ring.replace('config', configuredKeys(config.keys, pepper));
  const book = createNameBook(config, withMock, catalogue);
  const membersOf = createMemberFinder(withMock, furniture.fleet);
  const autoGuide = createAutoGuide({
    config,
    providers,
    catalogue,
    book,
    membersOf,
    fleet: furniture.fleet,
    router: furniture.autoRouterFor(readAutoSettings(config.routing, config.routing.auto)),
    classifier: classifierOf(config, clock, (prompt, model) =>
      askModel(rooms, asCall({ body: { model, messages: [{ role: 'user', content: prompt }] } }), GATEWAY_ITSELF),
    ),
  });
  const signs = setGuidePosts({
    routing: config.routing,
    nowMs: clock.wallMs,
    random: furniture.fleet.random,
    shadowSpend: furniture.shadowSpend,
    isModel: (name) => isKnown(name, book),
    taskOf: autoGuide.taskOf,
    auto: book.hasRealProviders ? autoGuide.auto : undefined,
  });
  const routing = furniture.budgets.degrade(
    createRouting({
      book,
      ownTarget: estimateTarget,
      membersOf,
      guide: signs.guide,
      shadowOf: signs.shadowOf,
    }),
  );
  furniture.fleet.breakers.configure(breakerSettings(config));
  furniture.budgets.configure(config);
  furniture.health.watch(listCheckedHosts(config, providers));
  const responses = createResponses({ shelf: furniture.shelf, clock, ttlMs: config.storage.responses_ttl });
  const meter = createMeter({ learned: furniture.learned });

  const rooms: Rooms = {
    telemetry: createTelemetry({
      clock,
      metrics: furniture.metrics,
      sinks: furniture.sinks,
      log: furniture.log,
      pricing: prices,
    }),
    auth,
    admission: furniture.admission.under(readRateLimit(config.rate_limit)),
    routing,
    upstream: {
      ...furniture.fleet,
      longestWaitMs: LONGEST_WAIT_MS,
      longestHoldMs: LONGEST_HOLD_MS,
      media: furniture.mediaFor(mediaSettings(config)),
    },
    usage: meter,
    bodies: furniture.bodies,
    responses,
  };

  return {
    config,
    catalogue,
    providers: withMock,
    warnings: [...warningsOf(described, providers), ...signs.warnings],
    serving: {
      rooms,
      responses: { ...responses, identify: auth.identify },
      models: {
        identify: auth.identify,
        list: createLister({ config, providers: withMock, catalogue, book }),
        nowMs: clock.wallMs,
      },
      addressOf: addressReader(config),
      bodyLimit: config.server.body_limit,
      corsOrigins: config.server.cors_origins,
      tellsCost: config.server.cost_comment,
      metrics: metricsDoor(config, isAdmin),
    },
  };
}

/** Who asks where the gateway itself does. */
const GATEWAY_ITSELF: Caller = { keyId: 'key_gateway', keyName: 'the gateway itself' };

function classifierOf(
  { routing }: Config,
  clock: Clock,
  ask: (prompt: string, model: string) => Promise<string>,
): AskedClassifier | undefined {
  const { classifier } = routing.auto;
  if (classifier === undefined) return undefined;
  const { model, timeout, cache_entries } = classifier;
  return createAskedClassifier({
    complete: (prompt) => ask(prompt, model),
    clock,
    timeoutMs: timeout,
    cacheEntries: cache_entries,
  });
}

function addressReader({ server }: Config): Serving['addressOf'] {
  const proxies = server.trusted_proxies.length === 0 ? undefined : createAddressList(server.trusted_proxies);
  return ({ headers, socket }) => clientAddress(socket.remoteAddress ?? '', headers, proxies);
}

function breakerSettings({ circuit_breaker: written }: Config): BreakerSettings {
  return {
    mode: written.mode,
    failureThreshold: written.failure_threshold,
    recoveryTimeoutMs: written.recovery_timeout,
    halfOpenMax: written.half_open_max,
  };
}

function mediaSettings({ media }: Config): MediaSettings {
  return { allowsPrivate: media.allow_private, maxBytes: media.max_size, timeoutMs: media.timeout };
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
