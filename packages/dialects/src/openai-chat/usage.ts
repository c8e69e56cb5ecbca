import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';

/** Reads a usage object of any OpenAI-compatible host; undefined if it holds no counts. Zero stays zero. */
export function readUsage(usage: JsonObject): Usage | undefined {
  const input = count(usage['prompt_tokens']) ?? count(usage['input_tokens']);
  const output = count(usage['completion_tokens']) ?? count(usage['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const inner = object(usage['completion_tokens_details'] ?? usage['output_tokens_details']);
  const reasoning = count(inner['reasoning_tokens']) ?? count(usage['reasoning_tokens']);
  const read: Usage = {
    inputTokens: input ?? 0,
    outputTokens: (output ?? 0) + tokensBesides(usage, (input ?? 0) + (output ?? 0), reasoning),
  };
  put(read, 'reasoningTokens', reasoning);
  put(read, 'audioOutputTokens', count(inner['audio_tokens']));
  put(read, 'imageOutputTokens', count(inner['image_tokens']));
  put(read, 'acceptedPredictionTokens', count(inner['accepted_prediction_tokens']));
  put(read, 'rejectedPredictionTokens', count(inner['rejected_prediction_tokens']));
  readInputDetails(usage, read);
  put(read, 'serverToolRequests', serverToolRequests(usage));
  if (typeof usage['service_tier'] === 'string') read.serviceTier = usage['service_tier'];
  return read;
}

/**
 * Reasoning that the host left out of `completion_tokens`, which only the total betrays: xAI counts it apart, and
 * Gemini's OpenAI surface tells nothing but the total.
 */
function tokensBesides(usage: JsonObject, sum: number, reasoning: number | undefined): number {
  const total = count(usage['total_tokens']);
  if (total === undefined || total <= sum) return 0;
  return reasoning === undefined || reasoning === total - sum ? total - sum : 0;
}

function readInputDetails(usage: JsonObject, read: Usage): void {
  const inner = object(usage['prompt_tokens_details'] ?? usage['input_tokens_details']);
  const written = object(inner['cache_creation']);
  const cached =
    count(inner['cached_tokens']) ??
    count(usage['prompt_cache_hit_tokens']) ??
    count(usage['cached_tokens']) ??
    count(usage['cache_read_input_tokens']);
  // Grok on Azure tells more cached tokens than the prompt had; a part cannot be more than the whole.
  put(read, 'cachedInputTokens', cached === undefined ? undefined : Math.min(cached, read.inputTokens));
  put(
    read,
    'cacheWriteTokens',
    count(inner['cache_write_tokens']) ??
      count(inner['cache_creation_tokens']) ??
      count(inner['cache_creation_input_tokens']) ??
      count(usage['cache_creation_input_tokens']),
  );
  put(read, 'cacheWrite1hTokens', count(inner['cache_write_1h_tokens']) ?? count(written['ephemeral_1h_input_tokens']));
  put(read, 'audioInputTokens', count(inner['audio_tokens']));
  put(read, 'imageInputTokens', count(inner['image_tokens']));
}

function serverToolRequests(usage: JsonObject): number | undefined {
  const tools = object(usage['server_tool_use'] ?? usage['server_tool_use_details']);
  return count(tools['web_search_requests']) ?? count(usage['num_search_queries']);
}

/** The counts in Chat's words. Details that nobody told are left out, told zeros stay. */
export function writeUsage(usage: Usage): JsonObject {
  const body: JsonObject = {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
  const input = given({
    cached_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens,
    audio_tokens: usage.audioInputTokens,
    image_tokens: usage.imageInputTokens,
  });
  const output = given({
    reasoning_tokens: usage.reasoningTokens,
    audio_tokens: usage.audioOutputTokens,
    image_tokens: usage.imageOutputTokens,
    accepted_prediction_tokens: usage.acceptedPredictionTokens,
    rejected_prediction_tokens: usage.rejectedPredictionTokens,
  });
  if (input) body['prompt_tokens_details'] = input;
  if (output) body['completion_tokens_details'] = output;
  if (usage.serverToolRequests !== undefined)
    body['server_tool_use'] = { web_search_requests: usage.serverToolRequests };
  if (usage.serviceTier !== undefined) body['service_tier'] = usage.serviceTier;
  return body;
}

function given(counts: JsonObject): JsonObject | undefined {
  const told = Object.entries(counts).filter(([, value]) => value !== undefined);
  return told.length > 0 ? Object.fromEntries(told) : undefined;
}

function put(usage: Usage, field: Exclude<keyof Usage, 'serviceTier'>, value: number | undefined): void {
  if (value !== undefined) usage[field] = value;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
