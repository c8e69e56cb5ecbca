import { bearer, defineProvider } from './provider.ts';

export const together = defineProvider({
  name: 'together',
  aliases: ['together-ai', 'togetherai'],
  title: 'Together AI',
  env: ['TOGETHER_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.together.ai/v1',
      operations: [
        'completions',
        'embeddings',
        'images/generations',
        'audio/speech',
        'audio/transcriptions',
        'audio/translations',
      ],
    },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, reasoningField: 'reasoning' },
  cancelStopsBilling: true,
  docs: 'https://www.together.ai/pricing',
});
