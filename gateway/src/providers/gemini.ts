import { bearer, defineProvider, type Provider } from './provider.ts';

/** By generation (https://ai.google.dev/gemini-api/docs/thinking): levels from 3 on, a budget in 2.5, none before. */
export const geminiModelTraits: NonNullable<Provider['modelTraits']> = [
  { pattern: /gemini-.*(image|tts)|gemini-(1|2\.0)|embedding/, traits: { reasoning: 'none' } },
  { pattern: /gemini-2\.5/, traits: { reasoning: 'budget' } },
  { pattern: /gemini-([3-9]|omni)/, traits: { reasoning: 'effort' } },
];

export const gemini = defineProvider({
  name: 'gemini',
  aliases: ['google', 'google-ai', 'google-ai-studio'],
  title: 'Google Gemini',
  env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  auth: { kind: 'header', name: 'x-goog-api-key' },
  speaks: {
    gemini: {
      baseUrl: 'https://generativelanguage.googleapis.com',
      operations: ['count-tokens', 'embeddings', 'batch-embeddings'],
    },
    'openai-chat': {
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
      auth: bearer,
      operations: ['embeddings', 'images/generations'],
    },
  },
  modelsPath: '/v1beta/models',
  // A `fileUri` must be a file of its own store or a video page; other addresses are fetched and sent inline.
  traits: { takesMediaUrls: false, maxTokensField: 'max_tokens', takesDeveloperRole: false },
  opensMediaAt: /^https:\/\/(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)\//,
  modelTraits: geminiModelTraits,
  priceBook: 'google',
  cancelStopsBilling: false,
  docs: 'https://ai.google.dev/gemini-api/docs/pricing',
});
