import type { DialectName, TargetTraits } from '../dialect.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import { legalName } from './legal-names.ts';
import { type Maker, makerOf } from './makers.ts';

/** One request being written, and what is noted on the way. */
export interface WriteJob {
  request: ModelRequest;
  traits: TargetTraits;
  maker: Maker;
  /** The client spoke this dialect: its words go out as they came, and are not mended. */
  isOwn: boolean;
  receipt: Receipt;
  /** Written → the client's own. */
  toolNames: Map<string, string>;
  callIds: Map<string, string>;
  /** Names of documents that are taken. */
  documentNames: Set<string>;
  toolName(own: string): string;
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

interface Words {
  chat: string;
  'openai-responses'?: string;
  'anthropic-messages'?: string;
  gemini?: string;
}

export type Setting = keyof typeof WORDS;

/** OpenAI Chat's word, and those of the dialects that say it otherwise. */
const WORDS = {
  maxTokens: {
    chat: 'max_tokens',
    'openai-responses': 'max_output_tokens',
    gemini: 'generationConfig.maxOutputTokens',
  },
  temperature: { chat: 'temperature', gemini: 'generationConfig.temperature' },
  topP: { chat: 'top_p', gemini: 'generationConfig.topP' },
  topK: { chat: 'top_k', gemini: 'generationConfig.topK' },
  minP: { chat: 'min_p' },
  frequencyPenalty: { chat: 'frequency_penalty', gemini: 'generationConfig.frequencyPenalty' },
  presencePenalty: { chat: 'presence_penalty', gemini: 'generationConfig.presencePenalty' },
  seed: { chat: 'seed', gemini: 'generationConfig.seed' },
  stop: { chat: 'stop', 'anthropic-messages': 'stop_sequences', gemini: 'generationConfig.stopSequences' },
  choices: { chat: 'n', gemini: 'generationConfig.candidateCount' },
  logprobs: { chat: 'logprobs', 'openai-responses': 'top_logprobs', gemini: 'generationConfig.responseLogprobs' },
  logitBias: { chat: 'logit_bias' },
  output: {
    chat: 'response_format',
    'openai-responses': 'text.format',
    'anthropic-messages': 'output_config.format',
    gemini: 'generationConfig.responseSchema',
  },
  reasoning: {
    chat: 'reasoning_effort',
    'openai-responses': 'reasoning',
    'anthropic-messages': 'thinking',
    gemini: 'generationConfig.thinkingConfig',
  },
  verbosity: { chat: 'verbosity', 'openai-responses': 'text.verbosity' },
  modalities: { chat: 'modalities', gemini: 'generationConfig.responseModalities' },
  audio: { chat: 'audio', gemini: 'generationConfig.speechConfig' },
  user: { chat: 'user', 'anthropic-messages': 'metadata.user_id' },
  metadata: { chat: 'metadata', gemini: 'labels' },
  serviceTier: { chat: 'service_tier', gemini: 'serviceTier' },
  previousResponseId: { chat: 'previous_response_id' },
  toolChoice: { chat: 'tool_choice', gemini: 'toolConfig' },
  parallelToolCalls: { chat: 'parallel_tool_calls', 'anthropic-messages': 'tool_choice.disable_parallel_tool_use' },
} satisfies Record<string, Words>;

const CONVERSATION: Partial<Record<DialectName, string>> = { 'openai-responses': 'input', gemini: 'contents' };

export function createWriteJob(request: ModelRequest, traits: TargetTraits): WriteJob {
  const receipt = emptyReceipt();
  const isOwn = request.origin === 'bedrock';
  // What this dialect calls `system` is the first message here, and none there.
  const offset = isOwn && request.fieldOrder?.includes('system') && request.messages[0]?.role === 'system' ? 1 : 0;
  const root = CONVERSATION[request.origin] ?? 'messages';
  const toolNames = new Map<string, string>();
  const note = (list: string[], line: string) => {
    if (!list.includes(line)) list.push(line);
  };
  const job: WriteJob = {
    request,
    traits,
    maker: makerOf(traits.model),
    isOwn,
    receipt,
    toolNames,
    callIds: new Map(),
    documentNames: new Set(),
    hasLostReasoning: false,
    toolName(own) {
      const written = isOwn ? own : legalName(own);
      if (written !== own) toolNames.set(written, own);
      return written;
    },
    drop: (path) => note(receipt.dropped, path),
    dropReasoning(path) {
      job.hasLostReasoning = true;
      job.drop(path);
    },
    change: (what) => note(receipt.changed, what),
    pathOf: (message, part) => (message < offset ? `system[${part}]` : `${root}[${message - offset}].content[${part}]`),
    said(setting) {
      const words: Words = WORDS[setting];
      return (
        (request.origin === 'bedrock' || request.origin === 'openai-chat' ? undefined : words[request.origin]) ??
        words.chat
      );
    },
  };
  return job;
}
