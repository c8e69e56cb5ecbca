import type { FinishReason } from '../events.ts';

const READ: Record<string, FinishReason> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  malformed_tool_use: 'malformed-tool-call',
  model_context_window_exceeded: 'context-overflow',
  // Not in the documents; models that know these words have been seen to pass them on.
  refusal: 'refusal',
  pause_turn: 'pause',
};

const WRITTEN: Record<Exclude<FinishReason, 'other'>, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  pause: 'end_turn',
  refusal: 'content_filtered',
  'content-filter': 'content_filtered',
  'context-overflow': 'model_context_window_exceeded',
  'malformed-tool-call': 'malformed_tool_use',
};

export function readStopReason(raw: string): FinishReason {
  return READ[raw] ?? 'other';
}

/** The stop reason as this API words it: its own word if the answer came with one, else the nearest. */
export function writeStopReason(reason: FinishReason, told: { raw?: string; calls: boolean }): string {
  if (told.raw !== undefined && (told.raw in READ || told.raw === 'malformed_model_output')) return told.raw;
  if (reason === 'other' || reason === 'stop') return told.calls ? 'tool_use' : 'end_turn';
  if (reason === 'tool-calls' && !told.calls) return 'end_turn';
  return WRITTEN[reason];
}
