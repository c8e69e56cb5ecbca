import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import type { Provider } from '../providers/provider.ts';
import { type Price, perMillion, type Rates, type ScheduledPrice, type Tier } from './price.ts';

/** The version of the book and the day of its figures; a test holds this against what is installed. */
export const bookSource = { source: '@pydantic/genai-prices 0.1.8', date: '2026-09-23' };

/** The book's words for our rates; all are dollars per million tokens. Its other units (hours, pages, storage) price no chat. */
const rateNames: Record<string, keyof Rates> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cachedInput',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'audioInput',
  output_audio_mtok: 'audioOutput',
  input_image_mtok: 'imageInput',
  output_image_mtok: 'imageOutput',
};

type CacheRates = Provider['cacheRates'];

/** Reads the prices of one entry of the book; entries that price no tokens give none, rather than a price of zero. */
export function readPrices(prices: ModelInfo['prices'], cacheRates?: CacheRates): ScheduledPrice[] {
  if (!Array.isArray(prices)) return scheduled({ prices }, cacheRates);
  return prices.flatMap((conditional) => scheduled(conditional, cacheRates));
}

function scheduled({ prices, constraint }: ConditionalPrice, cacheRates: CacheRates): ScheduledPrice[] {
  const price = readPrice(prices, cacheRates);
  if (!price) return [];
  if (!constraint) return [{ price }];
  if (constraint.type === 'start_date') return [{ price, from: Date.parse(`${constraint.start_date}T00:00:00Z`) }];
  return [{ price, daily: { from: secondsOfDay(constraint.start_time), to: secondsOfDay(constraint.end_time) } }];
}

function readPrice(source: ModelPrice, cacheRates: CacheRates): Price | undefined {
  const { base, tiers } = readRates(source);
  if (base.input === undefined && base.output === undefined) return undefined;
  const whole: Rates = { input: 0, output: 0, ...base };
  const price: Price = { ...whole, ...missingCacheRates(whole, cacheRates), ...bookSource };
  const perRequest = perThousand(source['requests_kcount']);
  const perToolRequest = perThousand(source['web_searches_kcount']);
  if (perRequest !== undefined) price.perRequest = perRequest;
  if (perToolRequest !== undefined) price.perToolRequest = perToolRequest;
  if (tiers.length > 0) price.tiers = tiers.map((tier) => ({ ...missingCacheRates(tier, cacheRates, base), ...tier }));
  return price;
}

function readRates(source: ModelPrice): { base: Partial<Rates>; tiers: Tier[] } {
  const base: Partial<Rates> = {};
  const tiers = new Map<number, Tier>();
  for (const [word, value] of Object.entries(source)) {
    const name = rateNames[word];
    if (!name || value === undefined) continue;
    base[name] = perMillion(typeof value === 'number' ? value : value.base);
    for (const { start, price } of typeof value === 'number' ? [] : value.tiers) {
      const tier = tiers.get(start) ?? { aboveInputTokens: start };
      tier[name] = perMillion(price);
      tiers.set(start, tier);
    }
  }
  return { base, tiers: [...tiers.values()].sort((a, b) => a.aboveInputTokens - b.aboveInputTokens) };
}

/** What the provider charges for its cache by rule, where the entry (`told` included) does not say. */
function missingCacheRates(
  rates: Partial<Rates>,
  cacheRates: CacheRates,
  told: Partial<Rates> = rates,
): Partial<Rates> {
  const { input } = rates;
  const missing: Partial<Rates> = {};
  if (!cacheRates || input === undefined) return missing;
  const { read, write, write1h } = cacheRates;
  if (told.cachedInput === undefined && read !== undefined) missing.cachedInput = Math.round(input * read);
  if (told.cacheWrite === undefined && write !== undefined) missing.cacheWrite = Math.round(input * write);
  if (told.cacheWrite1h === undefined && write1h !== undefined) missing.cacheWrite1h = Math.round(input * write1h);
  return missing;
}

/** Dollars per thousand as pico-dollars each. */
function perThousand(dollars: ModelPrice[string]): number | undefined {
  return typeof dollars === 'number' ? Math.round(dollars * 1e9) : undefined;
}

function secondsOfDay(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.replace('Z', '').split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
