/** What a client asks of a model, in no vendor's words: every dialect reads into this and writes from it. */

import type { DialectName } from './dialect.ts';
import type { Json, JsonObject } from './json.ts';

export interface ModelRequest {
  model: string;
  stream: boolean;
  /** In the client's order. System and developer messages stay where the client put them. */
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  /** False: at most one tool call in a turn. */
  parallelToolCalls?: boolean;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  stop?: string[];
  /** How many answers (OpenAI `n`, Gemini `candidateCount`). */
  choices?: number;
  /** Set: the client wants log probabilities; `top` alternatives for each token. */
  logprobs?: { top?: number };
  logitBias?: JsonObject;
  output?: OutputFormat;
  reasoning?: ReasoningSettings;
  verbosity?: string;
  /** Kinds of output asked for (`text`, `audio`, `image`). */
  modalities?: string[];
  /** Settings of audio output (`voice`, `format`), as OpenAI Chat words them. */
  audio?: JsonObject;
  /** The end user's id, as the client names it. */
  user?: string;
  metadata?: JsonObject;
  serviceTier?: string;
  /** OpenAI `prompt_cache_key`: a hint that keeps a conversation on one prompt cache. */
  cacheKey?: string;
  store?: boolean;
  previousResponseId?: string;
  /** Turns that only the origin's own provider keeps: another could not answer. `code` is what the origin's clients know for being told so. */
  keptElsewhere?: { field: string; code: 'thread_unsupported_request' };
  /** The client asked for the usage chunk of a chat stream. Always true in dialects that tell usage unasked. */
  wantsUsage?: boolean;
  /** The dialect that the client spoke. */
  origin: DialectName;
  /**
   * Top-level fields of the origin dialect that have no place above, verbatim. The same dialect writes them back; any
   * other lists each in its receipt, unless it knows the field too.
   */
  extras: JsonObject;
  /**
   * Fields inside messages, parts or tools that were read past: paths such as `messages[2].content[0].foo`, in the
   * client's wording. The reader alone names them; another dialect's writer lists these and never a part's `extras`.
   */
  unread: string[];
  /** The client's top-level keys in the client's order, for a dialect that writes its own requests back in it. */
  fieldOrder?: string[];
  /** Fields that were read above and that the origin dialect can word in several ways, as the client worded them; for that dialect alone. */
  wording?: JsonObject;
}

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export interface Message {
  role: Role;
  parts: Part[];
  name?: string;
  /** Id of the item or message in the origin dialect (Responses items). */
  id?: string;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

/** Marks the end of a prefix worth caching (Anthropic `cache_control`, Bedrock `cachePoint`). */
export interface CacheMark {
  ttl?: '5m' | '1h';
}

export type Part = TextPart | RefusalPart | MediaPart | ToolCallPart | ToolResultPart | ReasoningPart | OpaquePart;

export interface TextPart {
  type: 'text';
  text: string;
  citations?: Citation[];
  cache?: CacheMark;
  /** Gemini binds a thought signature to the part it follows. */
  signature?: string;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

export interface MediaPart {
  type: 'image' | 'audio' | 'video' | 'file';
  source: MediaSource;
  filename?: string;
  /** OpenAI image detail: `low`, `high`, `auto`. */
  detail?: string;
  cache?: CacheMark;
  /** Anthropic documents: title, context, citations switch; kept for the same dialect, listed elsewhere. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

export type MediaSource =
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'base64'; data: string; mediaType: string }
  | { kind: 'text'; text: string; mediaType?: string }
  | { kind: 'file-id'; id: string; mediaType?: string };

export interface ToolCallPart {
  type: 'tool-call';
  id: string;
  name: string;
  /** The arguments as JSON text, byte for byte as the model wrote them where the dialect carries text; `{}` when there are none. */
  arguments: string;
  /** Gemini `thoughtSignature` of the call. */
  signature?: string;
  cache?: CacheMark;
  /** Set for OpenAI custom tools: `arguments` is then free text, not JSON. */
  custom?: true;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

export interface ToolResultPart {
  type: 'tool-result';
  callId: string;
  /** Known where the dialect names it (Gemini), else found from the call with the same id. */
  name?: string;
  parts: Part[];
  isError?: boolean;
  cache?: CacheMark;
  custom?: true;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
}

/**
 * Reasoning of an earlier turn. `signature`, `redacted` and `encrypted` are bound to the provider that made them
 * (`boundTo`), and are never sent to another.
 */
export interface ReasoningPart {
  type: 'reasoning';
  /** The reasoning itself or its summary; several texts are joined by a blank line. */
  text?: string;
  isSummary?: boolean;
  /** Anthropic `thinking.signature`. */
  signature?: string;
  /** Anthropic `redacted_thinking.data`. */
  redacted?: string;
  /** OpenAI Responses `encrypted_content`. */
  encrypted?: string;
  id?: string;
  boundTo?: DialectName;
  cache?: CacheMark;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

/** A block that only its own dialect understands (server tool use, search results, code execution …), verbatim. */
export interface OpaquePart {
  type: 'opaque';
  origin: DialectName;
  /** What the receipt calls it, such as `server_tool_use`. */
  label: string;
  value: JsonObject;
}

/** In the wording of OpenAI and Anthropic both: what the text rests on. */
export interface Citation {
  url?: string;
  title?: string;
  citedText?: string;
  /** Characters of the answer that the citation covers. */
  start?: number;
  end?: number;
  /** The citation as its own dialect told it. */
  origin: DialectName;
  value: JsonObject;
}

export type Tool = FunctionTool | CustomTool | HostedTool;

export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string;
  /** JSON Schema of the arguments. Absent: none were declared. */
  parameters?: JsonObject;
  strict?: boolean;
  cache?: CacheMark;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

/** OpenAI custom tool: free text in, optionally held to a grammar. */
export interface CustomTool {
  type: 'custom';
  name: string;
  description?: string;
  format?: JsonObject;
  /** Further fields of the origin dialect, for itself. */
  extras?: JsonObject;
  /** How the origin dialect worded it, for itself alone: nothing of it is lost when another passes over it. */
  wording?: JsonObject;
}

/** A tool that the provider runs itself (web search, code interpreter …): only its own dialect knows it. */
export interface HostedTool {
  type: 'hosted';
  origin: DialectName;
  label: string;
  value: JsonObject;
}

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  | { type: 'tool'; name: string }
  /** One of these, as `mode` says (OpenAI `allowed_tools`, Gemini `allowedFunctionNames`). */
  | { type: 'allowed'; mode: 'auto' | 'required'; names: string[] };

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json-schema'; name: string; schema: JsonObject; strict?: boolean; description?: string };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ReasoningSettings {
  effort?: ReasoningEffort;
  /** Anthropic `thinking.budget_tokens`, Gemini `thinkingBudget`; -1: the model decides. */
  budgetTokens?: number;
  /** Anthropic `thinking: {type: "adaptive"}`: the model decides, steered by effort. */
  adaptive?: boolean;
  /** False: thinking is switched off in so many words. */
  enabled?: boolean;
  /** The client wants the reasoning (or its summary) in the answer: OpenAI `summary`, Gemini `includeThoughts`. */
  summary?: string;
  /** The client wants encrypted reasoning back (Responses `include: ["reasoning.encrypted_content"]`). */
  wantsEncrypted?: boolean;
}

export type { Json, JsonObject };
