import { bearer, defineProvider } from './provider.ts';

export const ai21 = defineProvider({
  name: 'ai21',
  title: 'AI21',
  env: ['AI21_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.ai21.com/studio/v1' },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  cancelStopsBilling: false,
  docs: 'https://docs.ai21.com/reference/jamba-1-6-api-ref',
});
