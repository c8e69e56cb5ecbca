import type { FinishReason } from '../events.ts';

/** What the hosts' words mean. A word that stands here as nothing known means `other`. */
const MEANINGS: Record<string, FinishReason> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  complete: 'stop',
  completed: 'stop',
  done: 'stop',
  stop_sequence: 'stop-sequence',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool-calls',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  content_filtered: 'content-filter',
  sensitive: 'content-filter',
  safety: 'content-filter',
  recitation: 'content-filter',
  prohibited_content: 'content-filter',
  refusal: 'refusal',
  pause_turn: 'pause',
  context_window_exceeded: 'context-overflow',
  model_context_window_exceeded: 'context-overflow',
  context_length_exceeded: 'context-overflow',
  malformed_function_call: 'malformed-tool-call',
};

export function readFinishReason(word: string): FinishReason {
  return MEANINGS[word.toLowerCase()] ?? 'other';
}

/** OpenAI's word. A refusal that was told as such ends with `stop`; one that was not is a filter's work to a chat client. */
export function writeFinishReason(reason: FinishReason, hasRefusal: boolean): string {
  switch (reason) {
    case 'length':
    case 'context-overflow':
      return 'length';
    case 'tool-calls':
      return 'tool_calls';
    case 'content-filter':
      return 'content_filter';
    case 'refusal':
      return hasRefusal ? 'stop' : 'content_filter';
    default:
      return 'stop';
  }
}
