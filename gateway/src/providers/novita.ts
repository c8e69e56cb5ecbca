import { bearer, defineProvider } from './provider.ts';

export const novita = defineProvider({
  name: 'novita',
  aliases: ['novita-ai'],
  title: 'Novita AI',
  env: ['NOVITA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.novita.ai/openai/v1', operations: ['completions', 'embeddings'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  cancelStopsBilling: true,
  docs: 'https://novita.ai/pricing',
});
