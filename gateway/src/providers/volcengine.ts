import { bearer, defineProvider } from './provider.ts';

export const volcengine = defineProvider({
  name: 'volcengine',
  aliases: ['ark', 'doubao'],
  title: 'Volcengine Ark (Doubao)',
  env: ['ARK_API_KEY', 'VOLCENGINE_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
      operations: ['embeddings', 'images/generations'],
    },
    'openai-responses': { baseUrl: 'https://ark.cn-beijing.volces.com/api/v3' },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://www.volcengine.com/docs/82379/1330310',
});
