import { bearer, defineProvider } from './provider.ts';

/** Its Anthropic-compatible endpoint is deprecated and left out. */
export const xai = defineProvider({
  name: 'xai',
  aliases: ['x-ai', 'grok'],
  title: 'xAI',
  env: ['XAI_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.x.ai/v1', operations: ['images/generations', 'images/edits'] },
    'openai-responses': { baseUrl: 'https://api.x.ai/v1' },
  },
  regions: { us: { 'openai-chat': 'https://us.api.x.ai/v1', 'openai-responses': 'https://us.api.x.ai/v1' } },
  priceBook: 'x-ai',
  cancelStopsBilling: true,
  docs: 'https://docs.x.ai/developers/models',
});
