import { gptModelTraits } from './openai.ts';
import { defineProvider } from './provider.ts';

const resource = {
  env: ['AZURE_OPENAI_RESOURCE', 'AZURE_RESOURCE_NAME'],
  about: 'the name of the Azure resource, the first part of its host name',
};

const endpoint = {
  env: ['AZURE_OPENAI_ENDPOINT'],
  about: 'the endpoint as the portal shows it, instead of `resource`: `https://acme.openai.azure.com/`',
};

/** The `/openai/v1` surface: deployments are named in the body as models are, and no api-version is needed. */
export const azure = defineProvider({
  name: 'azure',
  aliases: ['azure-openai'],
  title: 'Azure OpenAI',
  env: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
  auth: { kind: 'header', name: 'api-key' },
  speaks: {
    'openai-chat': {
      baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
      operations: [
        'completions',
        'embeddings',
        'images/generations',
        'images/edits',
        'audio/speech',
        'audio/transcriptions',
      ],
    },
    'openai-responses': { baseUrl: 'https://{resource}.openai.azure.com/openai/v1' },
  },
  settings: { resource, endpoint },
  site: { setting: 'endpoint', insteadOf: 'resource' },
  traits: { maxTokensField: 'max_completion_tokens' },
  modelTraits: gptModelTraits,
  modelFacts: 'openai',
  listsNoModels: true,
  cancelStopsBilling: true,
  docs: 'https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/',
});
