import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallRecord } from '../core/record.ts';
import type { Follow } from '../core/trail.ts';
import { tellProcess } from './process-metrics.ts';

/** Counts and times of all calls, under the names that dashboards already use. Furniture: counters outlive a reload. */
export interface Metrics {
  /** Where a call is being answered now. */
  follow: Follow;
  count(record: CallRecord): void;
  toleratedPath(path: string): void;
  configReloaded(outcome: 'applied' | 'refused'): void;
  /** The Prometheus text format, and its content type. */
  expose(): Promise<{ contentType: string; text: string }>;
}

const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const FIRST_TOKEN_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5];
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05];
const PICO = 1e12;
/** A model that nobody serves is a client's free text: it must not make a time series. */
const UNKNOWN = 'unknown';
/** A provider takes names that no catalogue has; past this many they are counted together, or a client could fill the memory with series. */
const MOST_MODELS = 1000;
const OTHER = 'other';

export function createMetrics(): Metrics {
  const registry = new Registry();
  tellProcess(registry);
  const registers = [registry];

  const duration = new Histogram({
    name: 'llm_request_duration_seconds',
    help: 'From the first byte of the call to the last byte of the answer.',
    labelNames: ['model', 'provider', 'operation', 'status'],
    buckets: SECONDS,
    registers,
  });
  const firstToken = new Histogram({
    name: 'llm_time_to_first_token_seconds',
    help: 'From the first byte of the call to the first byte of a streamed answer.',
    labelNames: ['model', 'provider'],
    buckets: FIRST_TOKEN_SECONDS,
    registers,
  });
  const requests = new Counter({
    name: 'llm_requests_total',
    help: 'Calls that are over.',
    labelNames: ['model', 'provider', 'operation', 'status'],
    registers,
  });
  const tokens = new Counter({
    name: 'llm_tokens_total',
    help: 'Tokens; `cached`, `cache_write` and `reasoning` are parts of input and output.',
    labelNames: ['model', 'provider', 'token_type'],
    registers,
  });
  const cost = new Counter({
    name: 'llm_cost_usd_total',
    help: 'Cost in US dollars, as far as prices are known.',
    labelNames: ['model', 'provider'],
    registers,
  });
  const errors = new Counter({
    name: 'llm_errors_total',
    help: 'Calls that failed or were refused, by the stable code of the error.',
    labelNames: ['model', 'provider', 'error_type'],
    registers,
  });
  const active = new Gauge({
    name: 'llm_active_requests',
    help: 'Calls that are being answered, by where.',
    labelNames: ['model', 'provider'],
    registers,
  });
  const overhead = new Histogram({
    name: 'xidao_overhead_seconds',
    help: 'Time spent in the gateway itself until an answer began.',
    buckets: OVERHEAD_SECONDS,
    registers,
  });
  const attempts = new Counter({
    name: 'xidao_attempts_total',
    help: 'Attempts at targets, by what came of them.',
    labelNames: ['provider', 'verdict'],
    registers,
  });
  const clientsLeft = new Counter({
    name: 'xidao_clients_left_total',
    help: 'Calls whose client hung up before the end.',
    registers,
  });
  const unpriced = new Counter({
    name: 'xidao_unpriced_calls_total',
    help: 'Calls with usage for which no price is known.',
    labelNames: ['model', 'provider'],
    registers,
  });
  const unmeasured = new Counter({
    name: 'xidao_unmeasured_calls_total',
    help: 'Answered calls for which the provider told no usage.',
    labelNames: ['model', 'provider'],
    registers,
  });
  const tolerated = new Counter({
    name: 'xidao_tolerated_paths_total',
    help: 'Calls under an unusual base URL that was understood all the same.',
    registers,
  });
  const reloads = new Counter({
    name: 'xidao_config_reloads_total',
    help: 'Changes of the configuration, applied or refused.',
    labelNames: ['outcome'],
    registers,
  });

  const models = new Set<string>();
  function modelLabel(model: string): string {
    if (models.has(model)) return model;
    if (models.size >= MOST_MODELS) return OTHER;
    models.add(model);
    return model;
  }

  function countTokens(record: CallRecord, labels: { model: string; provider: string }): void {
    const { usage } = record;
    if (usage === undefined) return;
    tokens.inc({ ...labels, token_type: 'input' }, usage.inputTokens);
    tokens.inc({ ...labels, token_type: 'output' }, usage.outputTokens);
    if (usage.cachedInputTokens) tokens.inc({ ...labels, token_type: 'cached' }, usage.cachedInputTokens);
    if (usage.cacheWriteTokens) tokens.inc({ ...labels, token_type: 'cache_write' }, usage.cacheWriteTokens);
    if (usage.reasoningTokens) tokens.inc({ ...labels, token_type: 'reasoning' }, usage.reasoningTokens);
    if (record.costPicoUsd === undefined) unpriced.inc(labels);
    else cost.inc(labels, record.costPicoUsd / PICO);
  }

  return {
    follow(from, to) {
      if (from !== undefined) active.dec({ model: modelLabel(from.model), provider: from.provider });
      if (to !== undefined) active.inc({ model: modelLabel(to.model), provider: to.provider });
    },
    count(record) {
      const labels = { model: modelLabel(record.modelServed ?? UNKNOWN), provider: record.provider ?? UNKNOWN };
      const status = statusLabel(record);
      const withStatus = { ...labels, operation: record.operation, status };
      requests.inc(withStatus);
      duration.observe(withStatus, record.durationMs / 1000);
      if (record.streamed && record.firstByteMs !== undefined && status !== 'error')
        firstToken.observe(labels, record.firstByteMs / 1000);
      if (record.overheadMs !== undefined) overhead.observe(record.overheadMs / 1000);
      for (const { provider, verdict } of record.attempts) attempts.inc({ provider, verdict });
      if (record.errorCode !== undefined) errors.inc({ ...labels, error_type: record.errorCode });
      if (record.outcome === 'client-left') clientsLeft.inc();
      if (record.outcome === 'complete' && record.operation === 'chat' && record.usage === undefined)
        unmeasured.inc(labels);
      countTokens(record, labels);
    },
    toleratedPath: () => tolerated.inc(),
    configReloaded: (outcome) => reloads.inc({ outcome }),
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function statusLabel(record: CallRecord): 'success' | 'error' | 'timeout' | 'cancelled' {
  if (record.outcome === 'complete') return 'success';
  if (record.outcome === 'client-left') return 'cancelled';
  return record.errorCode?.endsWith('_timeout') === true ? 'timeout' : 'error';
}
