import { defineProvider } from '../provider.ts';

const operations = ['count-tokens', 'completions', 'embeddings', 'moderations'] as const;

/** A provider inside the process: speaks every dialect that keeps no answers, streams, counts tokens, costs nothing. For first steps, tests and benchmarks. */
export const mock = defineProvider({
  name: 'mock',
  title: 'Mock (built in)',
  env: [],
  needsKey: false,
  auth: { kind: 'none' },
  speaks: {
    'openai-chat': { baseUrl: 'mock://in-process', operations: [...operations] },
    'anthropic-messages': { baseUrl: 'mock://in-process', operations: ['count-tokens'] },
    gemini: { baseUrl: 'mock://in-process', operations: ['count-tokens', 'embeddings', 'batch-embeddings'] },
  },
  cancelStopsBilling: true,
});

/** Its models, as clients say them after `mock/`. */
export const MOCK_MODELS: Record<string, string> = {
  echo: 'Says the last user text again',
  lorem: 'Some sentences of filler, streamed word by word',
  tools: 'Calls the first tool offered, then sums up its result',
  json: 'An instance of the JSON schema asked for',
  embed: 'Embeddings by hashing: equal texts, equal vectors',
  'error-429': 'Refuses with a rate limit',
  'error-500': 'Fails with a server error',
  'error-529': 'Says that it is overloaded',
  'error-timeout': 'Never begins to answer',
  'error-cut': 'Breaks off in the middle of its answer',
  'error-slow': 'Answers slowly, word by word',
  'error-malformed': 'Answers with broken JSON',
};
