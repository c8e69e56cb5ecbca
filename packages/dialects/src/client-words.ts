/** The client's own names for what it asked: receipts speak its language, not the target's. */

import type { DialectName } from './dialect.ts';
import type { Message, ModelRequest, Part } from './request.ts';

type Words = { chat: string } & Partial<Record<Exclude<DialectName, 'openai-chat'>, string>>;

/** Settings by the name of Chat, and of the dialects that call them otherwise. */
const WORDS = {
  maxOutputTokens: words('max_tokens', 'max_output_tokens', undefined, 'generationConfig.maxOutputTokens', 'maxTokens'),
  temperature: words('temperature', undefined, undefined, 'generationConfig.temperature', 'temperature'),
  topP: words('top_p', undefined, undefined, 'generationConfig.topP', 'topP'),
  topK: words('top_k', undefined, undefined, 'generationConfig.topK'),
  minP: words('min_p'),
  frequencyPenalty: words('frequency_penalty', undefined, undefined, 'generationConfig.frequencyPenalty'),
  presencePenalty: words('presence_penalty', undefined, undefined, 'generationConfig.presencePenalty'),
  seed: words('seed', undefined, undefined, 'generationConfig.seed'),
  stop: words('stop', undefined, 'stop_sequences', 'generationConfig.stopSequences', 'stopSequences'),
  choices: words('n', undefined, undefined, 'generationConfig.candidateCount'),
  logprobs: words('logprobs', 'top_logprobs', undefined, 'generationConfig.responseLogprobs'),
  logitBias: words('logit_bias'),
  output: words('response_format', 'text.format', 'output_config.format', 'generationConfig.responseSchema'),
  reasoning: words('reasoning_effort', 'reasoning', 'thinking', 'generationConfig.thinkingConfig'),
  verbosity: words('verbosity', 'text.verbosity'),
  modalities: words('modalities', undefined, undefined, 'generationConfig.responseModalities'),
  audio: words('audio', undefined, undefined, 'generationConfig.speechConfig'),
  user: words('user', undefined, 'metadata.user_id'),
  metadata: words('metadata', undefined, undefined, 'labels'),
  serviceTier: words('service_tier', undefined, undefined, 'serviceTier'),
  store: words('store'),
  previousResponseId: words('previous_response_id'),
  tools: words('tools'),
  toolChoice: words('tool_choice', undefined, undefined, 'toolConfig.functionCallingConfig'),
  parallelToolCalls: words('parallel_tool_calls', undefined, 'tool_choice.disable_parallel_tool_use'),
} satisfies Partial<Record<keyof ModelRequest, Words>>;

/** Bedrock's words that stand deeper than in `inferenceConfig`. */
const BEDROCK: Partial<Record<Setting, string>> = {
  topK: 'additionalModelRequestFields.top_k',
  output: 'outputConfig.textFormat',
  reasoning: 'additionalModelRequestFields.thinking',
  metadata: 'requestMetadata',
  serviceTier: 'serviceTier',
  tools: 'toolConfig.tools',
  toolChoice: 'toolConfig.toolChoice',
};

export type Setting = keyof typeof WORDS;

function words(chat: string, responses?: string, messages?: string, gemini?: string, inference?: string): Words {
  return {
    chat,
    ...(responses === undefined ? {} : { 'openai-responses': responses }),
    ...(messages === undefined ? {} : { 'anthropic-messages': messages }),
    ...(gemini === undefined ? {} : { gemini }),
    ...(inference === undefined ? {} : { bedrock: `inferenceConfig.${inference}` }),
  };
}

/** The client's word for a setting, down to the one it chose where its dialect has several. */
export function wordOf(request: ModelRequest, setting: Setting): string {
  const { origin, wording } = request;
  const all: Words = WORDS[setting];
  if (origin === 'bedrock') return BEDROCK[setting] ?? all.bedrock ?? all.chat;
  if (origin === 'anthropic-messages' && setting === 'reasoning') return anthropicReasoning(request);
  if (origin !== 'openai-chat') return all[origin] ?? all.chat;
  const limit = wording?.['maxTokensField'];
  if (setting === 'maxOutputTokens' && typeof limit === 'string') return limit;
  return setting === 'reasoning'
    ? (CHAT_REASONING.find((name) => wording?.[name] !== undefined) ?? all.chat)
    : all.chat;
}

const CHAT_REASONING = ['reasoning_effort', 'reasoning', 'enable_thinking', 'thinking', 'thinking_budget'];

function anthropicReasoning({ reasoning }: ModelRequest): string {
  const isEffortAlone = reasoning?.enabled === undefined && reasoning?.budgetTokens === undefined;
  return isEffortAlone && reasoning?.effort !== undefined ? 'output_config.effort' : 'thinking';
}

/**
 * The path of a message, or of a part of it, as near as the client's own body can be known from the request: dialects
 * that keep system text apart get their messages counted without it, those of items get items.
 */
export function placeOf(request: ModelRequest, message: number, part?: number): string {
  const { messages, origin } = request;
  if (origin === 'openai-responses') return placeOfItem(messages, message, part);
  const within = (list: string) => (part === undefined ? '' : `${list}[${part}]`);
  const apart = origin === 'openai-chat' ? 0 : leadingSystem(request);
  if (origin === 'gemini') {
    return message < apart ? `systemInstruction${within('.parts')}` : `contents[${message - apart}]${within('.parts')}`;
  }
  return message < apart ? `system${within('')}` : `messages[${message - apart}]${within('.content')}`;
}

/** How many messages stand outside the list of messages: readers make one of what is called `system` there. */
function leadingSystem({ messages, fieldOrder }: ModelRequest): number {
  return messages[0]?.role === 'system' && fieldOrder?.includes('system') !== false ? 1 : 0;
}

/** Responses: every message, call, result and reasoning of a turn is an item of its own. */
function placeOfItem(messages: readonly Message[], message: number, part = -1): string {
  let item = 0;
  for (const [at, { parts }] of messages.entries()) {
    if (isInstructions(parts[0])) {
      if (at === message) return 'instructions';
      continue;
    }
    let content = 0;
    let wasContent = false;
    for (const [index, one] of parts.entries()) {
      const isContent = isMessageContent(one);
      if (index > 0 && !(isContent && wasContent)) item += 1;
      content = isContent && wasContent ? content + 1 : 0;
      wasContent = isContent;
      if (at === message && index === part) return isContent ? `input[${item}].content[${content}]` : `input[${item}]`;
    }
    if (at === message) return `input[${item}]`;
    item += 1;
  }
  return `input[${item}]`;
}

function isInstructions(part: Part | undefined): boolean {
  return part?.type === 'text' && part.extras?.['instructions'] === true;
}

function isMessageContent({ type }: Part): boolean {
  return type !== 'tool-call' && type !== 'tool-result' && type !== 'reasoning' && type !== 'opaque';
}

/** The path of a tool as the client would write it. */
export function toolPlace(request: ModelRequest, index: number): string {
  return `${wordOf(request, 'tools')}[${index}]`;
}
