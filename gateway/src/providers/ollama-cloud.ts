import { bearer, defineProvider } from './provider.ts';

export const ollamaCloud = defineProvider({
  name: 'ollama-cloud',
  title: 'Ollama Cloud',
  env: ['OLLAMA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://ollama.com/v1' },
    'openai-responses': { baseUrl: 'https://ollama.com/v1' },
    'anthropic-messages': { baseUrl: 'https://ollama.com' },
    'ollama-chat': { baseUrl: 'https://ollama.com' },
  },
  traits: { maxTokensField: 'max_tokens', takesMediaUrls: false, reasoningField: 'reasoning' },
  docs: 'https://docs.ollama.com/openai',
});
