import { expect, test } from 'vitest';
import { findProvider } from './index.ts';
import { modelsUrl, resolveEndpoint } from './resolve-endpoint.ts';

const resolve = (name: string, dialect: Parameters<typeof resolveEndpoint>[1], settings?: Record<string, string>) =>
  resolveEndpoint(findProvider(name)!, dialect, settings);

test('settings are filled into the host, the paths and the query', () => {
  const endpoint = resolve('azure-deployments', 'openai-chat', {
    resource: 'acme',
    api_version: '2025-01-01',
  })?.endpoint;
  expect(endpoint?.baseUrl).toBe('https://acme.openai.azure.com/openai');
  expect(endpoint?.query).toEqual({ 'api-version': '2025-01-01' });
  expect(endpoint?.paths?.chat).toBe('/deployments/{model}/chat/completions');
});

test('a missing setting is named', () => {
  expect(resolve('azure', 'openai-responses')).toEqual({ missing: ['resource'] });
  expect(resolve('vertex', 'gemini')).toEqual({ missing: ['project'] });
});

test('a region with a host of its own replaces the base URL', () => {
  expect(resolve('qwen', 'anthropic-messages', { region: 'china' })?.endpoint?.baseUrl).toBe(
    'https://dashscope.aliyuncs.com/apps/anthropic',
  );
  expect(resolve('vertex', 'gemini', { project: 'p' })?.endpoint).toMatchObject({
    baseUrl: 'https://aiplatform.googleapis.com',
    paths: { chat: '/v1/projects/p/locations/global/publishers/google/models/{model}:{method}' },
  });
  expect(resolve('vertex', 'gemini', { project: 'p', location: 'europe-west4' })?.endpoint?.baseUrl).toBe(
    'https://europe-west4-aiplatform.googleapis.com',
  );
});

test('a setting cannot break out of its place in the address', () => {
  const endpoint = resolve('azure', 'openai-chat', { resource: 'evil.example/' })?.endpoint;
  expect(endpoint?.baseUrl).toBe('https://evil.example%2F.openai.azure.com/openai/v1');
});

test('a dialect that the provider does not speak gives nothing', () => {
  expect(resolve('anthropic', 'gemini')).toBeUndefined();
});

test('the list of models is found beside the first dialect, or at an address of its own', () => {
  expect(modelsUrl(findProvider('openai')!)).toBe('https://api.openai.com/v1/models');
  expect(modelsUrl(findProvider('anthropic')!)).toBe('https://api.anthropic.com/v1/models');
  expect(modelsUrl(findProvider('bedrock')!, { region: 'eu-west-1' })).toBe(
    'https://bedrock.eu-west-1.amazonaws.com/foundation-models',
  );
  expect(modelsUrl(findProvider('azure')!)).toBeUndefined();
});

test.each([
  ['https://acme.openai.azure.com/', 'https://acme.openai.azure.com/openai/v1'],
  ['https://acme.openai.azure.com/openai/v1/', 'https://acme.openai.azure.com/openai/v1'],
  [
    'https://acme.cognitiveservices.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    'https://acme.cognitiveservices.azure.com/openai/v1',
  ],
  ['https://apim.example.com/llm/', 'https://apim.example.com/llm/openai/v1'],
  ['acme.openai.azure.com', 'https://acme.openai.azure.com/openai/v1'],
])('the endpoint %s, as a portal shows it, is understood', (endpoint, baseUrl) => {
  expect(resolve('azure', 'openai-chat', { endpoint })?.endpoint?.baseUrl).toBe(baseUrl);
});

test('an endpoint makes the resource needless, and stands before it', () => {
  expect(resolve('azure', 'openai-chat', {})?.missing).toEqual(['resource']);
  const both = { resource: 'other', endpoint: 'https://acme.openai.azure.com' };
  expect(resolve('azure', 'openai-responses', both)?.endpoint?.baseUrl).toBe('https://acme.openai.azure.com/openai/v1');
});
