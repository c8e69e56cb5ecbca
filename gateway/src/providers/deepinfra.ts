import { bearer, defineProvider } from './provider.ts';

export const deepinfra = defineProvider({
  name: 'deepinfra',
  title: 'DeepInfra',
  env: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.deepinfra.com/v1/openai',
      operations: ['completions', 'embeddings', 'images/generations', 'audio/speech', 'audio/transcriptions'],
    },
  },
  traits: { maxTokensField: 'max_tokens' },
  cancelStopsBilling: true,
  docs: 'https://deepinfra.com/pricing',
});
