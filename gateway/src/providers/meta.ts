import { bearer, defineProvider } from './provider.ts';

export const meta = defineProvider({
  name: 'meta',
  aliases: ['llama', 'meta-llama'],
  title: 'Meta Llama API',
  env: ['LLAMA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.llama.com/compat/v1', operations: ['moderations'] },
  },
  docs: 'https://llama.developer.meta.com/docs/features/compatibility',
});
