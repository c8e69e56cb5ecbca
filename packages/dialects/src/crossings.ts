/** Calls besides chat that one dialect can make of another's: a document in, a document out, nothing streamed. */

import type { DialectName, TargetTraits, WrittenRequest } from './dialect.ts';
import { fromEmbedContents, fromOpenAIEmbeddings, toBatchEmbedContents, toOpenAIEmbeddings } from './gemini/index.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { tokenCounting } from './token-counting.ts';

export type CrossedOperation = 'embeddings' | 'batch-embeddings' | 'count-tokens';

/** An operation of a dialect. */
export interface Errand {
  dialect: DialectName;
  operation: CrossedOperation;
}

export interface Crossing {
  /** What the client asks. */
  from: Errand;
  /** What can be asked instead. */
  to: Errand;
  /** Throws InvalidRequest for what cannot be put in the other's words. */
  writeRequest(body: JsonObject, traits: TargetTraits): WrittenRequest;
  /** The reply in the client's words. Undefined: it is not what was asked for. */
  writeReply(reply: JsonObject, asked: Asked): CrossedReply | undefined;
}

export interface Asked {
  /** The client's own request. */
  body: JsonObject;
  /** The model as the client called it. */
  model: string;
  /** Tokens of a text, more or less: for counts that the provider does not tell and the client expects. */
  estimate(text: string): number;
}

export interface CrossedReply {
  body: JsonObject;
  /** The count of the prompt that stands in the body, where it was not the provider that told it. */
  estimatedTokens?: number;
}

function counting(from: DialectName, to: DialectName): Crossing {
  const asked = tokenCounting[from]!;
  const told = tokenCounting[to]!;
  return {
    from: { dialect: from, operation: 'count-tokens' },
    to: { dialect: to, operation: 'count-tokens' },
    writeRequest: (body, traits) => told.writeCountTokensRequest(asked.readCountTokensRequest(body), traits),
    writeReply(reply) {
      const tokens = told.readCountTokensReply(reply);
      return tokens === undefined ? undefined : { body: asked.writeCountTokensReply(tokens) };
    },
  };
}

/** Gemini's `batchEmbedContents` for OpenAI's `/v1/embeddings`, which takes one text or many. */
const embeddingsToBatch: Crossing = {
  from: { dialect: 'openai-chat', operation: 'embeddings' },
  to: { dialect: 'gemini', operation: 'batch-embeddings' },
  writeRequest: (body, traits) => toBatchEmbedContents(body, traits.model),
  writeReply(reply, { body, model, estimate }) {
    if (reply['embeddings'] === undefined) return undefined;
    const { encoding_format: encoding, input } = body;
    const told = toOpenAIEmbeddings(reply, model, typeof encoding === 'string' ? encoding : undefined);
    if (isObject(told['usage']) && told['usage']['prompt_tokens'] !== 0) return { body: told };
    const tokens = textsOf(input).reduce((sum, text) => sum + estimate(text), 0);
    return { body: { ...told, usage: { prompt_tokens: tokens, total_tokens: tokens } }, estimatedTokens: tokens };
  },
};

function embedContents(operation: 'embeddings' | 'batch-embeddings'): Crossing {
  return {
    from: { dialect: 'gemini', operation },
    to: { dialect: 'openai-chat', operation: 'embeddings' },
    writeRequest: (body, traits) => fromEmbedContents(body, traits.model),
    writeReply(reply) {
      const isAnswer = Array.isArray(reply['data']) && reply['data'].every(isObject);
      return isAnswer ? { body: fromOpenAIEmbeddings(reply, operation === 'batch-embeddings') } : undefined;
    },
  };
}

function textsOf(input: Json | undefined): string[] {
  return (Array.isArray(input) ? input : [input]).filter((text) => typeof text === 'string');
}

/** Every way across, in the order in which to try them. A new one is a line here. */
export const crossings: readonly Crossing[] = [
  embeddingsToBatch,
  embedContents('embeddings'),
  embedContents('batch-embeddings'),
  counting('anthropic-messages', 'gemini'),
  counting('gemini', 'anthropic-messages'),
];
