import { describe, expect, test } from 'vitest';
import { type DialectName, dialects, type Usage } from '../src/index.ts';
import { DIALECTS } from './ordinary-requests.ts';

/** Counts that a dialect has no word for; they stand inside the input and the output that it does tell. */
const UNTOLD: Partial<Record<DialectName, { counts: (keyof Usage)[]; why: string }>> = {
  gemini: {
    counts: ['cacheWriteTokens', 'cacheWrite1hTokens'],
    why: 'Google bills storage by the hour, not the writing',
  },
  'cohere-chat': { counts: ['cacheWriteTokens', 'cacheWrite1hTokens'], why: 'it caches by itself' },
  'ollama-chat': {
    counts: ['cachedInputTokens', 'cacheWriteTokens', 'cacheWrite1hTokens', 'reasoningTokens'],
    why: 'it tells two counts',
  },
  bedrock: { counts: ['reasoningTokens'], why: 'Converse counts reasoning among the output alone' },
};

const CALLS: Record<string, Usage> = {
  'a plain call': { inputTokens: 120, outputTokens: 30 },
  'a call that read from the cache': { inputTokens: 1200, outputTokens: 30, cachedInputTokens: 1000 },
  'a call that wrote to the cache for five minutes': {
    ...{ inputTokens: 1200, outputTokens: 30, cachedInputTokens: 0, cacheWriteTokens: 1100 },
  },
  'a call that wrote to the cache for both times': {
    ...{ inputTokens: 5000, outputTokens: 30, cachedInputTokens: 2000 },
    ...{ cacheWriteTokens: 2500, cacheWrite1hTokens: 1500 },
  },
  'a call that reasoned': { inputTokens: 50, outputTokens: 900, reasoningTokens: 700 },
  'a call that counted nothing': {
    ...{ inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
    ...{ cacheWriteTokens: 0, cacheWrite1hTokens: 0, reasoningTokens: 0 },
  },
};

describe.each(DIALECTS)('in %s', (name) => {
  test.each(Object.entries(CALLS))('%s tells the same numbers as everywhere', (_, usage) => {
    const expected = { ...usage };
    for (const count of UNTOLD[name]?.counts ?? []) delete expected[count];
    const written = JSON.parse(JSON.stringify(dialects[name].writeUsage(usage)));
    const read = dialects[name].readUsage(written);
    // A dialect may tell a zero where nobody counted, for clients that read it unasked; never the other way round.
    const unasked = Object.entries(read ?? {}).filter(([count]) => !(count in usage));
    expect(unasked.filter(([, value]) => value !== 0)).toEqual([]);
    expect(read).toMatchObject(expected);
  });
});
