import type { Provider } from '../providers/provider.ts';
import type { Model } from './model.ts';
import { type OverlayRow, overlay, unlisted } from './overlay.ts';
import type { ScheduledPrice } from './price.ts';
import type { BookEntry, PriceBook } from './price-book.ts';
import { serviceTiersOf } from './service-tiers.ts';

/** Everything known about the models of one provider: the overlay's facts with the price book's, looked up by any name. */
export interface KnownModels {
  /** The models worth listing, each with an id that the provider takes. */
  all(): Model[];
  /** The model of this id or alias. A name that nothing is known of is still a model: it has no facts and no price. */
  find(name: string): Model;
  /** The id that the provider takes for this name: the name itself unless it is an alias. */
  resolveAlias(name: string): string;
}

/** Reads the overlay once; the book is asked as needed. */
export function knownModelsOf(provider: Provider, book: PriceBook): KnownModels {
  const factsName = provider.modelFacts ?? provider.name;
  const rows = rowsOf(factsName);
  const rowsByName = new Map(rows.flatMap((row) => [row.id, ...row.aliases].map((name) => [name, row])));

  const namesTaken = new Set([...rowsByName.keys()].map((name) => name.toLowerCase()));
  const withdrawn = Object.hasOwn(unlisted, factsName) ? unlisted[factsName] : undefined;

  function find(name: string): Model {
    const row = rowsByName.get(name);
    if (row) return merge(provider, row.id, row, book.find(provider, row.pricedAs ?? row.id));
    const entry = book.find(provider, name);
    // A dated or decorated name of a model we know has that model's abilities.
    const relative = entry && rowsByName.get(entry.id);
    return merge(provider, name, relative && withoutNames(relative), entry);
  }

  return {
    find,
    resolveAlias: (name) => rowsByName.get(name)?.id ?? name,
    all() {
      if (provider.listsNoModels) return [];
      const listed = rows.map((row) => find(row.id));
      const others = book.list(provider).filter(({ id }) => !namesTaken.has(id.toLowerCase()) && !withdrawn?.test(id));
      return [...listed, ...others.map((entry) => merge(provider, entry.id, undefined, entry))];
    },
  };
}

function rowsOf(name: string): OverlayRow[] {
  return Object.hasOwn(overlay, name) ? overlay[name]!() : [];
}

function merge(provider: Provider, id: string, row: OverlayRow | undefined, entry: BookEntry | undefined): Model {
  const { price, pricedAs: _, ...facts } = row ?? { title: entry?.id === id ? entry.title : id, aliases: [] };
  const contextWindow = row?.contextWindow ?? entry?.contextWindow;
  return {
    ...facts,
    id,
    provider: provider.name,
    prices: withServiceTiers(price ? [{ price }] : (entry?.prices ?? []), provider, entry?.id ?? id),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(entry?.deprecated && entry.id === id && { deprecated: true }),
  };
}

/** As the provider charges itself; a host that resells its models does not charge by its tiers. */
function withServiceTiers(prices: ScheduledPrice[], provider: Provider, model: string): ScheduledPrice[] {
  const serviceTiers = serviceTiersOf(provider.name, model);
  if (serviceTiers === undefined) return prices;
  return prices.map((scheduled) => ({ ...scheduled, price: { ...scheduled.price, serviceTiers } }));
}

function withoutNames({ price: _, pricedAs: __, deprecated: ___, ...row }: OverlayRow): OverlayRow {
  return { ...row, aliases: [] };
}
