import { Counter, Gauge, Registry } from 'prom-client';
import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { CallRecord } from '../core/record.ts';
import type { Follow } from '../core/trail.ts';
import { createHistogram } from './histogram.ts';
import { tellProcess } from './process-metrics.ts';
import { addUsage, clearSums, createSums, type Place, type Sums } from './sums.ts';

/** Counts and times of all calls, under the names that dashboards already use. Furniture: counters outlive a reload. */
export interface Metrics {
  /** Where a call is being answered now. */
  follow: Follow;
  count(record: CallRecord): void;
  toleratedPath(path: string): void;
  configReloaded(outcome: 'applied' | 'refused'): void;
  /** Asked at each scrape: lines that wait to be written or were lost, and how far booking is. */
  watchLedger(look: () => LedgerState): void;
  /** Asked at each scrape: whether the Redis that nodes share answers. */
  watchRedis(isUp: () => boolean): void;
  breakerTurned(target: string, state: 'open' | 'closed'): void;
  /** Whether the price file, as it stands now, could be read. */
  priceFile(isOk: boolean): void;
  /** The Prometheus text format, and its content type. */
  expose(): Promise<{ contentType: string; text: string }>;
}

/** How the ledger is. */
export interface LedgerState {
  /** Lines that are not written to the journal yet, and such as could not be. */
  waiting: number;
  lost: number;
  bookedCalls: number;
  /** Bytes of the journal that are not booked yet. */
  behindBytes: number;
  unfitLines: number;
}

const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const FIRST_TOKEN_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5];
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05];
/** A model that nobody serves is a client's free text: it must not make a time series. */
const UNKNOWN = 'unknown';
/** A provider takes names that no catalogue has; past this many they are counted together, or a client could fill the memory with series. */
const MOST_MODELS = 1000;
const OTHER = 'other';

export function createMetrics(): Metrics {
  const registry = new Registry();
  tellProcess(registry);
  const registers = [registry];

  const duration = createHistogram({
    name: 'llm_request_duration_seconds',
    help: 'From the first byte of the call to the last byte of the answer.',
    labelNames: ['model', 'provider', 'operation', 'status'],
    buckets: SECONDS,
    registry,
  });
  const firstToken = createHistogram({
    name: 'llm_time_to_first_token_seconds',
    help: 'From the first byte of the call to the first byte of a streamed answer.',
    labelNames: ['model', 'provider'],
    buckets: FIRST_TOKEN_SECONDS,
    registry,
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
  const overhead = createHistogram({
    name: 'xidao_overhead_seconds',
    help: 'Time spent in the gateway itself until an answer began.',
    buckets: OVERHEAD_SECONDS,
    registry,
  }).series({});
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

  const breakers = new Gauge({
    name: 'xidao_breaker_open',
    help: 'Targets whose breaker is open (1) or was and is closed again (0).',
    labelNames: ['target'],
    registers,
  });

  const ledger = new Gauge({
    name: 'xidao_ledger',
    help: 'The ledger: lines waiting for the disk, lines lost, calls booked, bytes not booked yet, lines that could not be booked.',
    labelNames: ['state'],
    registers,
  });
  let ledgerState: (() => LedgerState) | undefined;

  const priceFile = new Gauge({
    name: 'xidao_price_file_ok',
    help: 'Whether `prices.file` could be read as it stands (1), or the last good one is in force (0).',
    registers,
  });
  priceFile.set(1);

  const redis = new Gauge({
    name: 'xidao_redis_up',
    help: 'Whether the Redis that nodes share answers (1) or each node keeps to its share of the limits (0); absent without one.',
    registers,
  });
  redis.remove();
  let redisIsUp: (() => boolean) | undefined;

  const models = new Set<string>();
  function modelLabel(model: string): string {
    if (models.has(model)) return model;
    if (models.size >= MOST_MODELS) return OTHER;
    models.add(model);
    return model;
  }

  const sums = createSums((labels) => duration.series(labels));

  function placeOf(provider: string, model: string): Place {
    return sums.at(provider, modelLabel(model));
  }

  /** Nearly every call is one attempt that was answered; only the others are told apart at once. */
  function countAttempts({ attempts: made }: CallRecord, place: Place, summed: Sums): void {
    for (const { provider, verdict } of made) {
      if (verdict === 'answered' && provider === place.labels.provider) summed.answeredAttempts += 1;
      else attempts.inc({ provider, verdict });
    }
  }

  /** Tells the library what has gathered. */
  function tell(): void {
    for (const place of sums.places()) {
      if (place.labels.model !== UNKNOWN) active.set({ ...place.labels }, place.active);
      for (const summed of place.kinds) {
        if (summed.calls === 0) continue;
        tellSums(place.labels, summed);
        clearSums(summed);
      }
    }
    for (const [state, value] of Object.entries(ledgerState?.() ?? {})) ledger.set({ state }, value);
    if (redisIsUp !== undefined) redis.set(redisIsUp() ? 1 : 0);
  }

  function tellSums(labels: Place['labels'], summed: Sums): void {
    const { operation, status } = summed;
    requests.inc({ ...labels, operation, status }, summed.calls);
    if (summed.answeredAttempts > 0)
      attempts.inc({ provider: labels.provider, verdict: 'answered' }, summed.answeredAttempts);
    if (summed.priced + summed.unpriced > 0) {
      tokens.inc({ ...labels, token_type: 'input' }, summed.input);
      tokens.inc({ ...labels, token_type: 'output' }, summed.output);
    }
    if (summed.cached > 0) tokens.inc({ ...labels, token_type: 'cached' }, summed.cached);
    if (summed.cacheWrite > 0) tokens.inc({ ...labels, token_type: 'cache_write' }, summed.cacheWrite);
    if (summed.reasoning > 0) tokens.inc({ ...labels, token_type: 'reasoning' }, summed.reasoning);
    if (summed.priced > 0) cost.inc(labels, summed.costPicoUsd / PICO_PER_DOLLAR);
    if (summed.unpriced > 0) unpriced.inc(labels, summed.unpriced);
    if (summed.unmeasured > 0) unmeasured.inc(labels, summed.unmeasured);
  }

  return {
    follow(from, to) {
      if (from !== undefined) placeOf(from.provider, from.model).active -= 1;
      if (to !== undefined) placeOf(to.provider, to.model).active += 1;
    },
    count(record) {
      const status = statusLabel(record);
      const place = placeOf(record.provider ?? UNKNOWN, record.modelServed ?? UNKNOWN);
      const summed = sums.of(place, record.operation, status);
      summed.calls += 1;
      addUsage(summed, record);
      countAttempts(record, place, summed);
      summed.duration.observe(record.durationMs / 1000);
      if (record.streamed && record.firstByteMs !== undefined && status !== 'error') {
        place.firstToken ??= firstToken.series(place.labels);
        place.firstToken.observe(record.firstByteMs / 1000);
      }
      if (record.overheadMs !== undefined) overhead.observe(record.overheadMs / 1000);
      if (record.errorCode !== undefined) errors.inc({ ...place.labels, error_type: record.errorCode });
      if (record.outcome === 'client-left') clientsLeft.inc();
      if (record.outcome === 'complete' && record.operation === 'chat' && record.usageSource !== 'measured')
        summed.unmeasured += 1;
    },
    toleratedPath: () => tolerated.inc(),
    configReloaded: (outcome) => reloads.inc({ outcome }),
    watchLedger(look) {
      ledgerState = look;
    },
    watchRedis(isUp) {
      redisIsUp = isUp;
    },
    breakerTurned: (target, state) => breakers.set({ target: modelLabel(target) }, state === 'open' ? 1 : 0),
    priceFile: (isOk) => priceFile.set(isOk ? 1 : 0),
    async expose() {
      tell();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function statusLabel(record: CallRecord): 'success' | 'error' | 'timeout' | 'cancelled' {
  if (record.outcome === 'complete') return 'success';
  if (record.outcome === 'client-left') return 'cancelled';
  return record.errorCode?.endsWith('_timeout') === true ? 'timeout' : 'error';
}
