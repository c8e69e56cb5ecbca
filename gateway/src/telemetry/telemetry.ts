import type { Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { CallRecord } from '../core/record.ts';
import { type Pricing, Trail } from '../core/trail.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Takes one finished record. Sinks observe; none can change an outcome. */
export interface Sink {
  name: string;
  take(record: CallRecord): void;
}

export interface Telemetry {
  openTrail(call: Call): Trail;
  publish(record: CallRecord, fault?: unknown): void;
}

export function createTelemetry({
  clock,
  metrics,
  sinks,
  log,
  pricing,
}: {
  clock: Clock;
  metrics: Metrics;
  sinks: Sink[];
  log: Logger;
  /** By which costs are reckoned. */
  pricing?: Pricing;
}): Telemetry {
  return {
    openTrail(call) {
      return new Trail(call, clock, metrics.follow, pricing);
    },
    publish(record, fault) {
      if (fault !== undefined) log.error({ err: fault, id: record.id }, 'a call failed in the gateway itself');
      for (const sink of sinks) {
        try {
          sink.take(record);
        } catch (error) {
          // A sink that fails must not take the call, or the other sinks, with it.
          log.error({ err: error, sink: sink.name, id: record.id }, 'a sink failed');
        }
      }
    },
  };
}
