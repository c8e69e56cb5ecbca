import { defineProvider } from './provider.ts';

/** On this machine. */
export const ollama = defineProvider({
  name: 'ollama',
  title: 'Ollama',
  env: [],
  auth: { kind: 'none' },
  speaks: {
    'openai-chat': {
      baseUrl: 'http://127.0.0.1:11434/v1',
      operations: ['completions', 'embeddings', 'audio/speech', 'audio/transcriptions'],
    },
    'openai-responses': { baseUrl: 'http://127.0.0.1:11434/v1' },
    'anthropic-messages': { baseUrl: 'http://127.0.0.1:11434' },
    'ollama-chat': { baseUrl: 'http://127.0.0.1:11434' },
  },
  needsKey: false,
  traits: { maxTokensField: 'max_tokens', takesMediaUrls: false, reasoningField: 'reasoning' },
  docs: 'https://docs.ollama.com/api/openai-compatibility',
});
