import { bearer, defineProvider } from './provider.ts';

export const perplexity = defineProvider({
  name: 'perplexity',
  title: 'Perplexity',
  env: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.perplexity.ai',
      operations: ['embeddings'],
      paths: { embeddings: '/v1/embeddings' },
    },
  },
  modelsPath: '/v1/models',
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, takesTools: false },
  cancelStopsBilling: false,
  docs: 'https://docs.perplexity.ai/docs/getting-started/pricing',
});
