import { expect, test } from 'vitest';
import { detectProviders, findProvider, providerNames, providers, settingsFrom } from './index.ts';
import { resolveEndpoint } from './resolve-endpoint.ts';

const endpointsOf = providers.flatMap((provider) =>
  Object.entries(provider.speaks).map(([dialect, endpoint]) => ({ provider, dialect, endpoint })),
);

test('every provider has a kebab-case name, a title, documentation and at least one dialect', () => {
  for (const provider of providers) {
    expect(provider.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(provider.title).not.toBe('');
    expect(provider.docs, provider.name).toMatch(/^https:\/\//);
    expect(Object.keys(provider.speaks), provider.name).not.toHaveLength(0);
  }
});

test('names and aliases are unique across the list', () => {
  const all = providers.flatMap((provider) => [provider.name, ...(provider.aliases ?? [])]);
  expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
});

test('every address parses, without a trailing slash, and is https unless it is this machine', () => {
  const regional = providers.flatMap((provider) =>
    Object.values(provider.regions ?? {}).flatMap((urls) => Object.values(urls)),
  );
  for (const text of [...endpointsOf.map(({ endpoint }) => endpoint.baseUrl), ...regional]) {
    const url = new URL(text.replaceAll(/\{\w+\}/g, 'x'));
    expect(text.endsWith('/'), text).toBe(false);
    expect(url.protocol, text).toBe(url.hostname === '127.0.0.1' ? 'http:' : 'https:');
  }
});

test('base URLs are as the official SDKs take them: Anthropic and Gemini without a version segment', () => {
  for (const { dialect, endpoint } of endpointsOf) {
    if (dialect === 'anthropic-messages' || dialect === 'gemini')
      expect(endpoint.baseUrl).not.toMatch(/\/v\d+(beta)?$/);
  }
});

test('every host that needs a key says where the key is found and how it travels', () => {
  for (const { provider, endpoint } of endpointsOf) {
    if (provider.needsKey === false) continue;
    expect(provider.env, provider.name).not.toHaveLength(0);
    expect((endpoint.auth ?? provider.auth).kind, provider.name).not.toBe('none');
  }
});

test('variables are shared only by two faces of one service', () => {
  const users = new Map<string, string[]>();
  for (const provider of providers) {
    for (const name of provider.env) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/);
      users.set(name, [...(users.get(name) ?? []), provider.name]);
    }
  }
  const shared = [...users].filter(([, names]) => names.length > 1);
  expect(Object.fromEntries(shared)).toEqual({
    AZURE_OPENAI_API_KEY: ['azure', 'azure-deployments'],
    AZURE_API_KEY: ['azure', 'azure-deployments'],
    AWS_BEARER_TOKEN_BEDROCK: ['bedrock', 'bedrock-mantle'],
  });
});

test('every placeholder is a declared setting, and every setting is used', () => {
  for (const provider of providers) {
    const text = JSON.stringify([provider.speaks, provider.regions ?? {}]);
    const used = new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    used.delete('model');
    used.delete('method');
    if (provider.site !== undefined) used.add(provider.site.setting);
    expect([...used].sort(), provider.name).toEqual(Object.keys(provider.settings ?? {}).sort());
  }
});

test('dialects named for models are among those the provider speaks', () => {
  for (const provider of providers) {
    for (const { dialects } of provider.modelDialects ?? []) {
      for (const dialect of dialects) expect(Object.keys(provider.speaks), provider.name).toContain(dialect);
    }
    for (const urls of Object.values(provider.regions ?? {})) {
      for (const dialect of Object.keys(urls)) expect(Object.keys(provider.speaks), provider.name).toContain(dialect);
    }
  }
});

test('a provider is found by its name and its aliases in any case', () => {
  expect(findProvider('openai')?.name).toBe('openai');
  expect(findProvider('Google')?.name).toBe('gemini');
  expect(findProvider('DashScope')?.name).toBe('qwen');
  expect(findProvider('GLM')?.name).toBe('zhipu');
  expect(findProvider('constructor')).toBeUndefined();
  expect(providerNames()).toContain('volcengine');
});

test('the environment tells the providers whose keys it holds', () => {
  const names = (env: Record<string, string>) => detectProviders(env).map((provider) => provider.name);
  expect(names({ OPENAI_API_KEY: 'k', GOOGLE_API_KEY: 'k', ANTHROPIC_API_KEY: ' ' })).toEqual(['openai', 'gemini']);
  expect(names({})).toEqual([]);
});

test('a key whose provider still lacks a setting is not enough, and a shared key means one provider', () => {
  const names = (env: Record<string, string>) => detectProviders(env).map((provider) => provider.name);
  expect(names({ AZURE_OPENAI_API_KEY: 'k' })).toEqual([]);
  expect(names({ AZURE_OPENAI_API_KEY: 'k', AZURE_RESOURCE_NAME: 'acme' })).toEqual(['azure']);
  expect(names({ AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_ENDPOINT: 'https://acme.openai.azure.com' })).toEqual([
    'azure',
  ]);
  expect(names({ AWS_BEARER_TOKEN_BEDROCK: 'k' })).toEqual(['bedrock']);
});

test('settings come from the environment before their defaults', () => {
  const bedrock = findProvider('bedrock')!;
  expect(settingsFrom(bedrock, {})).toEqual({ region: 'us-east-1' });
  expect(settingsFrom(bedrock, { AWS_DEFAULT_REGION: 'eu-west-1' })).toEqual({ region: 'eu-west-1' });
});

test('every endpoint resolves once its settings are given', () => {
  for (const { provider, dialect } of endpointsOf) {
    const settings = Object.fromEntries(Object.keys(provider.settings ?? {}).map((name) => [name, 'x-1']));
    const resolved = resolveEndpoint(provider, dialect as 'openai-chat', settings)?.endpoint;
    expect(new URL(resolved!.baseUrl).href, provider.name).not.toContain('%7B');
  }
});
