import { bearer, defineProvider } from './provider.ts';

export const jina = defineProvider({
  name: 'jina',
  aliases: ['jina-ai'],
  title: 'Jina AI',
  env: ['JINA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.jina.ai/v1', operations: ['embeddings'], chat: false },
  },
  docs: 'https://jina.ai/embeddings/',
});
