import { bearer, defineProvider } from './provider.ts';

export const openrouter = defineProvider({
  name: 'openrouter',
  title: 'OpenRouter',
  env: ['OPENROUTER_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://openrouter.ai/api/v1',
      operations: ['completions', 'embeddings', 'audio/speech'],
    },
    'openai-responses': { baseUrl: 'https://openrouter.ai/api/v1' },
    'anthropic-messages': { baseUrl: 'https://openrouter.ai/api' },
  },
  traits: { reasoningField: 'reasoning' },
  docs: 'https://openrouter.ai/models',
});
