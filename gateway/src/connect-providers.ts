import type { Usage } from '@xidao/dialects';
import type { Catalogue } from './catalogue/catalogue.ts';
import { costOf, type Price } from './catalogue/price.ts';
import { createPriceList, type PriceFile, type PriceList } from './catalogue/price-list.ts';
import type { WrittenPrice } from './catalogue/price-rows.ts';
import type { Config } from './config/schema.ts';
import type { Member } from './core/plan.ts';
import type { Timeouts } from './core/target.ts';
import type { Furniture } from './furniture.ts';
import { createMockHost } from './providers/mock/host.ts';
import { MOCK_MODELS, mock } from './providers/mock/index.ts';
import type { RoutingDeps } from './routing/choose-plan.ts';
import { type DescribedProvider, factsOf } from './serve-providers.ts';
import type { HostHealth } from './upstream/check-host.ts';
import type { Fleet } from './upstream/fleet.ts';
import type { CheckedHost } from './upstream/health-rounds.ts';
import { createServingProvider, type ServingProvider, type SharedTarget } from './upstream/serving-provider.ts';
import type { Concurrency } from './upstream/waiting/concurrency-limit.ts';

/** A provider with its keys, connections and patience. */
export function connectProvider(
  described: DescribedProvider,
  catalogue: Catalogue,
  furniture: Furniture,
  prices: PriceList = listPrices([described], furniture),
): ServingProvider {
  const { name, written, credentials, keyless, endpoints } = described;
  const preset = withPolicy(described);
  const timeouts = timeoutsOf(written?.timeout);
  return createServingProvider({
    name,
    preset,
    priority: written?.priority ?? 100,
    weight: written?.weight ?? 1,
    concurrency: concurrencyOf(written),
    checkEveryMs: written?.health_check ?? DEFAULT_CHECK_MS,
    credentials,
    keyless,
    endpoints,
    headers: written?.headers ?? {},
    timeouts,
    agent: furniture.agentFor(name, timeouts.connect),
    clock: furniture.clock,
    facts: (model) => factsOf(catalogue, described, model),
    cost: prices.pricing(name, (model) => catalogue.find(name, model)?.prices ?? []),
  });
}

/** The preset, with what configuration says of clients that leave. */
function withPolicy({ preset, written }: DescribedProvider): DescribedProvider['preset'] {
  const policy = written?.on_disconnect;
  return policy === undefined ? preset : { ...preset, cancelStopsBilling: policy === 'cancel' };
}

function concurrencyOf(written: DescribedProvider['written']): Concurrency | undefined {
  const most = written?.max_concurrency;
  if (most === undefined) return undefined;
  return most === 'adaptive' ? { kind: 'adaptive' } : { kind: 'fixed', most };
}

const DEFAULT_CHECK_MS = 10_000;

const DEFAULT_TIMEOUTS: Timeouts = { connect: 5_000, firstByte: 60_000, idle: 60_000, total: 600_000 };

function timeoutsOf(
  written: { connect: number; first_byte: number; idle: number; total: number } | undefined,
): Timeouts {
  if (written === undefined) return DEFAULT_TIMEOUTS;
  return { connect: written.connect, firstByte: written.first_byte, idle: written.idle, total: written.total };
}

/** The provider inside the process. */
export function connectMock({ clock }: Furniture): ServingProvider {
  const host = createMockHost({ clock });
  const dialects = Object.keys(mock.speaks) as ServingProvider['dialects'];
  const known = new Map<string, readonly SharedTarget[]>();
  return {
    name: mock.name,
    preset: mock,
    priority: Number.POSITIVE_INFINITY,
    weight: 1,
    checkEveryMs: 0,
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

/** The hosts that share a model with others: it is worth knowing early that one of them is gone. */
export function listCheckedHosts({ models }: Config, providers: readonly ServingProvider[]): CheckedHost[] {
  const hosts = new Map<() => Promise<HostHealth>, CheckedHost & { targets: string[] }>();
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  for (const { targets, fallback } of Object.values(models)) {
    if (targets.length + fallback.length < 2) continue;
    for (const { provider: name, model } of targets) {
      const provider = byName.get(name);
      if (provider === undefined || provider.checkEveryMs === 0) continue;
      for (const { target, check } of checkable(provider, model)) {
        const known = hosts.get(check);
        if (known !== undefined) known.targets.push(target.name);
        else hosts.set(check, { name, targets: [target.name], everyMs: provider.checkEveryMs, check });
      }
    }
  }
  return [...hosts.values()];
}

function checkable(provider: ServingProvider, model: string): (SharedTarget & { check: () => Promise<HostHealth> })[] {
  try {
    const targets = provider.targets(model, { dialect: provider.dialects[0]!, operation: 'chat' });
    return targets.flatMap(({ target, share, check }) => (check === undefined ? [] : [{ target, share, check }]));
  } catch {
    // Without a key it is not called, and need not be looked after.
    return [];
  }
}

/** The places of a candidate, with what configuration says of their order and share. */
export function createMemberFinder(
  providers: readonly ServingProvider[],
  { waiting }: Fleet,
): RoutingDeps['membersOf'] {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  return ({ provider: name, model, weight, priority }, ask): Member[] => {
    const provider = byName.get(name);
    if (provider === undefined) return [];
    const { concurrency } = provider;
    return provider.targets(model, ask).map(({ target, share }) => {
      if (concurrency !== undefined || waiting.isLimited(target.name)) waiting.limit(target.name, concurrency);
      return { target, weight: (weight ?? provider.weight) * share, priority: priority ?? 0 };
    });
  };
}

const FREE: Price = { input: 0, output: 0, source: 'built in', date: '2026-01-01' };

/** All prices as they hold now: those of the configuration, and of its file if there is one, before the catalogue's. */
export function listPrices(
  described: readonly DescribedProvider[],
  { clock }: Pick<Furniture, 'clock'>,
  { prices, file }: { prices?: Config['prices']; file?: () => PriceFile | undefined } = {},
): PriceList {
  return createPriceList({
    written: described.flatMap(writtenPrices),
    nowMs: clock.wallMs,
    ...(prices !== undefined && { overrides: prices.overrides, discounts: prices.discounts }),
    ...(file !== undefined && { file }),
  });
}

function writtenPrices({ name, written }: DescribedProvider): WrittenPrice[] {
  return (written?.models ?? []).flatMap((model) => {
    const prices = 'prices' in model ? model.prices : undefined;
    if (prices?.input === undefined && prices?.output === undefined) return [];
    return [{ provider: name, model: model.id, ...prices }];
  });
}
