import { createRequire } from 'node:module';
import type { Provider as BookProvider, MatchLogic, ModelInfo } from '@pydantic/genai-prices';
import type { Provider } from '../providers/provider.ts';
import type { ScheduledPrice } from './price.ts';
import { readPrices } from './read-prices.ts';

/** The published prices that come with the gateway, as data: their code for calculating is not used. */
export interface PriceBook {
  find(provider: Provider, model: string): BookEntry | undefined;
  /** Entries whose id is a name that the provider takes, without those that are withdrawn or only match families of names. */
  list(provider: Provider): BookEntry[];
}

export interface BookEntry {
  id: string;
  title: string;
  contextWindow?: number;
  deprecated: boolean;
  prices: ScheduledPrice[];
}

/**
 * Opens the book. It is loaded here and not with this module: half a megabyte and some thirty milliseconds, which commands that
 * price nothing need not spend.
 */
export function openPriceBook(): PriceBook {
  const { findProvider } = createRequire(import.meta.url)(
    '@pydantic/genai-prices',
  ) as typeof import('@pydantic/genai-prices');
  const chapter = (id: string): BookProvider | undefined => {
    const found = findProvider({ providerId: id });
    return found?.id === id ? found : undefined;
  };
  return {
    find(provider, model) {
      const own = chaptersOf(provider).flatMap((id) => chapter(id) ?? []);
      const others = own.flatMap((book) => book.fallback_model_providers ?? []).flatMap((id) => chapter(id) ?? []);
      for (const book of [...own, ...others]) {
        const entry = book.models.find(({ match }) => matches(match, model));
        if (entry) return readEntry(entry, provider);
      }
      return undefined;
    },
    list(provider) {
      const own = chapter(chaptersOf(provider)[0] as string);
      return (own?.models ?? []).flatMap((entry) => {
        const id = listedName(entry);
        return id === undefined ? [] : [{ ...readEntry(entry, provider), id }];
      });
    },
  };
}

function readEntry(entry: ModelInfo, provider: Provider): BookEntry {
  return {
    id: entry.id,
    title: entry.name ?? entry.id,
    deprecated: entry.deprecated ?? false,
    prices: readPrices(entry.prices, provider.cacheRates),
    ...(entry.context_window !== undefined && { contextWindow: entry.context_window }),
  };
}

function chaptersOf({ priceBook, name }: Provider): string[] {
  return Array.isArray(priceBook) ? priceBook : [priceBook ?? name];
}

/**
 * The name that the provider takes, if the entry tells it: its own id, else the first exact name among its rules; a rule that names a beginning also means the bare name. Entries without
 * a context window are old, or price something other than chat.
 */
function listedName(entry: ModelInfo): string | undefined {
  if (entry.deprecated || entry.context_window === undefined) return undefined;
  const rules = 'or' in entry.match ? entry.match.or : [entry.match];
  const exact = rules.flatMap((rule) => ('equals' in rule ? [rule.equals] : []));
  const beginnings = rules.flatMap((rule) => ('starts_with' in rule ? [rule.starts_with] : []));
  if (exact.includes(entry.id) || beginnings.includes(entry.id)) return entry.id;
  // A name with its version (`…-v1:0`) is complete, though its rule is wider.
  return exact[0] ?? (/^(?!regional\.).*:\d+$/.test(entry.id) && matches(entry.match, entry.id) ? entry.id : undefined);
}

/** Whether a rule of the book fits a name; case counts for nothing, except in regular expressions. */
export function matches(rule: MatchLogic, name: string): boolean {
  const lower = name.toLowerCase();
  if ('or' in rule) return rule.or.some((part) => matches(part, name));
  if ('and' in rule) return rule.and.every((part) => matches(part, name));
  if ('equals' in rule) return lower === rule.equals.toLowerCase();
  if ('starts_with' in rule) return lower.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return lower.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return lower.includes(rule.contains.toLowerCase());
  return new RegExp(rule.regex).test(name);
}
