/**
 * What one provider bound to its reasoning, carried through clients of another dialect. They keep a signature (or
 * encrypted content) over turns and send it back unread; so what is bound elsewhere travels in one of our own making,
 * and comes back with the next request. No provider ever sees it.
 */

import type { DialectName } from './dialect.ts';
import type { JsonObject } from './json.ts';
import { isObject } from './json.ts';

/** How every signature of our own making begins. */
export const SEAL_PREFIX = 'xidao:';
const UNBOUND = 'none';
const DIALECTS = new Set<string>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock',
  'cohere-chat',
  'ollama-chat',
  'dashscope',
] satisfies DialectName[]);

export interface Sealed {
  /** Absent: the reasoning is bound to nobody. */
  boundTo?: DialectName;
  signature?: string;
  encrypted?: string;
  redacted?: string;
  id?: string;
  isSummary?: boolean;
  /** The exact reasoning text: a signature holds only for that, and clients shorten what they show. */
  text?: string;
  /** The signature belongs to the tool call of this id, not to reasoning. */
  callId?: string;
  /** The signature belongs to the text just before. */
  ofText?: boolean;
}

/** A signature that holds what `sealed` says: `xidao:<dialect>:<base64url of JSON>`. */
export function seal({ boundTo, ...content }: Sealed): string {
  return `${SEAL_PREFIX}${boundTo ?? UNBOUND}:${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
}

export function isSealed(signature: string): boolean {
  return signature.startsWith(SEAL_PREFIX);
}

/** What a signature of our own making holds. One that cannot be read gives nothing: clients may send anything. */
export function unseal(signature: string): Sealed {
  const [dialect = '', payload = ''] = signature.slice(SEAL_PREFIX.length).split(':');
  const sealed: Sealed = {};
  if (DIALECTS.has(dialect)) sealed.boundTo = dialect as DialectName;
  const content = parseObject(Buffer.from(payload, 'base64url').toString());
  for (const key of ['signature', 'encrypted', 'redacted', 'id', 'text', 'callId'] as const) {
    const value = content[key];
    if (typeof value === 'string') sealed[key] = value;
  }
  for (const key of ['isSummary', 'ofText'] as const) if (content[key] === true) sealed[key] = true;
  return sealed;
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
