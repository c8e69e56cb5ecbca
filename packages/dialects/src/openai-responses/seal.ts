/**
 * Carries reasoning that is bound to another provider (an Anthropic signature, a Gemini thought signature) through
 * clients of the Responses API: they send `encrypted_content` back as they got it, so it travels in there.
 */

import type { DialectName } from '../dialect.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { ReasoningPart } from '../request.ts';
import { asText, given } from './fields.ts';

/** How every `encrypted_content` begins that this gateway wrote; no provider can read it. */
export const SEAL_PREFIX = 'xidao:';

const DIALECTS: ReadonlySet<string> = new Set<DialectName>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock',
]);

export interface Seal {
  boundTo: DialectName;
  /** The exact reasoning text: a signature holds only for that, and clients shorten what they show. */
  text?: string;
  signature?: string;
  redacted?: string;
  encrypted?: string;
  /** The signature belongs to the tool call with this id. */
  callId?: string;
  /** The signature belongs to the text just before. */
  ofText?: boolean;
}

export function writeSeal({ boundTo, ...content }: Seal): string {
  return `${SEAL_PREFIX}${boundTo}:${Buffer.from(JSON.stringify(content), 'utf8').toString('base64')}`;
}

/** Undefined for content that is not ours (then it is the provider's own). */
export function readSeal(encryptedContent: string): Seal | undefined {
  if (!encryptedContent.startsWith(SEAL_PREFIX)) return undefined;
  const [, dialect, base64] = encryptedContent.split(':');
  if (dialect === undefined || base64 === undefined || !DIALECTS.has(dialect)) return undefined;
  const content = parseObject(Buffer.from(base64, 'base64').toString('utf8'));
  if (content === undefined) return undefined;
  return given<Seal>({
    boundTo: dialect as DialectName,
    text: asText(content['text']),
    signature: asText(content['signature']),
    redacted: asText(content['redacted']),
    encrypted: asText(content['encrypted']),
    callId: asText(content['callId']),
    ofText: content['ofText'] === true ? true : undefined,
  });
}

/** The reasoning that a seal holds, as it was before. */
export function unsealed(seal: Seal, id: string | undefined, shownText: string | undefined): ReasoningPart {
  return given<ReasoningPart>({
    type: 'reasoning',
    id,
    text: seal.text ?? shownText,
    signature: seal.signature,
    redacted: seal.redacted,
    encrypted: seal.encrypted,
    boundTo: seal.boundTo,
  });
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
