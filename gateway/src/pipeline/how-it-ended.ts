import type { DialectName } from '@xidao/dialects';

/** What the last frames of a stream say: an answer that is complete, an error that the provider told, or neither: it broke off. */
export type StreamEnd = 'complete' | 'failed' | 'cut';

interface Marks {
  complete: RegExp;
  failed: RegExp;
}

/**
 * Chat hosts may close after the finish reason without `[DONE]` (14 of 1,090 recorded streams do); what closes before either has broken off, however cleanly
 * its connection closed.
 */
const MARKS: Record<DialectName, Marks> = {
  'openai-chat': {
    // Streams of images end with an event of their own.
    complete: /^data: ?\[DONE\]|"finish_reason":\s*"|"type":\s*"image_\w+\.completed"/m,
    failed: /"error":\s*["{]/,
  },
  'openai-responses': {
    complete: /"response\.(?:completed|incomplete)"|^data: ?\[DONE\]/m,
    failed: /"response\.(?:failed|cancelled)"|"type":\s*"error"|"error":\s*\{/,
  },
  'anthropic-messages': { complete: /"message_stop"|"stop_reason":\s*"/, failed: /"type":\s*"error"|"error":\s*\{/ },
  gemini: { complete: /"finishReason"|"blockReason"/, failed: /"error":\s*\{/ },
  bedrock: { complete: /messageStop/, failed: /exception/i },
  'cohere-chat': { complete: /"message-end"/, failed: /"finish_reason":\s*"(?:ERROR|TIMEOUT)"/ },
  'ollama-chat': { complete: /"done":\s*true/, failed: /"error":\s*"/ },
  dashscope: { complete: /"finish_reason":\s*"(?!null")/, failed: /^event: ?error|"code":\s*"\w/m },
};

/** Inside the text of an answer such marks would be escaped, so what matches is the provider's own. */
export function howItEnded(dialect: DialectName, tail: string): StreamEnd {
  const { complete, failed } = MARKS[dialect];
  if (complete.test(tail)) return 'complete';
  return failed.test(tail) ? 'failed' : 'cut';
}
