import { bearer, defineProvider } from './provider.ts';

export const minimax = defineProvider({
  name: 'minimax',
  title: 'MiniMax',
  env: ['MINIMAX_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.minimax.io/v1' },
    'anthropic-messages': { baseUrl: 'https://api.minimax.io/anthropic' },
  },
  regions: {
    china: { 'openai-chat': 'https://api.minimaxi.com/v1', 'anthropic-messages': 'https://api.minimaxi.com/anthropic' },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  cancelStopsBilling: false,
  docs: 'https://platform.minimax.io/docs/guides/pricing-paygo',
});
