import { createHash } from 'node:crypto';
import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { Model } from './model.ts';
import { dollarsPerMillion, type Price, priceAt, type Rates } from './price.ts';

export interface ModelsQuery {
  limit?: number;
  /** Only models after, or before, the one of this id. */
  afterId?: string;
  beforeId?: string;
  /** Codex names its version, and wants another document. */
  clientVersion?: string;
}

/** Reads `limit`, `after_id`, `before_id` and `client_version` out of a query string; values that do not fit are passed over. */
export function readModelsQuery(search: URLSearchParams): ModelsQuery {
  const query: ModelsQuery = {};
  const limit = Number(search.get('limit') ?? Number.NaN);
  if (Number.isInteger(limit) && limit > 0) query.limit = limit;
  for (const [name, field] of [
    ['after_id', 'afterId'],
    ['before_id', 'beforeId'],
    ['client_version', 'clientVersion'],
  ] as const) {
    const value = search.get(name);
    if (value) query[field] = value;
  }
  return query;
}

export interface ModelsDocument {
  object: 'list';
  data: ModelEntry[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
  /** Present for Codex alone: an empty list decodes in every version, where the fields of its entries change. */
  models?: [];
}

/** One model as the clients of OpenAI and of Anthropic both read it, and what the gateway knows besides. */
export interface ModelEntry {
  id: string;
  object: 'model';
  type: 'model';
  created: number;
  created_at: string;
  owned_by: string;
  display_name: string;
  context_window?: number;
  max_output_tokens?: number;
  /** Dollars per million tokens, in force at the moment of asking. */
  pricing?: Record<string, unknown>;
  capabilities: Record<string, unknown>;
  aliases: string[];
  deprecated?: true;
}

/** A model as clients are to see it: under `id`, which may be an alias or carry the provider's name in front. */
export interface ListedModel {
  id: string;
  model: Model;
}

/**
 * The one document that satisfies both official SDKs, paged as Anthropic's API pages. Without `limit` everything comes at once,
 * since OpenAI's clients do not page. `at` is the moment (milliseconds since 1970) for which prices are told.
 */
export function renderModelsDocument(models: readonly ListedModel[], query: ModelsQuery, at: number): ModelsDocument {
  if (query.clientVersion !== undefined) {
    return { object: 'list', data: [], has_more: false, first_id: null, last_id: null, models: [] };
  }
  const { page, hasMore } = pageOf(models, query);
  return {
    object: 'list',
    data: page.map((listed) => renderModel(listed, at)),
    has_more: hasMore,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

function pageOf(models: readonly ListedModel[], { limit = models.length, afterId, beforeId }: ModelsQuery) {
  const indexOf = (id: string) => models.findIndex((model) => model.id === id);
  if (beforeId !== undefined) {
    const found = indexOf(beforeId);
    const end = found < 0 ? models.length : found;
    const start = Math.max(0, end - limit);
    return { page: models.slice(start, end), hasMore: start > 0 };
  }
  const start = afterId === undefined ? 0 : indexOf(afterId) + 1;
  return { page: models.slice(start, start + limit), hasMore: start + limit < models.length };
}

/** The document of one model alone. */
export function renderModel({ id, model }: ListedModel, at: number): ModelEntry {
  const released = model.released ? Date.parse(`${model.released.padEnd(10, '-01')}T00:00:00Z`) : 0;
  const price = priceAt(model.prices, at);
  return {
    id,
    object: 'model',
    type: 'model',
    created: released / 1000,
    created_at: new Date(released).toISOString().replace('.000Z', 'Z'),
    owned_by: model.provider,
    display_name: model.title,
    ...(model.contextWindow !== undefined && { context_window: model.contextWindow }),
    ...(model.maxOutputTokens !== undefined && { max_output_tokens: model.maxOutputTokens }),
    ...(price && { pricing: renderPrice(price) }),
    capabilities: renderCapabilities(model),
    aliases: model.aliases,
    ...(model.deprecated && { deprecated: true as const }),
  };
}

function renderCapabilities(model: Model): Record<string, unknown> {
  const { modalities, tools, reasoning, structuredOutput } = model;
  return {
    ...(modalities && { input: modalities.input, output: modalities.output }),
    ...(tools !== undefined && { tools }),
    ...(reasoning !== undefined && { reasoning }),
    ...(structuredOutput !== undefined && { structured_output: structuredOutput }),
  };
}

const rateWords: Record<keyof Rates, string> = {
  input: 'input',
  output: 'output',
  cachedInput: 'cached_input',
  cacheWrite: 'cache_write',
  cacheWrite1h: 'cache_write_1h',
  reasoning: 'reasoning',
  audioInput: 'audio_input',
  audioOutput: 'audio_output',
  imageInput: 'image_input',
  imageOutput: 'image_output',
};

function renderPrice(price: Price): Record<string, unknown> {
  return {
    currency: 'USD',
    unit: 'per_million_tokens',
    ...renderRates(price),
    ...(price.perRequest !== undefined && { per_request: price.perRequest / PICO_PER_DOLLAR }),
    ...(price.perToolRequest !== undefined && { per_tool_request: price.perToolRequest / PICO_PER_DOLLAR }),
    ...(price.tiers && {
      tiers: price.tiers.map((tier) => ({ above_input_tokens: tier.aboveInputTokens, ...renderRates(tier) })),
    }),
    source: price.source,
    date: price.date,
  };
}

function renderRates(rates: Partial<Rates>): Record<string, number> {
  const rendered: Record<string, number> = {};
  for (const [name, word] of Object.entries(rateWords)) {
    const rate = rates[name as keyof Rates];
    if (rate !== undefined) rendered[word] = dollarsPerMillion(rate);
  }
  return rendered;
}

/** A strong ETag of the text of a document. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}
