import { bearer, defineProvider } from './provider.ts';

export const hunyuan = defineProvider({
  name: 'hunyuan',
  aliases: ['tencent'],
  title: 'Tencent Hunyuan',
  env: ['HUNYUAN_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.hunyuan.cloud.tencent.com/v1', operations: ['embeddings'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://cloud.tencent.com/document/product/1729/111007',
});
