import { bearer, defineProvider } from './provider.ts';

export const cerebras = defineProvider({
  name: 'cerebras',
  title: 'Cerebras',
  env: ['CEREBRAS_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.cerebras.ai/v1', operations: ['completions'] },
  },
  traits: { maxTokensField: 'max_completion_tokens', reasoningField: 'reasoning' },
  docs: 'https://inference-docs.cerebras.ai/resources/openai',
});
