import { readUsage as readCommonUsage } from '../chat-words.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';

/** Reads `usage`: what was read from the cache, and written to it, is part of the input; reasoning is part of the output. */
export function readUsage(usage: JsonObject): Usage | undefined {
  const read = readCommonUsage(usage);
  const { input_tokens_details: details, image_tokens: told } = usage;
  const images = isObject(details) ? (details['image_tokens'] ?? told) : told;
  if (read !== undefined && typeof images === 'number') read.imageInputTokens = images;
  return read;
}

export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
  const cache = {
    ...(cachedInputTokens === undefined ? {} : { cached_tokens: cachedInputTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cache_creation_input_tokens: cacheWriteTokens }),
    ...(cacheWrite1hTokens === undefined ? {} : { cache_creation: { ephemeral_1h_input_tokens: cacheWrite1hTokens } }),
  };
  const { reasoningTokens, imageInputTokens } = usage;
  return {
    total_tokens: inputTokens + outputTokens,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(Object.keys(cache).length > 0 ? { prompt_tokens_details: cache } : {}),
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { reasoning_tokens: reasoningTokens } }),
    ...(imageInputTokens === undefined ? {} : { input_tokens_details: { image_tokens: imageInputTokens } }),
  };
}
