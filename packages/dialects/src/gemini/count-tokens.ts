import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { numberOf, objectOf } from './fields.ts';
import { readRequest } from './read-request.ts';
import { toCamelCase } from './spelling.ts';
import { writeRequest } from './write-request.ts';

/** Reads a countTokens request: the whole request in `generateContentRequest`, or its fields alone. */
export function readCountTokensRequest(body: JsonObject): ModelRequest {
  const told = toCamelCase(body);
  return readRequest(objectOf(told['generateContentRequest']) ?? told);
}

/** The countTokens request that counts what `writeRequest` would send. */
export function writeCountTokensRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const { body, ...written } = writeRequest(request, traits);
  const model = `models/${traits.model.replace(/^models\//, '')}`;
  return { ...written, body: { generateContentRequest: { model, ...body } } };
}

/** Tokens of the prompt, from a countTokens reply. */
export function readCountTokensReply(reply: JsonObject): number | undefined {
  return numberOf(reply['totalTokens']);
}

export function writeCountTokensReply(tokens: number): JsonObject {
  return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] };
}
