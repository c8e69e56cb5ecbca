import type { FinishReason } from '../events.ts';

const READ: Record<string, FinishReason> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop-sequence',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_LIMIT: 'context-overflow',
  ERROR_TOXIC: 'content-filter',
};

/** Reasons by which an answer tells that it failed. */
export const FAILED = new Set(['ERROR', 'TIMEOUT']);

export function readFinishReason(raw: string): FinishReason {
  return READ[raw] ?? 'other';
}

/** The nearest word of this API. */
export function writeFinishReason(reason: FinishReason): string {
  return Object.entries(READ).find(([, meaning]) => meaning === reason)?.[0] ?? 'COMPLETE';
}
