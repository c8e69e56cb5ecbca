import type { DialectName, TargetTraits } from '@xidao/dialects';
import type { Catalogue, ConfiguredProvider } from './catalogue/catalogue.ts';
import type { Environment } from './config/environment.ts';
import type { ServedModelConfig } from './config/schema/providers.ts';
import type { Config } from './config/schema.ts';
import type { Operation } from './core/operation.ts';
import type { ModelFacts } from './core/target.ts';
import { detectProviders, findProvider, readSettings, settingsFrom } from './providers/index.ts';
import type { Auth, Endpoint, Provider } from './providers/provider.ts';
import { bearer } from './providers/provider.ts';
import { resolveEndpoint } from './providers/resolve-endpoint.ts';
import type { Credential } from './upstream/serving-provider.ts';

type ProviderConfig = Config['providers'][string];
type ServedModel = Extract<ServedModelConfig, { prices?: unknown }>;

/** A provider as configuration and environment together describe it, before it is connected. */
export interface DescribedProvider {
  name: string;
  preset: Provider;
  written: ProviderConfig | undefined;
  /** Its keys; empty where it has none. */
  credentials: readonly Credential[];
  /** How to sign in without a key; undefined where there is one, or no way. */
  keyless: { auth: Auth; settings: Record<string, string> } | undefined;
  endpoints: Partial<Record<DialectName, Endpoint>>;
  /** Settings of its address that nobody has given. */
  missing: string[];
}

/** Those of the configuration in its order, then those whose key is in the environment. */
export function describeProviders(config: Config, env: Environment): DescribedProvider[] {
  const written = Object.entries(config.providers).filter(([name]) => name !== 'mock');
  const described = written.filter(([, entry]) => entry.enabled).map(([name, entry]) => describe(name, entry, env));
  const named = new Set(written.flatMap(([name, entry]) => [name, entry.preset ?? findProvider(name)?.name ?? name]));
  const detected = detectProviders(env).filter((preset) => !named.has(preset.name));
  return [...described, ...detected.map((preset) => describe(preset.name, undefined, env))];
}

function describe(name: string, written: ProviderConfig | undefined, env: Environment): DescribedProvider {
  const preset = presetOf(name, written);
  const settings = settingsOf(preset, written, env);
  const credentials = credentialsOf(preset, written, env);
  const endpoints: Partial<Record<DialectName, Endpoint>> = {};
  const missing = new Set<string>();
  for (const dialect of Object.keys(preset.speaks) as DialectName[]) {
    const resolved = resolveEndpoint(withBaseUrl(preset, written), dialect, settings);
    if (resolved?.endpoint !== undefined) endpoints[dialect] = withQuery(resolved.endpoint, written);
    for (const setting of resolved?.missing ?? []) missing.add(setting);
  }
  return {
    name,
    preset,
    written,
    credentials,
    keyless: credentials.length === 0 ? keylessOf(preset, written, env, settings) : undefined,
    endpoints,
    missing: Object.keys(endpoints).length === 0 ? [...missing] : [],
  };
}

/** A written setting stands before the environment's, and before the one that the environment has in its stead. */
function settingsOf(preset: Provider, written: ProviderConfig | undefined, env: Environment): Record<string, string> {
  const found = settingsFrom(preset, env);
  const { site } = preset;
  if (site !== undefined && written?.settings[site.insteadOf] !== undefined) delete found[site.setting];
  return { ...found, ...written?.settings };
}

function keylessOf(
  { keyless }: Provider,
  written: ProviderConfig | undefined,
  env: Environment,
  settings: Record<string, string>,
): DescribedProvider['keyless'] {
  if (keyless === undefined) return undefined;
  // A host under a foreign address must not be given what was meant for the known one.
  const found = written?.base_url === undefined ? readSettings(keyless.settings, env) : {};
  // Parts of two sign-ins do not make one: what is written stands alone.
  const isWritten = Object.keys(keyless.settings).some((name) => settings[name] !== undefined);
  const given = isWritten ? settings : { ...found, ...settings };
  const isWhole = Object.entries(keyless.settings).every(
    ([name, { isOptional }]) => isOptional === true || given[name] !== undefined,
  );
  return isWhole ? { auth: keyless.auth, settings: given } : undefined;
}

/** A known provider, or whatever host the five lines of configuration describe. */
function presetOf(name: string, written: ProviderConfig | undefined): Provider {
  const known = findProvider(written?.preset ?? name);
  const dialect = written?.dialect;
  if (known !== undefined && (dialect === undefined || known.speaks[dialect] !== undefined)) {
    return dialect === undefined ? known : { ...known, speaks: { [dialect]: known.speaks[dialect] } };
  }
  const spoken = dialect ?? 'openai-chat';
  return {
    name,
    title: name,
    env: [],
    needsKey: false,
    auth: AUTH[spoken],
    ...(TRAITS[spoken] !== undefined && { traits: TRAITS[spoken] }),
    speaks: { [spoken]: { baseUrl: written?.base_url ?? '', operations: OPERATIONS } },
  };
}

/** Of a host that is only described by its address nobody knows what it offers; it will say so itself. */
const OPERATIONS: Operation[] = [
  'count-tokens',
  'completions',
  'embeddings',
  'batch-embeddings',
  'moderations',
  'images/generations',
  'images/edits',
  'images/variations',
  'audio/speech',
  'audio/transcriptions',
  'audio/translations',
];

const AUTH: Record<DialectName, Provider['auth']> = {
  'openai-chat': bearer,
  'openai-responses': bearer,
  'anthropic-messages': { kind: 'header', name: 'x-api-key' },
  gemini: { kind: 'header', name: 'x-goog-api-key' },
  bedrock: bearer,
  'cohere-chat': bearer,
  'ollama-chat': bearer,
  dashscope: bearer,
};

/** What no host of a dialect is known to take. */
const TRAITS: Partial<Record<DialectName, Partial<TargetTraits>>> = {
  gemini: { takesMediaUrls: false },
  bedrock: { takesMediaUrls: false },
  'ollama-chat': { takesMediaUrls: false },
};

/** A written base URL stands for that of the first dialect, and of every other that lives at the same address. */
function withBaseUrl(preset: Provider, written: ProviderConfig | undefined): Provider {
  const baseUrl = written?.base_url;
  if (baseUrl === undefined) return preset;
  const entries = Object.entries(preset.speaks) as [DialectName, Endpoint][];
  const replaced = entries[0]?.[1].baseUrl;
  const moved = entries
    .filter(([, endpoint]) => endpoint.baseUrl === replaced)
    .map(([dialect, endpoint]) => [dialect, { ...endpoint, baseUrl }]);
  const { regions: _, ...rest } = preset;
  return { ...rest, speaks: Object.fromEntries(moved) as Provider['speaks'] };
}

function withQuery(endpoint: Endpoint, written: ProviderConfig | undefined): Endpoint {
  if (written === undefined || Object.keys(written.query).length === 0) return endpoint;
  return { ...endpoint, query: { ...endpoint.query, ...written.query } };
}

function credentialsOf(preset: Provider, written: ProviderConfig | undefined, env: Environment): Credential[] {
  if (written?.api_key !== undefined) return [{ key: written.api_key, weight: 1 }];
  if (written?.api_keys !== undefined) return written.api_keys;
  // A host under a foreign address must not be given the key of the known one.
  if (written?.base_url !== undefined && preset.needsKey !== false) return [];
  const found = preset.env.map((variable) => env[variable]?.trim()).find((value) => value);
  return found ? [{ key: found, weight: 1 }] : [];
}

/** For the catalogue: which models of which provider. */
export function configuredProvider({ name, preset, written }: DescribedProvider): ConfiguredProvider {
  const models = written?.models?.map(({ id }) => id);
  return { name, preset, ...(models !== undefined && { models }) };
}

/** What configuration, then the catalogue, knows of a model. */
export function factsOf(catalogue: Catalogue, { name, written }: DescribedProvider, model: string): ModelFacts {
  const said: Partial<ServedModel> | undefined = written?.models?.find(({ id }) => id === model);
  const known = catalogue.find(name, model);
  const contextWindow = said?.context_window ?? known?.contextWindow;
  const maxOutputTokens = said?.max_output_tokens ?? known?.maxOutputTokens;
  const inputModalities = said?.input_modalities ?? known?.modalities?.input;
  const tools = said?.tools ?? known?.tools;
  const reasoning = said?.reasoning ?? known?.reasoning;
  return {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(inputModalities !== undefined && { inputModalities }),
    ...(tools !== undefined && { tools }),
    ...(reasoning !== undefined && { reasoning }),
  };
}
