import type { DialectName } from '../dialect.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';

/** How each dialect words a field of the request; the receipt speaks the client's language. Absent: as Chat does. */
const WORDS: Partial<Record<keyof ModelRequest, Partial<Record<DialectName, string>>>> = {
  maxOutputTokens: words(
    'max_output_tokens',
    'max_tokens',
    'generationConfig.maxOutputTokens',
    'inferenceConfig.maxTokens',
  ),
  temperature: words('temperature', 'temperature', 'generationConfig.temperature', 'inferenceConfig.temperature'),
  topP: words('top_p', 'top_p', 'generationConfig.topP', 'inferenceConfig.topP'),
  topK: words('top_k', 'top_k', 'generationConfig.topK', 'additionalModelRequestFields.top_k'),
  minP: words('min_p', 'min_p', 'min_p', 'min_p'),
  frequencyPenalty: words(
    'frequency_penalty',
    'frequency_penalty',
    'generationConfig.frequencyPenalty',
    'frequency_penalty',
  ),
  presencePenalty: words(
    'presence_penalty',
    'presence_penalty',
    'generationConfig.presencePenalty',
    'presence_penalty',
  ),
  reasoning: words('reasoning', 'thinking', 'generationConfig.thinkingConfig', 'additionalModelRequestFields.thinking'),
  output: words('text.format', 'output_config.format', 'generationConfig.responseSchema', 'outputConfig.textFormat'),
  tools: words('tools', 'tools', 'tools', 'toolConfig.tools'),
  toolChoice: words('tool_choice', 'tool_choice', 'toolConfig.functionCallingConfig', 'toolConfig.toolChoice'),
  previousResponseId: words(
    'previous_response_id',
    'previous_response_id',
    'previous_response_id',
    'previous_response_id',
  ),
};

const CHAT_WORDS: Partial<Record<keyof ModelRequest, string>> = {
  maxOutputTokens: 'max_tokens',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  reasoning: 'reasoning_effort',
  output: 'response_format',
  toolChoice: 'tool_choice',
};

function words(responses: string, messages: string, gemini: string, bedrock: string) {
  return { 'openai-responses': responses, 'anthropic-messages': messages, gemini, bedrock };
}

/** The field as the client named it. */
export function fieldWord(request: ModelRequest, field: keyof ModelRequest): string {
  if (field === 'maxOutputTokens' && typeof request.wording?.['maxTokensField'] === 'string') {
    return request.wording['maxTokensField'];
  }
  if (request.origin === 'openai-chat' && field === 'reasoning') return reasoningWord(request);
  return WORDS[field]?.[request.origin] ?? CHAT_WORDS[field] ?? field;
}

function reasoningWord({ wording }: ModelRequest): string {
  const names = ['reasoning_effort', 'reasoning', 'enable_thinking', 'thinking', 'thinking_budget'];
  return names.find((name) => wording?.[name] !== undefined) ?? 'reasoning_effort';
}

/**
 * The path of a message or of a part of it as the client would write it. Dialects that keep system text apart get
 * their messages counted without it.
 */
export function placeOf(request: ModelRequest, message: number, part?: number): string {
  const { origin, messages } = request;
  const inner = (list: string) => (part === undefined ? '' : `.${list}[${part}]`);
  if (origin === 'openai-chat') return `messages[${message}]${inner('content')}`;
  const leading = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const before = leading < 0 ? messages.length : leading;
  const isSystem = message < before;
  if (origin === 'openai-responses') return `input[${message}]${inner('content')}`;
  if (origin === 'gemini')
    return isSystem ? `systemInstruction${inner('parts')}` : `contents[${message - before}]${inner('parts')}`;
  return isSystem
    ? `system${part === undefined ? '' : `[${part}]`}`
    : `messages[${message - before}]${inner('content')}`;
}

/** Collects what a writer could not carry, each thing once. */
export function createNotes() {
  const receipt: Receipt = emptyReceipt();
  const add = (list: string[], line: string) => {
    if (!list.includes(line)) list.push(line);
  };
  return {
    receipt,
    dropped: (path: string) => add(receipt.dropped, path),
    changed: (line: string) => add(receipt.changed, line),
  };
}

export type Notes = ReturnType<typeof createNotes>;
