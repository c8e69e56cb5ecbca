import { GatewayError } from '../core/errors.ts';
import { nearestNames } from '../core/nearest.ts';
import type { Strategy } from '../core/plan.ts';

/** One place where a model may be asked for, before anybody looks whether it can do what is wanted. */
export interface Candidate {
  provider: string;
  model: string;
  /** Its share among equals; absent: the provider's. */
  weight?: number;
  /** Lower is tried first; absent: the provider's. */
  priority?: number;
}

/** Candidates that share the calls of one name. */
export interface CandidateGroup {
  name: string;
  strategy: Strategy;
  candidates: readonly Candidate[];
}

export interface Resolved {
  /** The name's own, then those of its fallbacks. */
  groups: readonly CandidateGroup[];
  /** Instead of the next group, when a prompt is too long or its content refused. */
  onContextOverflow?: readonly CandidateGroup[];
  onContentPolicy?: readonly CandidateGroup[];
  /** For `x-xidao-route`. */
  reason: string;
  /** True: the name stands for models that must be told everything. */
  isStrict?: boolean;
  isHedged?: boolean;
  isResumed?: boolean;
  keepsBodies?: boolean;
  firstByteMs?: number;
  notice?: string;
}

/** What a name under `models:` stands for. */
export interface Alias extends CandidateGroup {
  fallback: readonly string[];
  contextFallback: readonly string[];
  contentFallback: readonly string[];
  isStrict?: boolean;
  isHedged?: boolean;
  isResumed?: boolean;
  keepsBodies?: boolean;
  firstByteMs?: number;
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
  /** Where the catalogue has the name, and how these places share the calls. */
  inCatalogue(name: string): CandidateGroup;
  /** Every name that would be understood, for suggestions. */
  names(): string[];
}

const OWN_PREFIX = 'xidao/';
/** A catch-all under `models:`. */
const ANY = '*';

/** Turns a client's word for a model into the places that may answer: an alias, `provider/model`, a catalogue id, the mock for `auto` where nothing else is; else 404 with the nearest names. */
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

/** Every candidate of the name and its fallbacks. */
export function candidatesOf({ groups }: Pick<Resolved, 'groups'>): Candidate[] {
  return groups.flatMap(({ candidates }) => candidates);
}

/** Several names in order, as one: the first that means anything decides what holds for the call. */
export function resolveNames(names: readonly string[], book: NameBook): Resolved {
  const [first, ...others] = names.map((name) => resolveModel(name, book));
  if (first === undefined) throw new GatewayError('internal_error', 'A route names no model.');
  return { ...first, groups: [...first.groups, ...others.flatMap(({ groups }) => groups)] };
}

function fromAlias(name: string, book: NameBook): Resolved | undefined {
  return book.aliases.has(name) ? ofAlias(name, `alias ${name}`, book) : undefined;
}

function ofAlias(name: string, reason: string, book: NameBook): Resolved {
  const { contextFallback, contentFallback, isStrict, isHedged, isResumed, keepsBodies, firstByteMs } =
    book.aliases.get(name)!;
  return {
    groups: withFallbacks(name, book),
    ...(contextFallback.length > 0 && { onContextOverflow: groupsOf(contextFallback, book) }),
    ...(contentFallback.length > 0 && { onContentPolicy: groupsOf(contentFallback, book) }),
    reason,
    ...(isStrict === true && { isStrict }),
    ...(isHedged === true && { isHedged }),
    ...(isResumed === true && { isResumed }),
    ...(keepsBodies === true && { keepsBodies }),
    ...(firstByteMs !== undefined && { firstByteMs }),
  };
}

function groupsOf(names: readonly string[], book: NameBook): CandidateGroup[] {
  const seen = new Set<string>();
  return names.flatMap((name) => withFallbacks(name, book, seen));
}

/** The targets of a name, then those of its fallbacks, and theirs; a name that comes round again is not followed. */
function withFallbacks(name: string, book: NameBook, seen: Set<string> = new Set()): CandidateGroup[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const alias = book.aliases.get(name);
  if (alias === undefined) return [...((fromProvider(name, book) ?? fromCatalogue(name, book))?.groups ?? [])];
  const { strategy, candidates, fallback } = alias;
  return [{ name: alias.name, strategy, candidates }, ...fallback.flatMap((next) => withFallbacks(next, book, seen))];
}

function fromProvider(name: string, book: NameBook): Resolved | undefined {
  const slash = name.indexOf('/');
  const provider = slash === -1 ? undefined : book.provider(name.slice(0, slash));
  if (provider === undefined || slash === name.length - 1) return undefined;
  const model = book.idAt(provider, name.slice(slash + 1));
  if (model === undefined) return undefined;
  return { groups: [only({ provider, model })], reason: 'exact' };
}

function only(candidate: Candidate): CandidateGroup {
  return { name: `${candidate.provider}/${candidate.model}`, strategy: 'latency', candidates: [candidate] };
}

function fromCatalogue(name: string, book: NameBook): Resolved | undefined {
  const group = book.inCatalogue(name);
  const count = group.candidates.length;
  if (count === 0) return undefined;
  return { groups: [group], reason: count === 1 ? 'catalogue' : `catalogue, ${count} providers by priority` };
}

/** Where a provider is configured, `auto` never comes here: the choice is made by the room's own router. */
function fromAuto(name: string, book: NameBook): Resolved | undefined {
  if (!isAuto(name) || book.hasRealProviders) return undefined;
  return {
    groups: [only({ provider: 'mock', model: 'echo' })],
    reason: 'auto, only the mock is configured',
    notice: 'No provider is configured, so mock/echo answers. Set a provider key such as OPENAI_API_KEY.',
  };
}

/** `auto`, or `auto:` and a tier. */
export function isAuto(name: string): boolean {
  return name === 'auto' || name.startsWith('auto:');
}

function fromCatchAll(book: NameBook): Resolved | undefined {
  return book.aliases.has(ANY) ? ofAlias(ANY, 'catch-all', book) : undefined;
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
