/** Token counts as the Responses API tells them: input includes what came from the cache, output includes reasoning. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { asNumber, given } from './fields.ts';

/** Undefined if the object holds no counts. */
export function readUsage(usage: JsonObject): Usage | undefined {
  const inputTokens = asNumber(usage['input_tokens']);
  const outputTokens = asNumber(usage['output_tokens']);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const input = detailsOf(usage['input_tokens_details']);
  const output = detailsOf(usage['output_tokens_details']);
  return given<Usage>({
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    cachedInputTokens: asNumber(input['cached_tokens']),
    cacheWriteTokens: asNumber(input['cache_write_tokens']),
    cacheWrite1hTokens: asNumber(input['cache_write_1h_tokens']),
    reasoningTokens: asNumber(output['reasoning_tokens']),
    audioInputTokens: asNumber(input['audio_tokens']),
    audioOutputTokens: asNumber(output['audio_tokens']),
    imageInputTokens: asNumber(input['image_tokens']),
    imageOutputTokens: asNumber(output['image_tokens']),
    acceptedPredictionTokens: asNumber(output['accepted_prediction_tokens']),
    rejectedPredictionTokens: asNumber(output['rejected_prediction_tokens']),
    // xAI counts the tools that it runs itself among the tokens.
    serverToolRequests: asNumber(usage['num_server_side_tools_used']),
  });
}

/** The usage of a response object: its counts, the tier that served it, and the searches that were run. */
export function readResponseUsage(response: JsonObject): Usage | undefined {
  const usage = isObject(response['usage']) ? readUsage(response['usage']) : undefined;
  if (usage === undefined) return undefined;
  const searches = detailsOf(detailsOf(response['tool_usage'])['web_search'])['num_requests'];
  const tier = response['service_tier'];
  return given<Usage>({
    ...usage,
    serverToolRequests: usage.serverToolRequests ?? asNumber(searches),
    serviceTier: typeof tier === 'string' ? tier : undefined,
  });
}

/** Every count is an integer, and the two details are always there: strict clients read nothing else. */
export function writeUsage(usage: Usage): JsonObject {
  const inputTokens = whole(usage.inputTokens);
  const outputTokens = whole(usage.outputTokens);
  return {
    input_tokens: inputTokens,
    input_tokens_details: given<JsonObject>({
      cached_tokens: whole(usage.cachedInputTokens ?? 0),
      cache_write_tokens: wholeOr(usage.cacheWriteTokens),
      cache_write_1h_tokens: wholeOr(usage.cacheWrite1hTokens),
      audio_tokens: wholeOr(usage.audioInputTokens),
      image_tokens: wholeOr(usage.imageInputTokens),
    }),
    output_tokens: outputTokens,
    output_tokens_details: given<JsonObject>({
      reasoning_tokens: whole(usage.reasoningTokens ?? 0),
      audio_tokens: wholeOr(usage.audioOutputTokens),
      image_tokens: wholeOr(usage.imageOutputTokens),
      accepted_prediction_tokens: wholeOr(usage.acceptedPredictionTokens),
      rejected_prediction_tokens: wholeOr(usage.rejectedPredictionTokens),
    }),
    total_tokens: inputTokens + outputTokens,
  };
}

function whole(count: number): number {
  return Number.isFinite(count) ? Math.max(0, Math.round(count)) : 0;
}

function wholeOr(count: number | undefined): number | undefined {
  return count === undefined ? undefined : whole(count);
}

function detailsOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
