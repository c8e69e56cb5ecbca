import { defineProvider, type Provider } from './provider.ts';

/**
 * By generation (https://platform.claude.com/docs/en/about-claude/models/migration-guide): from Opus 4.7 on thinking is adaptive
 * only and sampling is refused; 4.6 takes both; before it thinking has a budget. Shared with every host that serves Claude, whose
 * names may stand behind a prefix (`us.anthropic.claude-…`).
 */
export const claudeModelTraits: NonNullable<Provider['modelTraits']> = [
  {
    pattern: /claude-(fable|mythos|(opus|sonnet|haiku)-[5-9]|opus-4-[7-9])/,
    traits: { takesSampling: false, reasoning: 'adaptive' },
  },
  { pattern: /claude-(opus|sonnet)-4-6/, traits: { reasoning: 'adaptive' } },
  { pattern: /claude-(3-7|4-|opus-4|sonnet-4|haiku-4)/, traits: { reasoning: 'budget' } },
  { pattern: /claude-(2|3|instant|v1)/, traits: { reasoning: 'none' } },
];

/** Cache prices as multiples of the input price: read 0.1, write 1.25 for five minutes and 2 for an hour. */
export const claudeCacheRates = { read: 0.1, write: 1.25, write1h: 2 };

// Its OpenAI-compatible endpoint is left out: by its own documentation it ignores `response_format`, `strict` and prompt caching,
// so translating loses less.
export const anthropic = defineProvider({
  name: 'anthropic',
  aliases: ['claude'],
  title: 'Anthropic',
  env: ['ANTHROPIC_API_KEY'],
  auth: { kind: 'header', name: 'x-api-key' },
  speaks: {
    'anthropic-messages': {
      baseUrl: 'https://api.anthropic.com',
      operations: ['count-tokens'],
      headers: { 'anthropic-version': '2023-06-01' },
    },
  },
  modelsPath: '/v1/models',
  modelTraits: claudeModelTraits,
  cacheRates: claudeCacheRates,
  cancelStopsBilling: true,
  docs: 'https://platform.claude.com/docs/en/about-claude/pricing',
});
