import { bearer, defineProvider } from './provider.ts';

export const cohere = defineProvider({
  name: 'cohere',
  title: 'Cohere',
  env: ['COHERE_API_KEY', 'CO_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.cohere.ai/compatibility/v1', operations: ['embeddings'] },
    'cohere-chat': { baseUrl: 'https://api.cohere.com' },
  },
  modelsPath: 'https://api.cohere.com/v1/models',
  traits: { maxTokensField: 'max_tokens' },
  cancelStopsBilling: true,
  docs: 'https://docs.cohere.com/docs/compatibility-api',
});
