/**
 * The signature field of a thinking block, lent to other providers. A client of this dialect keeps thinking blocks over
 * turns and sends them back unread; so what another provider bound to its reasoning (or to a tool call) travels in a
 * signature of our own making, and comes back with the next request. It never reaches Anthropic.
 */

import type { DialectName } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

const PREFIX = 'xidao:';
const UNBOUND = 'none';
const DIALECTS = new Set<string>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock',
] satisfies DialectName[]);

export interface Sealed {
  /** Absent: the reasoning is bound to nobody. */
  boundTo?: DialectName;
  signature?: string;
  encrypted?: string;
  redacted?: string;
  id?: string;
  isSummary?: boolean;
  /** The signature belongs to the tool call of this id, not to reasoning. */
  callId?: string;
}

/** A signature that holds what `sealed` says: `xidao:<dialect>:<base64url of JSON>`. */
export function seal({ boundTo, ...content }: Sealed): string {
  return `${PREFIX}${boundTo ?? UNBOUND}:${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
}

export function isSealed(signature: string): boolean {
  return signature.startsWith(PREFIX);
}

/** What a signature of our own making holds. One that cannot be read gives nothing: clients may send anything. */
export function unseal(signature: string): Sealed {
  const [dialect = '', payload = ''] = signature.slice(PREFIX.length).split(':');
  const sealed: Sealed = {};
  if (DIALECTS.has(dialect)) sealed.boundTo = dialect as DialectName;
  const content = parseObject(Buffer.from(payload, 'base64url').toString());
  for (const key of ['signature', 'encrypted', 'redacted', 'id', 'callId'] as const) {
    const value = content[key];
    if (typeof value === 'string') sealed[key] = value;
  }
  if (content['isSummary'] === true) sealed.isSummary = true;
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
