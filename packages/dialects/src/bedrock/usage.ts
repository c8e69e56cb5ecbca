import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Usage } from '../usage.ts';

/**
 * Reads a Converse usage object. There `inputTokens` excludes what was read from and written to the cache; here it
 * includes both. Undefined if it holds no counts.
 */
export function readUsage(usage: JsonObject): Usage | undefined {
  const fresh = count(usage['inputTokens']);
  const output = count(usage['outputTokens']);
  if (fresh === undefined && output === undefined) return undefined;
  const cachedRead = count(usage['cacheReadInputTokens']) ?? count(usage['cacheReadInputTokenCount']);
  const cacheWrite = count(usage['cacheWriteInputTokens']) ?? count(usage['cacheWriteInputTokenCount']);
  const read: Usage = {
    inputTokens: (fresh ?? 0) + (cachedRead ?? 0) + (cacheWrite ?? 0),
    outputTokens: output ?? 0,
  };
  if (cachedRead !== undefined) read.cachedInputTokens = cachedRead;
  if (cacheWrite !== undefined) read.cacheWriteTokens = cacheWrite;
  const cacheWrite1h = countOf1h(usage['cacheDetails']);
  if (cacheWrite1h !== undefined) read.cacheWrite1hTokens = cacheWrite1h;
  const serverTools = usage['serverToolUsage'];
  const searches = isObject(serverTools) ? count(serverTools['webSearchRequests']) : undefined;
  if (searches !== undefined) read.serverToolRequests = searches;
  return read;
}

function countOf1h(details: Json | undefined): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const lasting = details.filter(isObject).filter(({ ttl }) => ttl === '1h');
  if (lasting.length === 0) return undefined;
  return lasting.reduce((sum, { inputTokens }) => sum + (count(inputTokens) ?? 0), 0);
}

/** Writes usage in the words of Converse. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
  const written: JsonObject = {
    inputTokens: Math.max(0, inputTokens - (cachedInputTokens ?? 0) - (cacheWriteTokens ?? 0)),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
  };
  if (cachedInputTokens !== undefined) written['cacheReadInputTokens'] = cachedInputTokens;
  if (cacheWriteTokens !== undefined) written['cacheWriteInputTokens'] = cacheWriteTokens;
  if (cacheWrite1hTokens !== undefined) {
    const rest = Math.max(0, (cacheWriteTokens ?? 0) - cacheWrite1hTokens);
    const short = rest > 0 ? [{ ttl: '5m', inputTokens: rest }] : [];
    written['cacheDetails'] = [{ ttl: '1h', inputTokens: cacheWrite1hTokens }, ...short];
  }
  if (usage.serverToolRequests !== undefined) {
    written['serverToolUsage'] = { webSearchRequests: usage.serverToolRequests };
  }
  return written;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
