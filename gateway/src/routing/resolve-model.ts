import { GatewayError } from '../core/errors.ts';
import { nearestNames } from '../core/nearest.ts';

/** One place where a model may be asked for, before anybody looks whether it can do what is wanted. */
export interface Candidate {
  provider: string;
  model: string;
}

export interface Resolved {
  candidates: Candidate[];
  /** For `x-xidao-route`. */
  reason: string;
  /** True: the name stands for models that must be told everything. */
  isStrict?: boolean;
  notice?: string;
}

/** What a name under `models:` stands for. */
export interface Alias {
  targets: readonly Candidate[];
  fallback: readonly string[];
  isStrict?: boolean;
}

/** What names can mean, from configuration and catalogue. */
export interface NameBook {
  /** Names under `models:` (and their aliases) with their targets and, by name, what to try after these. */
  aliases: ReadonlyMap<string, Alias>;
  /** The configured provider of this name or alias. */
  provider(name: string): string | undefined;
  /** Whether any provider but the mock is configured. */
  hasRealProviders: boolean;
  /** The provider's own id for a name that it may know otherwise. Undefined: it has no such model, and that is certain. */
  idAt(provider: string, name: string): string | undefined;
  /** Where the catalogue has the name, the first choice first. */
  inCatalogue(name: string): Candidate[];
  /** Every name that would be understood, for suggestions. */
  names(): string[];
}

const OWN_PREFIX = 'xidao/';
/** A catch-all under `models:`. */
const ANY = '*';

/** Turns a client's word for a model into the places that may answer: an alias, `provider/model`, a catalogue id, `auto`; else 404 with the nearest names. */
export function resolveModel(asked: string, book: NameBook): Resolved {
  const name = asked.startsWith(OWN_PREFIX) ? asked.slice(OWN_PREFIX.length) : asked;
  return (
    fromAlias(name, book) ??
    fromProvider(name, book) ??
    fromCatalogue(name, book) ??
    fromAuto(name, book) ??
    fromCatchAll(book) ??
    notFound(asked, book)
  );
}

function fromAlias(name: string, book: NameBook): Resolved | undefined {
  const alias = book.aliases.get(name);
  if (alias === undefined) return undefined;
  return {
    candidates: withFallbacks(name, book),
    reason: `alias ${name}`,
    ...(alias.isStrict === true && { isStrict: true }),
  };
}

/** The targets of a name, then those of its fallbacks, and theirs; a name that comes round again is not followed. */
function withFallbacks(name: string, book: NameBook, seen: Set<string> = new Set()): Candidate[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const alias = book.aliases.get(name);
  if (alias === undefined) return (fromProvider(name, book) ?? fromCatalogue(name, book))?.candidates ?? [];
  return [...alias.targets, ...alias.fallback.flatMap((next) => withFallbacks(next, book, seen))];
}

function fromProvider(name: string, book: NameBook): Resolved | undefined {
  const slash = name.indexOf('/');
  const provider = slash === -1 ? undefined : book.provider(name.slice(0, slash));
  if (provider === undefined || slash === name.length - 1) return undefined;
  const model = book.idAt(provider, name.slice(slash + 1));
  return model === undefined ? undefined : { candidates: [{ provider, model }], reason: 'exact' };
}

function fromCatalogue(name: string, book: NameBook): Resolved | undefined {
  const candidates = book.inCatalogue(name);
  if (candidates.length === 0) return undefined;
  return {
    candidates,
    reason: candidates.length === 1 ? 'catalogue' : `catalogue, ${candidates.length} providers by priority`,
  };
}

function fromAuto(name: string, book: NameBook): Resolved | undefined {
  if (name !== 'auto' && !name.startsWith('auto:')) return undefined;
  if (book.hasRealProviders) {
    throw new GatewayError(
      'model_not_found',
      'The model "auto" is not offered yet. Name a model of GET /v1/models, or define "auto" under `models:` in the configuration.',
      { param: 'model' },
    );
  }
  return {
    candidates: [{ provider: 'mock', model: 'echo' }],
    reason: 'auto, only the mock is configured',
    notice: 'No provider is configured, so mock/echo answers. Set a provider key such as OPENAI_API_KEY.',
  };
}

function fromCatchAll(book: NameBook): Resolved | undefined {
  const any = book.aliases.get(ANY);
  if (any === undefined) return undefined;
  return {
    candidates: withFallbacks(ANY, book),
    reason: 'catch-all',
    ...(any.isStrict === true && { isStrict: true }),
  };
}

function notFound(asked: string, book: NameBook): never {
  const nearest = nearestNames(asked, book.names(), 3);
  const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.map((name) => JSON.stringify(name)).join(' or ')}?`;
  throw new GatewayError(
    'model_not_found',
    `The model ${JSON.stringify(asked.slice(0, 200))} is not served here.${hint} GET /v1/models lists what is.`,
    { param: 'model' },
  );
}
