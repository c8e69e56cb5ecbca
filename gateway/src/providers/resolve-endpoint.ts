import type { DialectName } from '@xidao/dialects';
import type { Endpoint, Provider } from './provider.ts';

export type ResolvedEndpoint =
  | { endpoint: Endpoint; missing?: undefined }
  | { missing: string[]; endpoint?: undefined };

/**
 * The endpoint of one dialect with every `{setting}` filled in and the region's base URL in place; `{model}` and `{method}` stay.
 * Gives the names of the settings that are still missing instead, or undefined if the provider does not speak the dialect.
 */
export function resolveEndpoint(
  provider: Provider,
  dialect: DialectName,
  given: Record<string, string> = {},
): ResolvedEndpoint | undefined {
  const endpoint = provider.speaks[dialect];
  if (!endpoint) return undefined;
  const settings = { ...defaultsOf(provider), ...given };
  const baseUrl = regionalUrl(provider, dialect, settings) ?? onSite(provider, endpoint.baseUrl, settings);
  const missing = missingNames({ ...endpoint, baseUrl }, settings);
  if (missing.length > 0) return { missing };
  const resolved: Endpoint = { ...endpoint, baseUrl: filled(baseUrl, settings) };
  if (endpoint.query) resolved.query = filledValues(endpoint.query, settings);
  if (endpoint.paths) resolved.paths = filledValues(endpoint.paths, settings);
  return { endpoint: resolved };
}

/** Where the provider tells its models, with its settings filled in; undefined while a setting is missing. */
export function modelsUrl(provider: Provider, given: Record<string, string> = {}): string | undefined {
  const first = Object.keys(provider.speaks)[0] as DialectName;
  const endpoint = resolveEndpoint(provider, first, given)?.endpoint;
  if (!endpoint) return undefined;
  const path = filled(provider.modelsPath ?? '/models', { ...defaultsOf(provider), ...given });
  return path.startsWith('https://') ? path : endpoint.baseUrl + path;
}

function defaultsOf(provider: Provider): Record<string, string> {
  const defaults: Record<string, string> = {};
  for (const [name, setting] of Object.entries(provider.settings ?? {})) {
    if (setting.default !== undefined) defaults[name] = setting.default;
  }
  return defaults;
}

function regionalUrl(provider: Provider, dialect: DialectName, settings: Record<string, string>): string | undefined {
  const region = settings['region'] ?? settings['location'];
  return region === undefined ? undefined : provider.regions?.[region]?.[dialect];
}

/** The base URL under the origin that a setting gives. What stands there may be any URL of the service: people copy them with paths. */
function onSite({ site }: Provider, baseUrl: string, settings: Record<string, string>): string {
  const given = site === undefined ? undefined : settings[site.setting];
  if (given === undefined) return baseUrl;
  const written = given.includes('://') ? given : `https://${given}`;
  if (!URL.canParse(written)) return baseUrl;
  const { origin, pathname } = new URL(written);
  const path = /^[a-z]+:\/\/[^/]+(.*)$/.exec(baseUrl)?.[1] ?? '';
  const first = path.split('/')[1] ?? '';
  const at = first === '' ? -1 : `${pathname}/`.indexOf(`/${first}/`);
  const before = at === -1 ? pathname : pathname.slice(0, at);
  return origin + before.replace(/\/+$/, '') + path;
}

const placeholder = /\{(\w+)\}/g;
const perRequest = new Set(['model', 'method']);

function filled(text: string, settings: Record<string, string>): string {
  return text.replace(placeholder, (whole, name: string) => {
    const value = settings[name];
    return perRequest.has(name) || value === undefined ? whole : encodeURIComponent(value);
  });
}

function filledValues<T extends Record<string, string | undefined>>(values: T, settings: Record<string, string>): T {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, filled(value ?? '', settings)])) as T;
}

function missingNames(endpoint: Endpoint, settings: Record<string, string>): string[] {
  const texts = [endpoint.baseUrl, ...Object.values(endpoint.query ?? {}), ...Object.values(endpoint.paths ?? {})];
  const names = texts.flatMap((text) => [...text.matchAll(placeholder)].map((match) => match[1] as string));
  return [...new Set(names)].filter((name) => !perRequest.has(name) && settings[name] === undefined);
}
