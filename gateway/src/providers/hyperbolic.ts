import { bearer, defineProvider } from './provider.ts';

export const hyperbolic = defineProvider({
  name: 'hyperbolic',
  title: 'Hyperbolic',
  env: ['HYPERBOLIC_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.hyperbolic.xyz/v1', operations: ['completions'] },
  },
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false },
  cancelStopsBilling: true,
  docs: 'https://docs.hyperbolic.xyz/docs/rest-api',
});
