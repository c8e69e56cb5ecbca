import { bearer, defineProvider } from './provider.ts';

export const siliconflow = defineProvider({
  name: 'siliconflow',
  title: 'SiliconFlow',
  env: ['SILICONFLOW_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.siliconflow.com/v1',
      operations: ['embeddings', 'images/generations', 'audio/speech', 'audio/transcriptions'],
    },
    'anthropic-messages': { baseUrl: 'https://api.siliconflow.com' },
  },
  regions: {
    china: { 'openai-chat': 'https://api.siliconflow.cn/v1', 'anthropic-messages': 'https://api.siliconflow.cn' },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions',
});
