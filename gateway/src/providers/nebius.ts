import { bearer, defineProvider } from './provider.ts';

export const nebius = defineProvider({
  name: 'nebius',
  title: 'Nebius Token Factory',
  env: ['NEBIUS_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.tokenfactory.nebius.com/v1',
      operations: ['completions', 'embeddings', 'images/generations'],
    },
  },
  traits: { maxTokensField: 'max_tokens' },
  cancelStopsBilling: false,
  docs: 'https://docs.tokenfactory.nebius.com/',
});
