import { bearer, defineProvider } from './provider.ts';

export const upstage = defineProvider({
  name: 'upstage',
  aliases: ['solar'],
  title: 'Upstage',
  env: ['UPSTAGE_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.upstage.ai/v1', operations: ['embeddings'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://console.upstage.ai/docs/capabilities/generate',
});
