import { claudeCacheRates, claudeModelTraits } from './anthropic.ts';
import { defineProvider } from './provider.ts';

/** Claude in Microsoft Foundry, with the names of settings that Anthropic's own Foundry client reads. */
export const azureAnthropic = defineProvider({
  name: 'azure-anthropic',
  aliases: ['foundry'],
  title: 'Claude in Microsoft Foundry',
  env: ['ANTHROPIC_FOUNDRY_API_KEY'],
  auth: { kind: 'header', name: 'x-api-key' },
  speaks: {
    'anthropic-messages': {
      baseUrl: 'https://{resource}.services.ai.azure.com/anthropic',
      operations: ['count-tokens'],
      headers: { 'anthropic-version': '2023-06-01' },
    },
  },
  settings: {
    resource: { env: ['ANTHROPIC_FOUNDRY_RESOURCE'], about: 'the name of the Foundry resource' },
    endpoint: {
      env: ['ANTHROPIC_FOUNDRY_BASE_URL'],
      about: 'its base URL, instead of `resource`: `https://acme.services.ai.azure.com/anthropic`',
    },
  },
  site: { setting: 'endpoint', insteadOf: 'resource' },
  modelsPath: '/v1/models',
  modelTraits: claudeModelTraits,
  modelFacts: 'anthropic',
  listsNoModels: true,
  priceBook: 'anthropic',
  cacheRates: claudeCacheRates,
  docs: 'https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry',
});
