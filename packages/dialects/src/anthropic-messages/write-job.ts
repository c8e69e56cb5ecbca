import type { DialectName, TargetTraits } from '../dialect.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import { createLegalNames, type LegalNames } from './legal-names.ts';

/** One request being written, and what is noted on the way. */
export interface WriteJob {
  request: ModelRequest;
  traits: TargetTraits;
  /** The client spoke this dialect: its words go out as they came, and are not mended. */
  isOwn: boolean;
  receipt: Receipt;
  names: LegalNames;
  /** Written call id → the client's own. */
  callIds: Map<string, string>;
  drop(path: string): void;
  /** Reasoning of an earlier turn that cannot be sent: also decides whether this turn may think. */
  dropReasoning(path: string): void;
  hasLostReasoning: boolean;
  change(what: string): void;
  /** The path of a part as the client would name it. */
  pathOf(message: number, part: number): string;
  /** The client's word for a setting. */
  said(setting: Setting): string;
}

export type Setting = keyof typeof WORDS;

/** OpenAI Chat's word, and those of the dialects that say it otherwise. */
const WORDS = {
  maxTokens: { chat: 'max_tokens', responses: 'max_output_tokens', gemini: 'generationConfig.maxOutputTokens' },
  temperature: { chat: 'temperature', gemini: 'generationConfig.temperature' },
  topP: { chat: 'top_p', gemini: 'generationConfig.topP' },
  topK: { chat: 'top_k', gemini: 'generationConfig.topK' },
  minP: { chat: 'min_p' },
  frequencyPenalty: { chat: 'frequency_penalty', gemini: 'generationConfig.frequencyPenalty' },
  presencePenalty: { chat: 'presence_penalty', gemini: 'generationConfig.presencePenalty' },
  seed: { chat: 'seed', gemini: 'generationConfig.seed' },
  stop: { chat: 'stop', gemini: 'generationConfig.stopSequences' },
  choices: { chat: 'n', gemini: 'generationConfig.candidateCount' },
  logprobs: { chat: 'logprobs', responses: 'top_logprobs', gemini: 'generationConfig.responseLogprobs' },
  logitBias: { chat: 'logit_bias' },
  output: { chat: 'response_format', responses: 'text.format', gemini: 'generationConfig.responseSchema' },
  reasoning: { chat: 'reasoning_effort', responses: 'reasoning', gemini: 'generationConfig.thinkingConfig' },
  verbosity: { chat: 'verbosity', responses: 'text.verbosity' },
  modalities: { chat: 'modalities', gemini: 'generationConfig.responseModalities' },
  audio: { chat: 'audio', gemini: 'generationConfig.speechConfig' },
  metadata: { chat: 'metadata', gemini: 'labels' },
  serviceTier: { chat: 'service_tier' },
  previousResponseId: { chat: 'previous_response_id' },
  toolChoice: { chat: 'tool_choice', gemini: 'toolConfig' },
  parallelToolCalls: { chat: 'parallel_tool_calls' },
} satisfies Record<string, { chat: string; responses?: string; gemini?: string }>;

const CONVERSATION: Partial<Record<DialectName, string>> = { 'openai-responses': 'input', gemini: 'contents' };

export function createWriteJob(request: ModelRequest, traits: TargetTraits): WriteJob {
  const receipt = emptyReceipt();
  const isOwn = request.origin === 'anthropic-messages';
  const root = CONVERSATION[request.origin] ?? 'messages';
  // What this dialect calls `system` is the first message here, and none there.
  const offset = isOwn && request.fieldOrder?.includes('system') && request.messages[0]?.role === 'system' ? 1 : 0;
  const note = (list: string[], line: string) => {
    if (!list.includes(line)) list.push(line);
  };
  const job: WriteJob = {
    request,
    traits,
    isOwn,
    receipt,
    names: createLegalNames(),
    callIds: new Map(),
    hasLostReasoning: false,
    drop: (path) => note(receipt.dropped, path),
    dropReasoning(path) {
      job.hasLostReasoning = true;
      job.drop(path);
    },
    change: (what) => note(receipt.changed, what),
    pathOf: (message, part) => (message < offset ? `system[${part}]` : `${root}[${message - offset}].content[${part}]`),
    said(setting) {
      const words: { chat: string; responses?: string; gemini?: string } = WORDS[setting];
      if (request.origin === 'gemini') return words.gemini ?? words.chat;
      return request.origin === 'openai-responses' ? (words.responses ?? words.chat) : words.chat;
    },
  };
  return job;
}
