import { bearer, defineProvider } from './provider.ts';

export const qianfan = defineProvider({
  name: 'qianfan',
  aliases: ['baidu', 'ernie', 'wenxin'],
  title: 'Baidu Qianfan',
  env: ['QIANFAN_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://qianfan.baidubce.com/v2', operations: ['embeddings'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://cloud.baidu.com/doc/qianfan/s/Hmh4suq26',
});
