/** How clients ask for the size of a prompt, in the dialects that have a call for it. */

import * as anthropic from './anthropic-messages/index.ts';
import type { DialectName, TargetTraits, WrittenRequest } from './dialect.ts';
import * as gemini from './gemini/index.ts';
import type { JsonObject } from './json.ts';
import type { ModelRequest } from './request.ts';

export interface TokenCounting {
  /** Throws InvalidRequest for a body that the dialect forbids. */
  readCountTokensRequest(body: JsonObject): ModelRequest;
  writeCountTokensRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest;
  /** Undefined: the reply tells no count. */
  readCountTokensReply(reply: JsonObject): number | undefined;
  writeCountTokensReply(tokens: number): JsonObject;
}

/** By dialect; the others have no such call. */
export const tokenCounting: Partial<Record<DialectName, TokenCounting>> = {
  'anthropic-messages': anthropic,
  gemini,
};
