import { fitsPattern } from '../core/name-pattern.ts';
import { type Price, perMillion, type Rates, type ScheduledPrice, type Tier } from './price.ts';

/** Rates as people write them: US dollars per million tokens. */
export interface WrittenRates {
  input?: number | undefined;
  output?: number | undefined;
  cached_input?: number | undefined;
  cache_write?: number | undefined;
  cache_write_1h?: number | undefined;
  reasoning?: number | undefined;
  audio_input?: number | undefined;
  audio_output?: number | undefined;
  image_input?: number | undefined;
  image_output?: number | undefined;
}

/** A price as people write it. */
export interface WrittenPrice extends WrittenRates {
  provider?: string | undefined;
  model: string;
  /** US dollars each. */
  per_request?: number | undefined;
  per_tool_request?: number | undefined;
  tiers?: readonly (WrittenRates & { above_input_tokens: number })[] | undefined;
  service_tiers?: Record<string, number> | undefined;
  /** YYYY-MM-DD. */
  from?: string | undefined;
  /** HH:MM, UTC. */
  daily?: { from: string; to: string } | undefined;
  source?: string | undefined;
  date?: string | undefined;
}

/** A price and the models that it is for. */
export interface PriceRow {
  fits(provider: string, model: string): boolean;
  scheduled: ScheduledPrice;
}

const NAMES: [keyof WrittenRates, keyof Rates][] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cached_input', 'cachedInput'],
  ['cache_write', 'cacheWrite'],
  ['cache_write_1h', 'cacheWrite1h'],
  ['reasoning', 'reasoning'],
  ['audio_input', 'audioInput'],
  ['audio_output', 'audioOutput'],
  ['image_input', 'imageInput'],
  ['image_output', 'imageOutput'],
];

/** Reads a written price; `origin` stands where it does not say where its figures come from. */
export function readPriceRow(written: WrittenPrice, origin: { source: string; date: string }): PriceRow {
  const { provider = '*', model, from, daily } = written;
  const [fitsProvider, fitsModel] = [matcherOf(provider), matcherOf(model)];
  return {
    fits: (name, of) => fitsProvider(name) && fitsModel(of),
    scheduled: {
      price: readPrice(written, origin),
      ...(from !== undefined && { from: Date.parse(`${from}T00:00:00Z`) }),
      ...(daily !== undefined && { daily: { from: secondsOf(daily.from), to: secondsOf(daily.to) } }),
    },
  };
}

function readPrice(written: WrittenPrice, origin: { source: string; date: string }): Price {
  const { per_request: request, per_tool_request: toolRequest, tiers, service_tiers: serviceTiers } = written;
  return {
    input: 0,
    output: 0,
    ...readRates(written),
    ...(request !== undefined && { perRequest: perMillion(request) * 1e6 }),
    ...(toolRequest !== undefined && { perToolRequest: perMillion(toolRequest) * 1e6 }),
    ...(tiers !== undefined && { tiers: tiers.map(readTier).sort(byThreshold) }),
    ...(serviceTiers !== undefined && { serviceTiers }),
    source: written.source ?? origin.source,
    date: written.date ?? origin.date,
  };
}

function readTier({
  above_input_tokens: aboveInputTokens,
  ...written
}: WrittenRates & { above_input_tokens: number }): Tier {
  return { aboveInputTokens, ...readRates(written) };
}

function byThreshold(one: Tier, other: Tier): number {
  return one.aboveInputTokens - other.aboveInputTokens;
}

function readRates(written: WrittenRates): Partial<Rates> {
  const rates: Partial<Rates> = {};
  for (const [word, name] of NAMES) {
    const dollars = written[word];
    if (dollars !== undefined) rates[name] = perMillion(dollars);
  }
  return rates;
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 3600 + minutes * 60;
}

/** Tells whether a name fits a pattern, in which `*` stands for any run of characters. Case counts for nothing. */
export function matcherOf(pattern: string): (name: string) => boolean {
  const lower = pattern.toLowerCase();
  return (name) => fitsPattern(lower, name.toLowerCase());
}
