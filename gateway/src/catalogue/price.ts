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

/** The price in force at a moment (milliseconds since 1970). Undefined: none is known. */
export function priceAt(prices: readonly ScheduledPrice[], at: number): Price | undefined {
  const inForce = prices.findLast(({ from, daily }) => (from ?? 0) <= at && (!daily || isWithin(daily, at)));
  return (inForce ?? prices[0])?.price;
}

function isWithin({ from, to }: { from: number; to: number }, at: number): boolean {
  const second = (at % 86_400_000) / 1000;
  return to < from ? second >= from || second < to : second >= from && second < to;
}

/**
 * What a call cost, in pico-dollars: an integer, exact below 9,007 dollars. Counts that contradict each other (more cached than
 * read) are cut to their whole, so that no token is billed twice.
 */
export function costOf(usage: Usage, price: Price): number {
  const rates = ratesFor(usage.inputTokens, price);
  return (
    inputCost(usage, rates) +
    outputCost(usage, rates) +
    (price.perRequest ?? 0) +
    (price.perToolRequest ?? 0) * (usage.serverToolRequests ?? 0)
  );
}

function ratesFor(inputTokens: number, price: Price): Rates {
  const tier = price.tiers?.findLast(({ aboveInputTokens }) => inputTokens > aboveInputTokens);
  return tier ? { ...price, ...tier } : price;
}

function inputCost(usage: Usage, rates: Rates): number {
  const share = sharing(usage.inputTokens);
  const cached = share(usage.cachedInputTokens);
  const written = share(usage.cacheWriteTokens);
  const writtenForAnHour = Math.min(usage.cacheWrite1hTokens ?? 0, written);
  const audio = rates.audioInput === undefined ? 0 : share(usage.audioInputTokens);
  const image = rates.imageInput === undefined ? 0 : share(usage.imageInputTokens);
  const cacheWrite = rates.cacheWrite ?? rates.input;
  return (
    share(Number.POSITIVE_INFINITY) * rates.input +
    cached * (rates.cachedInput ?? rates.input) +
    (written - writtenForAnHour) * cacheWrite +
    writtenForAnHour * (rates.cacheWrite1h ?? cacheWrite) +
    audio * (rates.audioInput ?? 0) +
    image * (rates.imageInput ?? 0)
  );
}

function outputCost(usage: Usage, rates: Rates): number {
  const share = sharing(usage.outputTokens);
  const audio = rates.audioOutput === undefined ? 0 : share(usage.audioOutputTokens);
  const image = rates.imageOutput === undefined ? 0 : share(usage.imageOutputTokens);
  const reasoning = rates.reasoning === undefined ? 0 : share(usage.reasoningTokens);
  return (
    share(Number.POSITIVE_INFINITY) * rates.output +
    reasoning * (rates.reasoning ?? 0) +
    audio * (rates.audioOutput ?? 0) +
    image * (rates.imageOutput ?? 0)
  );
}

/** Gives parts of a whole until nothing is left. */
function sharing(whole: number): (wanted: number | undefined) => number {
  let left = whole;
  return (wanted = 0) => {
    const part = Math.max(0, Math.min(wanted, left));
    left -= part;
    return part;
  };
}

/** Dollars per million tokens as pico-dollars per token. */
export function perMillion(dollars: number): number {
  return Math.round(dollars * 1e6);
}

/** Pico-dollars per token as dollars per million tokens, for people. */
export function dollarsPerMillion(rate: number): number {
  return rate / 1e6;
}
