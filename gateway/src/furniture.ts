import type { Agent } from 'undici';
import { type Admission, createAdmission } from './admission/admit.ts';
import { createDirectory, type Directory } from './auth/directory.ts';
import { createKeyRing, type KeyRing } from './auth/key-ring.ts';
import type { Clock } from './core/clock.ts';
import type { Gates } from './core/limits.ts';
import type { CallRecord } from './core/record.ts';
import type { BudgetKeeper } from './keep-budgets.ts';
import { createPriceKeeper, type PriceKeeper } from './keep-prices.ts';
import { createShelf, type Shelf } from './responses/shelf.ts';
import { type AutoRouter, createAutoRouter } from './routing/auto/auto-router.ts';
import type { AutoSettings } from './routing/auto/settings.ts';
import { shippedTaskWeights } from './routing/auto/text/task-weights.ts';
import { createExperiments, type Experiments } from './routing/experiments.ts';
import { createShadowSpend, type ShadowSpend } from './routing/shadows.ts';
import type { ResponseStore } from './store/store.ts';
import type { Logger } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import type { Sink } from './telemetry/telemetry.ts';
import type { Tie } from './upstream/balance/affinity.ts';
import type { BreakerNews } from './upstream/breaker/breaker.ts';
import { createFleet, type Fleet } from './upstream/fleet.ts';
import { createHealthRounds, type HealthRounds } from './upstream/health-rounds.ts';
import { createMediaFetcher, type MediaFetcher, type MediaSettings } from './upstream/media/fetch-media.ts';
import { createAgent } from './upstream/network-host.ts';
import type { BodyLog } from './usage/body-log.ts';
import { createLearned, type Learned } from './usage/learned.ts';

/** What outlives a reload of the configuration: connections, counters, keys, calls under way. Handed from house to house. */
export interface Furniture {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  admission: Admission;
  budgets: BudgetKeeper;
  bodies: BodyLog;
  /** What is learned of targets. */
  fleet: Fleet;
  health: HealthRounds;
  /** A/B tests so far. */
  experiments: Experiments;
  shadowSpend: ShadowSpend;
  /** Chooses for `model: "auto"`, with what it has learned; the same one as long as its settings stay. */
  autoRouterFor(settings: AutoSettings): AutoRouter;
  ring: KeyRing;
  directory: Directory;
  pepper: Buffer;
  sinks: Sink[];
  /** Responses that are kept for their clients. */
  shelf: Shelf;
  /** The price file that is in force. */
  prices: PriceKeeper;
  /** What estimates are corrected by. */
  learned: Learned;
  /** The warm connections of a provider; the same ones as long as what they depend on stays. */
  agentFor(provider: string, connectTimeoutMs: number): Agent;
  /** Fetches media that clients give by address, and remembers them; the same one as long as its settings stay. */
  mediaFor(settings: MediaSettings): MediaFetcher;
  close(): Promise<void>;
}

export interface FurnitureDeps {
  clock: Clock;
  log: Logger;
  pepper: Buffer;
  responses: ResponseStore;
  /** Where limits are counted: here, or with the other nodes. */
  gates: Gates;
  budgets: BudgetKeeper;
  bodies: BodyLog;
  /** Tells the other nodes that a breaker has opened or closed here. */
  tellBreakers: (news: BreakerNews) => void;
  /** Tells the other nodes where a conversation goes. */
  tellTies: (tie: Tie) => void;
  /** Sinks besides the metrics. */
  sinks: Sink[];
}

export function furnish({
  clock,
  log,
  pepper,
  responses,
  gates,
  budgets,
  bodies,
  tellBreakers,
  tellTies,
  sinks,
}: FurnitureDeps): Furniture {
  const metrics = createMetrics();
  const fleet = createFleet({
    clock,
    random: Math.random,
    onNews: tellNews(log, metrics, tellBreakers),
    onTie: tellTies,
  });
  const health = createHealthRounds({ clock, fleet });
  const experiments = createExperiments();
  const prices = createPriceKeeper({ log, tell: metrics.priceFile });
  const shadowSpend = createShadowSpend({ nowMs: clock.wallMs });
  const autoRouters = keepAutoRouter(clock);
  const agents = new Map<string, Agent>();
  const fetchers = new Map<string, MediaFetcher>();
  return {
    clock,
    log,
    metrics,
    admission: createAdmission({ clock, gates, budgets: budgets.book }),
    budgets,
    bodies,
    fleet,
    health,
    experiments,
    shadowSpend,
    autoRouterFor: autoRouters.routerFor,
    ring: createKeyRing(),
    directory: createDirectory(),
    pepper,
    sinks: [
      { name: 'metrics', take: (record: CallRecord) => metrics.count(record) },
      { name: 'experiments', take: experiments.take },
      { name: 'shadow spend', take: shadowSpend.take },
      { name: 'budgets', take: budgets.book.take },
      { name: 'auto', take: autoRouters.take },
      ...sinks,
    ],
    agentFor(provider, connectTimeoutMs) {
      const key = `${provider}\n${connectTimeoutMs}`;
      const known = agents.get(key);
      if (known !== undefined) return known;
      const agent = createAgent(connectTimeoutMs);
      agents.set(key, agent);
      return agent;
    },
    mediaFor(settings) {
      const key = JSON.stringify(settings);
      const known = fetchers.get(key);
      if (known !== undefined) return known;
      const fetcher = createMediaFetcher(settings, { clock });
      fetchers.set(key, fetcher);
      return fetcher;
    },
    shelf: createShelf({ store: responses, clock, log }),
    prices,
    learned: createLearned(),
    async close() {
      health.stop();
      prices.close();
      await bodies.close();
      const fetchersClosed = [...fetchers.values()].map((fetcher) => fetcher.close());
      await Promise.all([...fetchersClosed, ...[...agents.values()].map((agent) => agent.destroy())]);
    },
  };
}

/** A breaker that opens is a warning; one that only a person can mend, an error. */
function tellNews(log: Logger, metrics: Metrics, tellNodes: (news: BreakerNews) => void): (news: BreakerNews) => void {
  return (news) => {
    const { name, state, cause, reason, untilMs } = news;
    tellNodes(news);
    metrics.breakerTurned(name, state);
    const facts = {
      target: name,
      cause,
      reason,
      ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
    };
    if (state === 'closed') log.info(facts, 'a breaker has closed: the target is asked again');
    else if (cause === 'fatal')
      log.error(
        facts,
        'a target refuses its key or its model, and is not asked for now: mend its entry under providers',
      );
    else log.warn(facts, 'a breaker has opened: the target is not asked for now');
  };
}

/** One router at a time, told of every call that it chose for. */
function keepAutoRouter(clock: Clock): {
  routerFor(settings: AutoSettings): AutoRouter;
  take(record: CallRecord): void;
} {
  let kept: { key: string; router: AutoRouter } | undefined;
  return {
    routerFor(settings) {
      const key = JSON.stringify(settings);
      if (kept?.key !== key)
        kept = { key, router: createAutoRouter({ settings, now: clock.wallMs, weights: shippedTaskWeights() }) };
      return kept.router;
    },
    take(record) {
      const task = record.decision?.task;
      if (task === undefined || kept === undefined || record.outcome !== 'complete') return;
      const model = nameOfServed(record);
      if (model === undefined) return;
      kept.router.note({
        ...(record.session !== undefined && { session: `${record.keyId}\n${record.session}` }),
        task,
        model,
        what: record.usage?.outputTokens === 0 ? 'empty' : 'answered',
        ...(record.usage !== undefined && {
          outputTokens: record.usage.outputTokens,
          cachedTokens: record.usage.cachedInputTokens ?? 0,
        }),
      });
    },
  };
}

/** The candidate that answered, by the name under which it was considered. */
function nameOfServed({ decision, provider, modelServed }: CallRecord): string | undefined {
  const considered = decision?.candidates ?? [];
  const names = [`${provider}/${modelServed}`, modelServed];
  return (
    considered.find(({ name }) => names.includes(name)) ?? considered.find(({ excluded }) => excluded === undefined)
  )?.name;
}
