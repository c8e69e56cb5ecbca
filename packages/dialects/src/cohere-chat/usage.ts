import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';

/**
 * Reads `usage`. What is charged (`billed_units`) comes first: `tokens` also counts the service's own template, twenty times a short
 * prompt, which nobody pays. Cached tokens are counted in `tokens` alone, and are told where those are.
 */
export function readUsage(usage: JsonObject): Usage | undefined {
  const billed = object(usage['billed_units']);
  const tokens = object(usage['tokens']);
  const images = count(tokens['image_tokens']);
  const all = count(tokens['input_tokens']);
  const input = count(billed['input_tokens']) ?? (all === undefined ? undefined : all + (images ?? 0));
  const output = count(billed['output_tokens']) ?? count(tokens['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const read: Usage = { inputTokens: input ?? 0, outputTokens: output ?? 0 };
  const cached = count(billed['input_tokens']) === undefined ? count(usage['cached_tokens']) : undefined;
  if (cached !== undefined) read.cachedInputTokens = Math.min(cached, read.inputTokens);
  const reasoning = count(tokens['reasoning_tokens']);
  if (reasoning !== undefined) read.reasoningTokens = Math.min(reasoning, read.outputTokens);
  if (images !== undefined) read.imageInputTokens = Math.min(images, read.inputTokens);
  const searches = count(billed['search_units']);
  if (searches !== undefined) read.serverToolRequests = searches;
  return read;
}

/** The counts as `tokens`; what is charged only the service knows. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, imageInputTokens } = usage;
  return {
    tokens: {
      input_tokens: inputTokens - (imageInputTokens ?? 0),
      output_tokens: outputTokens,
      ...(reasoningTokens === undefined ? {} : { reasoning_tokens: reasoningTokens }),
      ...(imageInputTokens === undefined ? {} : { image_tokens: imageInputTokens }),
    },
    ...(cachedInputTokens === undefined ? {} : { cached_tokens: cachedInputTokens }),
  };
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
