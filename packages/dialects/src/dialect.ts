/** The contract of a dialect: pure functions between a vendor's wire format and the one model of requests, events and errors. */

import type { ModelError } from './errors.ts';
import type { ModelEvent } from './events.ts';
import type { JsonObject } from './json.ts';
import type { Receipt } from './receipt.ts';
import type { ModelRequest } from './request.ts';
import type { Usage } from './usage.ts';

/** Dialects that clients speak. */
export type ClientDialectName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** Every dialect; those that no client speaks are spoken to providers alone. */
export type DialectName = ClientDialectName | 'bedrock' | 'cohere-chat' | 'ollama-chat' | 'dashscope';

/** What the model at the other end can take, as far as its provider and the catalogue tell. Absent means: not known, assume it can. */
export interface TargetTraits {
  /** The provider's own name of the model; goes into the body (or, for Gemini and Bedrock, the path). */
  model: string;
  /** Greatest output the model allows; also the default where the dialect demands a limit and the client gave none. */
  maxOutputTokens?: number;
  /** False: the model refuses temperature, top_p and their like. */
  takesSampling?: boolean;
  /** How the model is told to reason. `none`: it cannot. Absent: unknown, words are passed on as they are. */
  reasoning?: 'effort' | 'budget' | 'adaptive' | 'none';
  /** False: images must be inline (the gateway fetches before writing). */
  takesMediaUrls?: boolean;
  takesTools?: boolean;
  /** OpenAI Chat: the name of the output limit. Default `max_completion_tokens` for OpenAI's own, `max_tokens` else. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** False: the host has no `developer` role; it becomes `system`. */
  takesDeveloperRole?: boolean;
  /** False: the host has no `json_schema` response format, only `json_object`. */
  takesJsonSchema?: boolean;
  /** The host's rule for tool call ids, where it has one (Mistral: nine letters or digits). */
  toolCallId?: RegExp;
  /** OpenAI Chat: the field in which the host tells and takes reasoning text. Default `reasoning_content`. */
  reasoningField?: 'reasoning_content' | 'reasoning';
  /** False: the host refuses `stream_options`. */
  takesStreamOptions?: boolean;
}

export interface WrittenRequest {
  body: JsonObject;
  receipt: Receipt;
  /** Further request headers that the body needs (such as `anthropic-beta`). */
  headers?: Record<string, string>;
  /** Tool names (and call ids) that had to be rewritten for the target: written name → the client's own. */
  toolNames?: Map<string, string>;
  toolCallIds?: Map<string, string>;
  /** The writer asked for JSON through a tool of this name; the reply's call to it is the answer's text. */
  jsonTool?: string;
}

/** What a reply's writer must know beyond the events. */
export interface ReplyContext {
  /** The model as the client called it. */
  model: string;
  /** Fallback for an answer without an id of its own; unique. */
  id: string;
  nowSeconds: number;
  /** Chat streams: tell the usage chunk. */
  wantsUsage: boolean;
  /** The client's own request, for dialects that echo it (Responses). */
  request?: ModelRequest;
  toolNames?: Map<string, string>;
  toolCallIds?: Map<string, string>;
  jsonTool?: string;
}

/** Turns the bytes of a stream into events, whatever way they are cut. */
export interface StreamReader {
  push(bytes: Uint8Array): ModelEvent[];
  /** The bytes are over. Gives what was still held; no `end` event if the provider had not ended cleanly. */
  finish(): ModelEvent[];
}

/** Turns events into the text of a stream. */
export interface StreamWriter {
  /** The frames that this event makes; the empty string for none. */
  write(event: ModelEvent): string;
  /** What remains after the last event. Called once, also when no `end` event came (then no clean end is faked). */
  finish(): string;
}

export interface Dialect {
  name: DialectName;
  /** Throws InvalidRequest for a body that the dialect itself forbids. Unknown fields are kept, never refused. */
  readRequest(body: JsonObject): ModelRequest;
  writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest;
  readDocument(body: JsonObject): ModelEvent[];
  writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject;
  createReader(): StreamReader;
  createWriter(context: ReplyContext): StreamWriter;
  /** Reads the dialect's own usage object, alone. Undefined if it holds no counts. */
  readUsage(usage: JsonObject): Usage | undefined;
  writeUsage(usage: Usage): JsonObject;
  /** Reads an error body as providers of this dialect really send them, which is seldom as documented. Never throws. */
  readError(status: number, body: string, headers: Record<string, string | string[] | undefined>): ModelError;
  /** The error as clients of this dialect expect it. */
  writeError(error: ModelError, requestId: string): { status: number; body: JsonObject };
  /** Frames that end a stream with this error; never a clean end after it. */
  writeStreamError(error: ModelError, requestId: string): string;
}

/** The request breaks the dialect's own rules: `param` names where, `message` says what was expected. */
export class InvalidRequest extends Error {
  readonly param: string | undefined;
  constructor(message: string, param?: string) {
    super(message);
    this.name = 'InvalidRequest';
    this.param = param;
  }
}
