import type { Provider } from '../providers/provider.ts';
import { type KnownModels, knownModelsOf } from './known-models.ts';
import type { Model } from './model.ts';
import { openPriceBook, type PriceBook } from './price-book.ts';

/** A provider as configuration has it. */
export interface ConfiguredProvider {
  name: string;
  preset: Provider;
  /** The only models it serves. Absent: all that are known of its preset. */
  models?: string[];
}

export interface Catalogue {
  /** Every model of every configured provider, in the order of configuration. */
  models(): readonly Model[];
  modelsOf(provider: string): readonly Model[];
  /** The model that this provider calls by this id or alias, known or not. Undefined: no such provider is configured. */
  find(provider: string, name: string): Model | undefined;
  /** The models that a client's word may mean, one for each provider that serves it: by id, alias, or a dated form of either. */
  resolve(name: string): readonly Model[];
  /** Every id and alias, for suggestions. */
  names(): string[];
}

/** Finds models by name among the configured providers. Everything listed is read at once; lookups are one map access. */
export function createCatalogue(deps: { providers: readonly ConfiguredProvider[]; book?: PriceBook }): Catalogue {
  const book = deps.book ?? openPriceBook();
  const shelves = new Map(deps.providers.map((configured) => [configured.name, openShelf(configured, book)]));
  const models = [...shelves.values()].flatMap((shelf) => shelf.models);
  const byName = indexByName(models);

  return {
    models: () => models,
    modelsOf: (provider) => shelves.get(provider)?.models ?? [],
    find: (provider, name) => shelves.get(provider)?.find(name),
    resolve(name) {
      const exact = byName.get(name) ?? byName.get(name.toLowerCase());
      if (exact) return exact;
      const undated = withoutDate(name);
      const relatives = undated === undefined ? [] : (byName.get(undated) ?? []);
      return relatives.flatMap(({ provider }) => shelves.get(provider)?.find(name) ?? []);
    },
    names: () => [...new Set(models.flatMap((model) => [model.id, ...model.aliases]))],
  };
}

interface Shelf {
  models: Model[];
  find(name: string): Model;
}

function openShelf({ name: provider, preset, models: only }: ConfiguredProvider, book: PriceBook): Shelf {
  const known: KnownModels = knownModelsOf(preset, book);
  const placed = (model: Model): Model => ({ ...model, provider });
  const models = (only ? only.map((id) => ({ ...known.find(id), id })) : known.all()).map(placed);
  const listed = new Map(models.flatMap((model) => [...model.aliases, model.id].map((name) => [name, model])));
  return { models, find: (name) => listed.get(name) ?? placed(known.find(name)) };
}

/** Ids before aliases; names also in lower case, for clients that write them so (`minimax-m3`). */
function indexByName(models: readonly Model[]): Map<string, Model[]> {
  const index = new Map<string, Model[]>();
  const add = (name: string, model: Model) => {
    const same = index.get(name);
    if (!same) index.set(name, [model]);
    else if (!same.some(({ provider }) => provider === model.provider)) same.push(model);
  };
  for (const model of models) add(model.id, model);
  for (const model of models) for (const alias of model.aliases) add(alias, model);
  for (const model of models) add(model.id.toLowerCase(), model);
  return index;
}

/** `gpt-5-2025-08-07` → `gpt-5`, `claude-sonnet-4-5@20250929` → `claude-sonnet-4-5`. */
function withoutDate(name: string): string | undefined {
  const undated = name.replace(/[-@](\d{4}-\d{2}-\d{2}|\d{8})$/, '');
  return undated === name ? undefined : undated;
}
