import type { FinishReason } from '../events.ts';

const READ: Record<string, FinishReason> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'malformed-tool-call',
  UNEXPECTED_TOOL_CALL: 'malformed-tool-call',
  TOO_MANY_TOOL_CALLS: 'malformed-tool-call',
  MALFORMED_RESPONSE: 'other',
  LANGUAGE: 'other',
  OTHER: 'other',
  IMAGE_OTHER: 'other',
  NO_IMAGE: 'other',
  CONTINUATION: 'pause',
};

const WRITTEN: Record<FinishReason, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'OTHER',
  'context-overflow': 'MAX_TOKENS',
  'malformed-tool-call': 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
};

/** Stands before the raw reason of a prompt that was refused whole, which Gemini tells outside the candidates. */
const PROMPT_BLOCKED = 'promptFeedback:';

/** Gemini says STOP also when it stops to call a function; `called` tells these apart. */
export function readFinishReason(raw: string, called: boolean): FinishReason {
  const reason = READ[raw] ?? 'other';
  return reason === 'stop' && called ? 'tool-calls' : reason;
}

/** The reason in Gemini's words; its own word comes back where it means the same. */
export function writeFinishReason(reason: FinishReason, raw: string | undefined): string {
  if (raw !== undefined && raw !== 'STOP' && READ[raw] === reason) return raw;
  return WRITTEN[reason];
}

export function promptBlocked(blockReason: string): string {
  return PROMPT_BLOCKED + blockReason;
}

/** The block reason of a prompt that Gemini itself refused, else undefined. */
export function blockReasonOf(raw: string | undefined): string | undefined {
  return raw?.startsWith(PROMPT_BLOCKED) ? raw.slice(PROMPT_BLOCKED.length) : undefined;
}
