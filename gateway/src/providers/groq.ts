import { bearer, defineProvider } from './provider.ts';

export const groq = defineProvider({
  name: 'groq',
  title: 'Groq',
  env: ['GROQ_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.groq.com/openai/v1',
      operations: ['audio/speech', 'audio/transcriptions', 'audio/translations'],
    },
    'openai-responses': { baseUrl: 'https://api.groq.com/openai/v1' },
  },
  traits: { maxTokensField: 'max_completion_tokens', reasoningField: 'reasoning' },
  cancelStopsBilling: false,
  docs: 'https://groq.com/pricing',
});
