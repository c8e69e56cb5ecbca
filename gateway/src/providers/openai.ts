import { bearer, defineProvider, type Provider } from './provider.ts';

/**
 * By generation (https://developers.openai.com/api/docs/guides/reasoning): reasoning models refuse temperature and its like
 * unless reasoning is off; the older ones cannot reason. Shared with every host that serves them under the same names.
 */
export const gptModelTraits: NonNullable<Provider['modelTraits']> = [
  { pattern: /^gpt-5-chat/, traits: { reasoning: 'none' } },
  { pattern: /^(o\d|gpt-[5-9]|codex|computer-use)/, traits: { takesSampling: false, reasoning: 'effort' } },
  { pattern: /^(chatgpt-4o|gpt-3|gpt-4)/, traits: { reasoning: 'none' } },
];

/** Models that one of the two surfaces refuses (the model pages name the endpoints of each). */
export const gptModelDialects: NonNullable<Provider['modelDialects']> = [
  {
    pattern: /codex|^(o\d|gpt-[5-9](\.\d+)?)-pro|deep-research|^computer-use/,
    dialects: ['openai-responses'],
  },
  { pattern: /-audio|-search-preview/, dialects: ['openai-chat'] },
];

export const openai = defineProvider({
  name: 'openai',
  title: 'OpenAI',
  env: ['OPENAI_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.openai.com/v1',
      operations: [
        'completions',
        'embeddings',
        'moderations',
        'images/generations',
        'images/edits',
        'images/variations',
        'audio/speech',
        'audio/transcriptions',
        'audio/translations',
      ],
    },
    'openai-responses': { baseUrl: 'https://api.openai.com/v1' },
  },
  traits: { maxTokensField: 'max_completion_tokens' },
  modelTraits: gptModelTraits,
  modelDialects: gptModelDialects,
  cancelStopsBilling: true,
  docs: 'https://developers.openai.com/api/docs/pricing',
});
