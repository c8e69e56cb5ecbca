import { bearer, defineProvider } from './provider.ts';

export const zhipu = defineProvider({
  name: 'zhipu',
  aliases: ['zai', 'glm', 'z-ai', 'zhipuai', 'bigmodel'],
  title: 'Z.ai (Zhipu GLM)',
  env: ['ZAI_API_KEY', 'ZHIPU_API_KEY', 'ZHIPUAI_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.z.ai/api/paas/v4', operations: ['embeddings', 'images/generations'] },
    'anthropic-messages': { baseUrl: 'https://api.z.ai/api/anthropic' },
  },
  regions: {
    china: {
      'openai-chat': 'https://open.bigmodel.cn/api/paas/v4',
      'anthropic-messages': 'https://open.bigmodel.cn/api/anthropic',
    },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, takesJsonSchema: false },
  // Prices of the international site first; the other chapter has the Chinese one's.
  priceBook: ['zai', 'zhipuai'],
  docs: 'https://docs.z.ai/guides/overview/pricing',
});
