import { bearer, defineProvider } from './provider.ts';

export const nvidia = defineProvider({
  name: 'nvidia',
  aliases: ['nvidia-nim', 'nim'],
  title: 'NVIDIA',
  env: ['NVIDIA_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://integrate.api.nvidia.com/v1', operations: ['completions', 'embeddings'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  docs: 'https://docs.api.nvidia.com/nim/reference/llm-apis',
});
