import type { FinishReason } from '../events.ts';

const READ: Record<string, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-overflow',
};

const WRITTEN: Record<Exclude<FinishReason, 'other'>, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  pause: 'pause_turn',
  refusal: 'refusal',
  'content-filter': 'refusal',
  'context-overflow': 'model_context_window_exceeded',
  // No word for it. The turn did end, and its text is all there is.
  'malformed-tool-call': 'end_turn',
};

/** Stop reasons that only this dialect knows, told back to it as they came. */
const OWN = new Set(['compaction']);

export function readStopReason(raw: string): FinishReason {
  return READ[raw] ?? 'other';
}

/** The stop reason for a client. A turn that stopped with calls in it says `tool_use`, a cut one says `max_tokens`, calls or not. */
export function writeStopReason(
  reason: FinishReason,
  told: { raw?: string; calls: boolean; refused: boolean },
): string {
  if (reason === 'other') {
    if (told.raw !== undefined && OWN.has(told.raw)) return told.raw;
    return writeStopReason('stop', told);
  }
  // The provider's own word stands: calls that its code execution made, and answered itself, end no turn.
  if (told.raw === 'end_turn') return 'end_turn';
  if (reason === 'stop' && told.calls) return 'tool_use';
  if (reason === 'tool-calls' && !told.calls) return 'end_turn';
  if (reason === 'stop' && told.refused) return 'refusal';
  return WRITTEN[reason];
}
