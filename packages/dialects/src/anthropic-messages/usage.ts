import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Usage } from '../usage.ts';

const SERVICE_TIERS = new Set(['standard', 'priority', 'batch']);

/**
 * Reads a Messages usage object. There `input_tokens` excludes what was read from and written to the cache; here it
 * includes both. Undefined if it holds no counts.
 */
export function readUsage(usage: JsonObject): Usage | undefined {
  const fresh = count(usage['input_tokens']);
  const output = count(usage['output_tokens']);
  if (fresh === undefined && output === undefined) return undefined;

  const { cachedRead, cacheWrite, cacheWrite1h } = readCacheCounts(usage);
  const compaction = readCompaction(usage['iterations']);
  const read: Usage = {
    inputTokens: (fresh ?? 0) + (cachedRead ?? 0) + (cacheWrite ?? 0) + compaction.input,
    outputTokens: (output ?? 0) + compaction.output,
  };
  if (cachedRead !== undefined) read.cachedInputTokens = cachedRead;
  if (cacheWrite !== undefined) read.cacheWriteTokens = cacheWrite;
  if (cacheWrite1h !== undefined) read.cacheWrite1hTokens = cacheWrite1h;

  const details = usage['output_tokens_details'];
  const thinking = isObject(details) ? count(details['thinking_tokens']) : undefined;
  if (thinking !== undefined) read.reasoningTokens = thinking;
  const serverTools = usage['server_tool_use'];
  const searches = isObject(serverTools) ? count(serverTools['web_search_requests']) : undefined;
  if (searches !== undefined) read.serverToolRequests = searches;
  if (typeof usage['service_tier'] === 'string') read.serviceTier = usage['service_tier'];
  return read;
}

function readCacheCounts(usage: JsonObject) {
  const split = isObject(usage['cache_creation']) ? usage['cache_creation'] : {};
  const write5m = count(split['ephemeral_5m_input_tokens']);
  const cacheWrite1h = count(split['ephemeral_1h_input_tokens']);
  const splitSum =
    write5m === undefined && cacheWrite1h === undefined ? undefined : (write5m ?? 0) + (cacheWrite1h ?? 0);
  return {
    cachedRead: count(usage['cache_read_input_tokens']),
    cacheWrite: count(usage['cache_creation_input_tokens']) ?? splitSum,
    cacheWrite1h,
  };
}

/** What server-side compaction read and wrote is billed, but stands outside the message's own counts. */
function readCompaction(iterations: Json | undefined): { input: number; output: number } {
  const sum = { input: 0, output: 0 };
  if (!Array.isArray(iterations)) return sum;
  for (const iteration of iterations) {
    if (!isObject(iteration) || iteration['type'] !== 'compaction') continue;
    sum.input += count(iteration['input_tokens']) ?? 0;
    sum.output += count(iteration['output_tokens']) ?? 0;
  }
  return sum;
}

/** Writes usage in the words of Messages. All four counts are always there: clients add them up without asking. */
export function writeUsage(usage: Usage): JsonObject {
  const cachedRead = usage.cachedInputTokens ?? 0;
  const cacheWrite = usage.cacheWriteTokens ?? 0;
  const written: JsonObject = {
    input_tokens: Math.max(0, usage.inputTokens - cachedRead - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cachedRead,
  };
  if (usage.cacheWrite1hTokens !== undefined) {
    written['cache_creation'] = {
      ephemeral_5m_input_tokens: Math.max(0, cacheWrite - usage.cacheWrite1hTokens),
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    };
  }
  written['output_tokens'] = usage.outputTokens;
  if (usage.reasoningTokens !== undefined)
    written['output_tokens_details'] = { thinking_tokens: usage.reasoningTokens };
  if (usage.serverToolRequests !== undefined) {
    written['server_tool_use'] = { web_search_requests: usage.serverToolRequests };
  }
  if (usage.serviceTier !== undefined && SERVICE_TIERS.has(usage.serviceTier)) {
    written['service_tier'] = usage.serviceTier;
  }
  return written;
}

const INPUT_FIELDS = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/**
 * What a stream has told of its usage, once `later` has come. Its counts are cumulative, so they replace the earlier
 * ones and are never added. Some hosts tell zeros at one end of the stream and the truth at the other: a zero does not
 * take back a count. The three input counts are one statement and are replaced together.
 */
export function mergeUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: JsonObject = { ...earlier };
  const tellsInput = INPUT_FIELDS.some((field) => (count(later[field]) ?? 0) > 0);
  for (const [field, value] of Object.entries(later)) {
    if (value === null || value === undefined) continue;
    const isEmptyAgain = value === 0 && (count(merged[field]) ?? 0) > 0;
    if (isEmptyAgain && !(INPUT_FIELDS.includes(field) && tellsInput)) continue;
    merged[field] = value;
  }
  return merged;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
