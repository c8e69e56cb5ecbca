/**
 * Thought signatures. A Gemini client has one field for them, `thoughtSignature`, which must be base64. Signatures of
 * other providers travel in it as base64 of `xidao:` + dialect + `:` + JSON, and are taken out again on the next turn.
 */

import type { DialectName } from '../dialect.ts';
import { isObject } from '../json.ts';
import type { ReasoningPart } from '../request.ts';
import { defined, flagOf, parseJson, textOf } from './fields.ts';

/**
 * What Google documents for calls that another model made: Gemini 3 refuses the first call of a step without a
 * signature (https://ai.google.dev/gemini-api/docs/thought-signatures, FAQ). This value works on Vertex AI too.
 */
export const SKIP_VALIDATION = 'skip_thought_signature_validator';

export type BoundReasoning = Pick<
  ReasoningPart,
  'signature' | 'redacted' | 'encrypted' | 'id' | 'isSummary' | 'boundTo'
>;

const MARK = 'xidao:';
const MARK_BASE64 = btoa(MARK);
const DIALECTS: ReadonlySet<string> = new Set<DialectName>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock',
]);

/** The value of `thoughtSignature` that stands for this reasoning, or undefined if nothing is bound to it. */
export function writeSignature(reasoning: BoundReasoning): string | undefined {
  const { boundTo, signature, redacted, encrypted, id, isSummary } = reasoning;
  if (signature === undefined && redacted === undefined && encrypted === undefined) return undefined;
  if (boundTo === 'gemini') return signature;
  const value = JSON.stringify(defined({ signature, redacted, encrypted, id, isSummary }));
  return Buffer.from(`${MARK}${boundTo ?? ''}:${value}`).toString('base64');
}

/** What a `thoughtSignature` on a thought stands for: Gemini's own, or another provider's that was wrapped by `writeSignature`. */
export function readSignature(signature: string): BoundReasoning {
  return unwrap(signature) ?? { signature, boundTo: 'gemini' };
}

function unwrap(signature: string): BoundReasoning | undefined {
  if (!signature.startsWith(MARK_BASE64)) return undefined;
  const told = Buffer.from(signature, 'base64').toString();
  const colon = told.indexOf(':', MARK.length);
  const dialect = told.slice(MARK.length, colon);
  const value = parseJson(told.slice(colon + 1));
  if (colon < 0 || !isObject(value) || (dialect !== '' && !DIALECTS.has(dialect))) return undefined;
  return defined({
    signature: textOf(value['signature']),
    redacted: textOf(value['redacted']),
    encrypted: textOf(value['encrypted']),
    id: textOf(value['id']),
    isSummary: flagOf(value['isSummary']),
    boundTo: dialect === '' ? undefined : (dialect as DialectName),
  });
}
