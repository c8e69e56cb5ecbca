import { gptModelTraits } from './openai.ts';
import { defineProvider } from './provider.ts';

/** The older Azure surface: the deployment stands in the path, and every request names an api-version. */
export const azureDeployments = defineProvider({
  name: 'azure-deployments',
  title: 'Azure OpenAI (deployments)',
  // The same key as the newer surface, so the environment alone never means this one (`detectProviders` takes the first).
  env: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
  auth: { kind: 'header', name: 'api-key' },
  speaks: {
    'openai-chat': {
      baseUrl: 'https://{resource}.openai.azure.com/openai',
      operations: [
        'completions',
        'embeddings',
        'images/generations',
        'audio/speech',
        'audio/transcriptions',
        'audio/translations',
      ],
      query: { 'api-version': '{api_version}' },
      paths: {
        chat: '/deployments/{model}/chat/completions',
        completions: '/deployments/{model}/completions',
        embeddings: '/deployments/{model}/embeddings',
        'images/generations': '/deployments/{model}/images/generations',
        'audio/speech': '/deployments/{model}/audio/speech',
        'audio/transcriptions': '/deployments/{model}/audio/transcriptions',
        'audio/translations': '/deployments/{model}/audio/translations',
      },
    },
  },
  settings: {
    resource: {
      env: ['AZURE_OPENAI_RESOURCE', 'AZURE_RESOURCE_NAME'],
      about: 'the name of the Azure resource, the first part of its host name',
    },
    endpoint: {
      env: ['AZURE_OPENAI_ENDPOINT'],
      about: 'the endpoint as the portal shows it, instead of `resource`: `https://acme.openai.azure.com/`',
    },
    api_version: {
      env: ['AZURE_OPENAI_API_VERSION', 'OPENAI_API_VERSION'],
      default: '2024-10-21',
      about: 'the api-version, such as `2024-10-21`',
    },
  },
  site: { setting: 'endpoint', insteadOf: 'resource' },
  traits: { maxTokensField: 'max_completion_tokens' },
  modelTraits: gptModelTraits,
  modelFacts: 'openai',
  listsNoModels: true,
  priceBook: 'azure',
  cancelStopsBilling: true,
  docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
});
