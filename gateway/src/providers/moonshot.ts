import { bearer, defineProvider } from './provider.ts';

export const moonshot = defineProvider({
  name: 'moonshot',
  aliases: ['kimi', 'moonshotai'],
  title: 'Moonshot AI (Kimi)',
  env: ['MOONSHOT_API_KEY', 'KIMI_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.moonshot.ai/v1' },
    'openai-responses': { baseUrl: 'https://api.moonshot.ai/v1' },
    'anthropic-messages': { baseUrl: 'https://api.moonshot.ai/anthropic' },
  },
  regions: {
    china: {
      'openai-chat': 'https://api.moonshot.cn/v1',
      'openai-responses': 'https://api.moonshot.cn/v1',
      'anthropic-messages': 'https://api.moonshot.cn/anthropic',
    },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  priceBook: 'moonshotai',
  docs: 'https://platform.kimi.ai/docs/pricing/chat',
});
