import { bearer, defineProvider } from './provider.ts';

/** The variable is its own on purpose: `GITHUB_TOKEN` is set in many places for other ends. */
export const github = defineProvider({
  name: 'github',
  aliases: ['github-models'],
  title: 'GitHub Models',
  env: ['GITHUB_MODELS_TOKEN'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://models.github.ai/inference', operations: ['embeddings'] },
  },
  modelsPath: 'https://models.github.ai/catalog/models',
  docs: 'https://docs.github.com/rest/models/inference',
});
