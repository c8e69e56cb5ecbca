import type { Catalogue } from './catalogue/catalogue.ts';
import type { Model } from './catalogue/model.ts';
import type { ListedModel } from './catalogue/models-document.ts';
import type { Config } from './config/schema.ts';
import type { Caller } from './core/caller.ts';
import { MOCK_MODELS, mock } from './providers/mock/index.ts';
import { mayUse } from './routing/permits.ts';
import {
  type Alias,
  type Candidate,
  type CandidateGroup,
  candidatesOf,
  isAuto,
  type NameBook,
  resolveModel,
} from './routing/resolve-model.ts';
import type { ServingProvider } from './upstream/serving-provider.ts';

/** What clients may call a model, from configuration, catalogue and the providers that are connected. */
export function createNameBook(config: Config, providers: readonly ServingProvider[], catalogue: Catalogue): NameBook {
  const byName = new Map<string, string>();
  for (const { name, preset } of [...providers].reverse())
    for (const alias of [preset.name, ...(preset.aliases ?? [])]) byName.set(alias, name);
  for (const { name } of providers) byName.set(name, name);
  const ranked = new Map(providers.map((provider) => [provider.name, provider]));
  const aliases: Map<string, Alias> = new Map();
  for (const [name, written] of Object.entries(config.models)) {
    const entry: Alias = {
      name,
      strategy: written.strategy,
      candidates: written.targets.map(({ provider, model, weight, priority }) => ({
        provider: byName.get(provider) ?? provider,
        model,
        weight,
        priority: priority ?? 0,
      })),
      fallback: written.fallback,
      contextFallback: written.context_fallback,
      contentFallback: written.content_fallback,
      isStrict: written.strict,
      isHedged: written.hedge,
      isResumed: written.resume,
      keepsBodies: written.log_bodies,
      ...firstByteOf(written, config),
    };
    for (const alias of [name, ...written.aliases]) aliases.set(alias, entry);
  }
  const mocks = providers.some(({ name }) => name === mock.name)
    ? Object.keys(MOCK_MODELS).map((model) => `mock/${model}`)
    : [];
  return {
    aliases,
    provider: (name) => byName.get(name),
    hasRealProviders: providers.some(({ name }) => name !== mock.name),
    idAt(provider, name) {
      if (provider === mock.name) return name in MOCK_MODELS ? name : undefined;
      return catalogue.find(provider, name)?.id ?? name;
    },
    inCatalogue: (name) => placesOf(name, catalogue, ranked),
    names: () => [...aliases.keys(), ...catalogue.names(), ...mocks],
  };
}

/**
 * Where the catalogue has a name, by the providers' priority. Those of equal priority share the calls where their weights say so; otherwise the one that is listed first is asked first,
 * as nobody has asked for a choice.
 */
function placesOf(name: string, catalogue: Catalogue, providers: ReadonlyMap<string, ServingProvider>): CandidateGroup {
  const order = [...providers.keys()];
  const found = catalogue.resolve(name).map(({ provider, id }) => ({ provider, model: id }));
  const rankOf = ({ provider }: Candidate) => order.indexOf(provider);
  const isWeighed = found.some(({ provider }) => providers.get(provider)?.weight !== 1);
  return {
    name,
    strategy: isWeighed ? 'weighted' : 'priority',
    candidates: found
      .sort((one, other) => rankOf(one) - rankOf(other))
      .map((place) => ({ ...place, priority: providers.get(place.provider)?.priority ?? 0 })),
  };
}

/** A tier is looked up, a duration stands for itself. */
function firstByteOf({ timeout }: Config['models'][string], { routing }: Config): { firstByteMs?: number } {
  if (timeout === undefined) return {};
  return { firstByteMs: typeof timeout === 'number' ? timeout : routing.timeouts[timeout] };
}

/** Whether a name means a model here, or leaves the choice to the gateway. */
export function isKnown(name: string, book: NameBook): boolean {
  return isAuto(name) || isServed(name, book);
}

/** Whether a name means a model here. */
export function isServed(name: string, book: NameBook): boolean {
  try {
    return resolveModel(name, book).groups.length > 0;
  } catch {
    return false;
  }
}

/** Names of the configuration first, then the catalogue's (each id once, at its first provider), then the mock's. */
export function createLister({
  config,
  providers,
  catalogue,
  book,
}: {
  config: Config;
  providers: readonly ServingProvider[];
  catalogue: Catalogue;
  book: NameBook;
}): (caller: Caller) => readonly ListedModel[] {
  const listed = new Map<string, ListedModel>();
  for (const [id, { targets, description }] of Object.entries(config.models)) {
    if (id === '*') continue;
    const first = targets[0]!;
    const known = catalogue.find(first.provider, first.model);
    listed.set(id, {
      id,
      model: { ...(known ?? bare(first.provider, first.model)), title: description ?? id, aliases: [] },
    });
  }
  for (const { name } of providers)
    for (const model of catalogue.modelsOf(name))
      if (!listed.has(model.id)) listed.set(model.id, { id: model.id, model });
  if (providers.some(({ name }) => name === mock.name)) {
    for (const [model, title] of Object.entries(MOCK_MODELS))
      listed.set(`mock/${model}`, { id: `mock/${model}`, model: { ...bare('mock', model), title } });
  }
  const all = [...listed.values()];
  return ({ models: patterns }) =>
    patterns === undefined ? all : all.filter(({ id }) => mayUse(patterns, id, candidatesOf(resolveModel(id, book))));
}

function bare(provider: string, id: string): Model {
  return { id, provider, title: id, aliases: [], prices: [] };
}
