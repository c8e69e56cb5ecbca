import type { Agent } from 'undici';
import { type Admission, createAdmission } from './admission/admit.ts';
import { createKeyRing, type KeyRing } from './auth/key-ring.ts';
import type { Clock } from './core/clock.ts';
import type { CallRecord } from './core/record.ts';
import type { Logger } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import type { Sink } from './telemetry/telemetry.ts';
import { createAgent } from './upstream/network-host.ts';

/** What outlives a reload of the configuration: connections, counters, keys, calls under way. Handed from house to house. */
export interface Furniture {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  admission: Admission;
  ring: KeyRing;
  pepper: Buffer;
  sinks: Sink[];
  /** The warm connections of a provider; the same ones as long as what they depend on stays. */
  agentFor(provider: string, connectTimeoutMs: number): Agent;
  close(): Promise<void>;
}

export interface FurnitureDeps {
  clock: Clock;
  log: Logger;
  pepper: Buffer;
  /** Sinks besides the metrics. */
  sinks: Sink[];
}

export function furnish({ clock, log, pepper, sinks }: FurnitureDeps): Furniture {
  const metrics = createMetrics();
  const agents = new Map<string, Agent>();
  return {
    clock,
    log,
    metrics,
    admission: createAdmission(),
    ring: createKeyRing(),
    pepper,
    sinks: [{ name: 'metrics', take: (record: CallRecord) => metrics.count(record) }, ...sinks],
    agentFor(provider, connectTimeoutMs) {
      const key = `${provider}\n${connectTimeoutMs}`;
      const known = agents.get(key);
      if (known !== undefined) return known;
      const agent = createAgent(connectTimeoutMs);
      agents.set(key, agent);
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}
