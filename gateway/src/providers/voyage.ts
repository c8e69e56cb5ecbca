import { bearer, defineProvider } from './provider.ts';

export const voyage = defineProvider({
  name: 'voyage',
  aliases: ['voyageai'],
  title: 'Voyage AI',
  env: ['VOYAGE_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.voyageai.com/v1', operations: ['embeddings'], chat: false },
  },
  priceBook: 'voyageai',
  docs: 'https://docs.voyageai.com/docs/pricing',
});
