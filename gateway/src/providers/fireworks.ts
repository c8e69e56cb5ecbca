import { bearer, defineProvider } from './provider.ts';

export const fireworks = defineProvider({
  name: 'fireworks',
  aliases: ['fireworks-ai'],
  title: 'Fireworks AI',
  env: ['FIREWORKS_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.fireworks.ai/inference/v1', operations: ['completions', 'embeddings'] },
    'openai-responses': { baseUrl: 'https://api.fireworks.ai/inference/v1' },
    'anthropic-messages': { baseUrl: 'https://api.fireworks.ai/inference' },
  },
  regions: {
    us: {
      'openai-chat': 'https://us.api.fireworks.ai/inference/v1',
      'openai-responses': 'https://us.api.fireworks.ai/inference/v1',
      'anthropic-messages': 'https://us.api.fireworks.ai/inference',
    },
  },
  traits: { maxTokensField: 'max_tokens' },
  cancelStopsBilling: true,
  docs: 'https://docs.fireworks.ai/serverless/pricing',
});
