import { bearer, defineProvider } from './provider.ts';

export const deepseek = defineProvider({
  name: 'deepseek',
  title: 'DeepSeek',
  env: ['DEEPSEEK_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.deepseek.com' },
    'openai-responses': { baseUrl: 'https://api.deepseek.com' },
    'anthropic-messages': {
      baseUrl: 'https://api.deepseek.com/anthropic',
      auth: { kind: 'header', name: 'x-api-key' },
    },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, takesJsonSchema: false },
  cancelStopsBilling: true,
  docs: 'https://api-docs.deepseek.com/quick_start/pricing',
});
