import type { DialectName } from '@xidao/dialects';
import type { Call } from '../core/call.ts';

/** Where each dialect says how long the answer may be; the first that is there counts. */
const KEYS: Record<DialectName, readonly string[]> = {
  'openai-chat': ['max_completion_tokens', 'max_tokens'],
  'openai-responses': ['max_output_tokens'],
  'anthropic-messages': ['max_tokens'],
  gemini: ['maxOutputTokens', 'max_output_tokens'],
  bedrock: ['maxTokens'],
  'cohere-chat': ['max_tokens'],
  'ollama-chat': ['num_predict'],
  dashscope: ['max_tokens'],
};

/**
 * The greatest length of answer that the call asks for, in tokens; undefined: it leaves that open. Read from the bytes, as parsing a long
 * prompt for one number would cost more than it saves: where it is wrong, the settlement mends it.
 */
export function askedOutput(call: Pick<Call, 'bytes' | 'body' | 'bodyDialect'>): number | undefined {
  if (call.body === undefined) return undefined;
  for (const key of KEYS[call.bodyDialect]) {
    const span = call.body.values[key];
    const asked =
      span === undefined ? findNumber(call.bytes, key) : Number(call.bytes.toString('latin1', span.from, span.to));
    if (asked !== undefined && asked > 0 && Number.isSafeInteger(asked)) return asked;
  }
  return undefined;
}

/** The number after a key, wherever it stands: Gemini and Bedrock have it one level down. Inside a string the quotes would be escaped. */
function findNumber(bytes: Buffer, key: string): number | undefined {
  const quoted = `"${key}"`;
  const at = bytes.indexOf(quoted);
  if (at === -1) return undefined;
  const after = bytes.toString('latin1', at + quoted.length, at + quoted.length + 24);
  const digits = /^\s*:\s*(\d{1,15})(?![\d.])/.exec(after)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
