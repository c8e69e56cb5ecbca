import { expect, test } from 'vitest';
import { readUsage, writeUsage } from './usage.ts';

const whole = {
  input_tokens: 10,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 60,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
  output_tokens: 5,
  output_tokens_details: { thinking_tokens: 3 },
  server_tool_use: { web_search_requests: 2 },
  service_tier: 'standard',
};

test('input tokens include what was read from and written to the cache', () => {
  expect(readUsage(whole)).toEqual({
    inputTokens: 100,
    outputTokens: 5,
    cachedInputTokens: 60,
    cacheWriteTokens: 30,
    cacheWrite1hTokens: 10,
    reasoningTokens: 3,
    serverToolRequests: 2,
    serviceTier: 'standard',
  });
});

test('usage comes back as it was read', () => {
  const usage = readUsage(whole);
  expect(usage && writeUsage(usage)).toEqual(whole);
});

test('zero stays zero, and what was not said stays unsaid', () => {
  expect(readUsage({ input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0 })).toEqual({
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
  });
  expect(readUsage({ input_tokens: null, cache_read_input_tokens: null })).toBeUndefined();
});

test('compaction on the server is counted, as it is billed', () => {
  const iterations = [
    { type: 'compaction', input_tokens: 100, output_tokens: 10 },
    { type: 'message', input_tokens: 10, output_tokens: 5 },
  ];
  expect(readUsage({ input_tokens: 10, output_tokens: 5, iterations })).toEqual({ inputTokens: 110, outputTokens: 15 });
});

test('a service tier that this dialect does not know is not told', () => {
  expect(writeUsage({ inputTokens: 1, outputTokens: 1, serviceTier: 'default' })).not.toHaveProperty('service_tier');
});
