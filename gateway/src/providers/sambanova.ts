import { bearer, defineProvider } from './provider.ts';

export const sambanova = defineProvider({
  name: 'sambanova',
  title: 'SambaNova',
  env: ['SAMBANOVA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.sambanova.ai/v1', operations: ['embeddings', 'audio/transcriptions'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  cancelStopsBilling: false,
  docs: 'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
});
