import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { readUsage, writeUsage } from './usage.ts';

test.each<[string, JsonObject, object]>([
  [
    'OpenAI, with everything',
    {
      ...{ prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 },
      prompt_tokens_details: { cached_tokens: 40, audio_tokens: 3 },
      completion_tokens_details: {
        reasoning_tokens: 20,
        audio_tokens: 4,
        accepted_prediction_tokens: 5,
        rejected_prediction_tokens: 6,
      },
    },
    {
      ...{ inputTokens: 100, outputTokens: 50, cachedInputTokens: 40, audioInputTokens: 3, reasoningTokens: 20 },
      ...{ audioOutputTokens: 4, acceptedPredictionTokens: 5, rejectedPredictionTokens: 6 },
    },
  ],
  [
    'zeros, which stay zeros',
    { prompt_tokens: 0, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } },
    { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
  ],
  [
    'DeepSeek',
    { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 },
    { inputTokens: 9, outputTokens: 1, cachedInputTokens: 4 },
  ],
  [
    'Moonshot',
    { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 4 },
    { inputTokens: 9, outputTokens: 1, cachedInputTokens: 4 },
  ],
  [
    'xAI, which counts reasoning apart',
    {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 354,
      completion_tokens_details: { reasoning_tokens: 340 },
    },
    { inputTokens: 12, outputTokens: 342, reasoningTokens: 340 },
  ],
  [
    'Gemini, where only the total tells of thoughts',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 },
    { inputTokens: 10, outputTokens: 30 },
  ],
  [
    'Grok on Azure, whose cache is larger than the prompt',
    { prompt_tokens: 29, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 157 } },
    { inputTokens: 29, outputTokens: 6, cachedInputTokens: 29 },
  ],
  [
    'OpenRouter over Anthropic',
    {
      prompt_tokens: 9,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 },
      server_tool_use_details: { web_search_requests: 3 },
    },
    { inputTokens: 9, outputTokens: 1, cachedInputTokens: 2, cacheWriteTokens: 3, serverToolRequests: 3 },
  ],
  [
    'Qwen with explicit caching',
    {
      prompt_tokens: 9,
      completion_tokens: 1,
      prompt_tokens_details: { cache_creation_input_tokens: 7, cache_creation: { ephemeral_1h_input_tokens: 2 } },
    },
    { inputTokens: 9, outputTokens: 1, cacheWriteTokens: 7, cacheWrite1hTokens: 2 },
  ],
])('reads the counts of %s', (_host, usage, expected) => {
  const read = readUsage(usage);
  expect(read).toEqual(expected);
  expect(readUsage(writeUsage(read!)), 'and the same after being written').toEqual(expected);
});

test('an object without counts is no usage', () => {
  expect(readUsage({})).toBeUndefined();
  expect(readUsage({ prompt_tokens: null })).toBeUndefined();
});

test('the total is the sum of what was read and written', () => {
  expect(writeUsage({ inputTokens: 2, outputTokens: 3 })).toEqual({
    prompt_tokens: 2,
    completion_tokens: 3,
    total_tokens: 5,
  });
});
