import type { Usage } from '@xidao/dialects';

/** Prices of one token in pico-dollars (1e-12 USD): $3 per million tokens are 3,000,000. All are integers. */
export interface Rates {
  input: number;
  output: number;
  /** Read from the prompt cache. Absent: as `input`. */
  cachedInput?: number;
  /** Written to the prompt cache, for five minutes where there are several times. Absent: as `input`. */
  cacheWrite?: number;
  /** Written to the prompt cache for one hour. Absent: as `cacheWrite`. */
  cacheWrite1h?: number;
  /** Absent: as `output`. */
  reasoning?: number;
  audioInput?: number;
  audioOutput?: number;
  imageInput?: number;
  imageOutput?: number;
}

export interface Price extends Rates {
  /** Pico-dollars for each request, whatever its tokens. */
  perRequest?: number;
  /** Pico-dollars for each use of a tool that the provider runs (web search). */
  perToolRequest?: number;
  /** Rates of long requests, the lowest threshold first. */
  tiers?: Tier[];
  /** What a token costs in a service tier (`batch`, `flex`, `priority`), as a multiple of its usual price. A tier that is not named costs the usual price. */
  serviceTiers?: Record<string, number>;
  /** Where the figures stand, and the day they were taken (YYYY-MM-DD). */
  source: string;
  date: string;
}

/**
 * The **whole** request is billed at these rates as soon as it reads more than so many input tokens, cached ones included. So
 * bill Google (Gemini), OpenAI, xAI, MiniMax, Alibaba and Bedrock, and so did Anthropic; no provider known here bills by slices.
 */
export interface Tier extends Partial<Rates> {
  aboveInputTokens: number;
}

/** A price and when it holds. Of several, the last one in force counts; the first is the fallback. */
export interface ScheduledPrice {
  price: Price;
  /** In force since this moment (milliseconds since 1970). */
  from?: number;
  /** In force each day between these seconds after midnight UTC; `to` below `from` spans midnight. */
  daily?: { from: number; to: number };
}

const DAY_MS = 86_400_000;

/** The price in force at a moment (milliseconds since 1970). Undefined: none is known. */
export function priceAt(prices: readonly ScheduledPrice[], at: number): Price | undefined {
  const inForce = prices.findLast(({ from, daily }) => (from ?? 0) <= at && (!daily || isWithin(daily, at)));
  return (inForce ?? prices[0])?.price;
}

function isWithin({ from, to }: { from: number; to: number }, at: number): boolean {
  const second = (at % DAY_MS) / 1000;
  return to < from ? second >= from || second < to : second >= from && second < to;
}

/** The first moment after this one at which another price may be in force (milliseconds since 1970); infinity: none is planned. */
export function nextChange(prices: readonly ScheduledPrice[], at: number): number {
  let next = Number.POSITIVE_INFINITY;
  const note = (moment: number) => {
    if (moment > at && moment < next) next = moment;
  };
  for (const { from, daily } of prices) {
    if (from !== undefined) note(from);
    if (daily === undefined) continue;
    const midnight = at - (at % DAY_MS);
    for (const second of [daily.from, daily.to]) {
      note(midnight + second * 1000);
      note(midnight + DAY_MS + second * 1000);
    }
  }
  return next;
}

/**
 * What a call cost, in pico-dollars: an integer, exact below 9,007 dollars. Counts that contradict each other (more cached than
 * read) are cut to their whole, so that no token is billed twice.
 */
export function costOf(usage: Usage, price: Price): number {
  const rates = ratesFor(usage, price);
  return (
    inputCost(usage, rates) +
    outputCost(usage, rates) +
    (price.perRequest ?? 0) +
    (price.perToolRequest ?? 0) * whole(usage.serverToolRequests ?? 0)
  );
}

/** The rates of a length and a service tier. Nearly always the price itself: only what is out of the ordinary is worked out anew. */
function ratesFor({ inputTokens, serviceTier }: Usage, price: Price): Rates {
  const tier = price.tiers?.findLast(({ aboveInputTokens }) => inputTokens > aboveInputTokens);
  const rates = tier === undefined ? price : { ...price, ...tier };
  const multiplier = serviceTier === undefined ? undefined : price.serviceTiers?.[serviceTier];
  return multiplier === undefined ? rates : scaleRates(rates, multiplier);
}

function inputCost(usage: Usage, rates: Rates): number {
  const { input } = rates;
  let left = whole(usage.inputTokens);
  const cached = part(usage.cachedInputTokens, left);
  left -= cached;
  const written = part(usage.cacheWriteTokens, left);
  left -= written;
  const writtenForAnHour = part(usage.cacheWrite1hTokens, written);
  const audio = rates.audioInput === undefined ? 0 : part(usage.audioInputTokens, left);
  left -= audio;
  const image = rates.imageInput === undefined ? 0 : part(usage.imageInputTokens, left);
  left -= image;
  const cacheWrite = rates.cacheWrite ?? input;
  return (
    left * input +
    cached * (rates.cachedInput ?? input) +
    (written - writtenForAnHour) * cacheWrite +
    writtenForAnHour * (rates.cacheWrite1h ?? cacheWrite) +
    audio * (rates.audioInput ?? 0) +
    image * (rates.imageInput ?? 0)
  );
}

function outputCost(usage: Usage, rates: Rates): number {
  let left = whole(usage.outputTokens);
  const audio = rates.audioOutput === undefined ? 0 : part(usage.audioOutputTokens, left);
  left -= audio;
  const image = rates.imageOutput === undefined ? 0 : part(usage.imageOutputTokens, left);
  left -= image;
  const reasoning = rates.reasoning === undefined ? 0 : part(usage.reasoningTokens, left);
  left -= reasoning;
  return (
    left * rates.output +
    reasoning * (rates.reasoning ?? 0) +
    audio * (rates.audioOutput ?? 0) +
    image * (rates.imageOutput ?? 0)
  );
}

/** As many of the wanted as there are. */
function part(wanted: number | undefined, left: number): number {
  return wanted === undefined ? 0 : Math.min(whole(wanted), left);
}

/** Hosts have told counts below zero and with fractions; money is whole and never given back. */
function whole(count: number): number {
  return count > 0 ? Math.round(count) : 0;
}

const RATES = [
  ...(['input', 'output', 'cachedInput', 'cacheWrite', 'cacheWrite1h', 'reasoning'] as const),
  ...(['audioInput', 'audioOutput', 'imageInput', 'imageOutput'] as const),
] as const satisfies (keyof Rates)[];

/** The rates times a number, each a whole pico-dollar again: so costs stay whole, and those of two calls add up to that of both. */
function scaleRates<T extends Partial<Rates>>(rates: T, multiplier: number): T {
  const scaled: Partial<Rates> = {};
  for (const name of RATES) {
    const rate = rates[name];
    if (rate !== undefined) scaled[name] = Math.round(rate * multiplier);
  }
  return { ...rates, ...scaled };
}

/** The whole price times a number: what a contract takes off, or adds. */
export function scalePrice(price: Price, multiplier: number): Price {
  const scaled = scaleRates(price, multiplier);
  if (price.perRequest !== undefined) scaled.perRequest = Math.round(price.perRequest * multiplier);
  if (price.perToolRequest !== undefined) scaled.perToolRequest = Math.round(price.perToolRequest * multiplier);
  if (price.tiers !== undefined) scaled.tiers = price.tiers.map((tier) => scaleRates(tier, multiplier));
  return scaled;
}

/** Dollars per million tokens as pico-dollars per token. */
export function perMillion(dollars: number): number {
  return Math.round(dollars * 1e6);
}

/** Pico-dollars per token as dollars per million tokens, for people. */
export function dollarsPerMillion(rate: number): number {
  return rate / 1e6;
}
