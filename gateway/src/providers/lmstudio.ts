import { bearer, defineProvider } from './provider.ts';

/** On this machine; a token is needed only when the server requires authentication. */
export const lmstudio = defineProvider({
  name: 'lmstudio',
  aliases: ['lm-studio'],
  title: 'LM Studio',
  env: ['LM_API_TOKEN'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'http://127.0.0.1:1234/v1', operations: ['completions', 'embeddings'] },
    'openai-responses': { baseUrl: 'http://127.0.0.1:1234/v1' },
    'anthropic-messages': { baseUrl: 'http://127.0.0.1:1234' },
  },
  needsKey: false,
  traits: { maxTokensField: 'max_tokens' },
  docs: 'https://lmstudio.ai/docs/developer/openai-compat',
});
