import type { DialectName } from '@xidao/dialects';

/**
 * Whether the last frames of a stream end an answer, or say why it failed. Chat hosts may close after the finish reason without `[DONE]` (14 of 1,090 recorded
 * streams do); what closes before either has broken off, however cleanly its connection closed.
 */
export const isComplete: Record<DialectName, (tail: string) => boolean> = {
  'openai-chat': (tail) => /\[DONE\]|"finish_reason":\s*"|"error"/.test(tail),
  'openai-responses': (tail) => /response\.(?:completed|incomplete|failed|cancelled)|\[DONE\]|"error"/.test(tail),
  'anthropic-messages': (tail) => /message_stop|"stop_reason":\s*"|"error"/.test(tail),
  gemini: (tail) => /"finishReason"|"blockReason"|"error"/.test(tail),
  bedrock: (tail) => /messageStop|exception/i.test(tail),
};
