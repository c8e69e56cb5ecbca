import { bearer, defineProvider } from './provider.ts';

function siteAt(host: string) {
  return {
    'openai-chat': `https://${host}/compatible-mode/v1`,
    'openai-responses': `https://${host}/compatible-mode/v1`,
    'anthropic-messages': `https://${host}/apps/anthropic`,
    dashscope: `https://${host}/api/v1`,
  };
}

/** Keys belong to one region; the international site (Singapore) is the default. */
export const qwen = defineProvider({
  name: 'qwen',
  aliases: ['dashscope', 'alibaba', 'bailian'],
  title: 'Alibaba Qwen (DashScope)',
  env: ['DASHSCOPE_API_KEY', 'QWEN_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', operations: ['embeddings'] },
    'openai-responses': { baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1' },
    'anthropic-messages': {
      baseUrl: 'https://dashscope-intl.aliyuncs.com/apps/anthropic',
      auth: { kind: 'header', name: 'x-api-key' },
    },
    dashscope: { baseUrl: 'https://dashscope-intl.aliyuncs.com/api/v1' },
  },
  regions: {
    china: siteAt('dashscope.aliyuncs.com'),
    us: siteAt('dashscope-us.aliyuncs.com'),
    hongkong: siteAt('cn-hongkong.dashscope.aliyuncs.com'),
  },
  // Only the newer models answer on the Responses surface (https://help.aliyun.com/en/model-studio/compatibility-with-openai-responses-api).
  modelDialects: [
    { pattern: /^(?!qwen3-max|qwen3\.[5-9])/, dialects: ['openai-chat', 'anthropic-messages', 'dashscope'] },
  ],
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, takesJsonSchema: false },
  cancelStopsBilling: false,
  docs: 'https://www.alibabacloud.com/help/en/model-studio/models',
});
