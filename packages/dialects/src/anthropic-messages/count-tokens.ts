/** POST /v1/messages/count_tokens (https://platform.claude.com/docs/en/api/messages/count_tokens): a message's request without what only an answer needs. */

import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { readRequest } from './read-request.ts';
import { writeRequest } from './write-request.ts';

/** The fields of a message's request that are counted; the host refuses others. */
const COUNTED = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'mcp_servers',
  'context_management',
]);

/** Reads a count_tokens request. Throws InvalidRequest as `readRequest` does, but for the output limit, which a count has none of. */
export function readCountTokensRequest(body: JsonObject): ModelRequest {
  const { maxOutputTokens: _, ...request } = readRequest({ max_tokens: 1, ...body });
  return request;
}

/** The count_tokens request that counts what `writeRequest` would send. */
export function writeCountTokensRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const { body, ...written } = writeRequest(request, traits);
  return { ...written, body: Object.fromEntries(Object.entries(body).filter(([field]) => COUNTED.has(field))) };
}

/** Tokens of the prompt, from a count_tokens reply. */
export function readCountTokensReply({ input_tokens: tokens }: JsonObject): number | undefined {
  return typeof tokens === 'number' ? tokens : undefined;
}

export function writeCountTokensReply(tokens: number): JsonObject {
  return { input_tokens: tokens };
}
