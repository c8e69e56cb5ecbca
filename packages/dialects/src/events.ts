/**
 * An answer as a row of events, in no vendor's words. A document is the same row, told at once.
 *
 * Order for each choice: blocks are numbered from 0 in the order in which they begin; every `*-start` is followed by
 * its deltas and one `*-end` with the same `choice` and `block`. Blocks of one choice may overlap (parallel tool
 * calls); a writer whose dialect wants them one after the other holds the later ones back. `start` comes first, `usage` any number of times
 * (each one replaces the counts told before, field by field; they are never summed), `finish` once for each choice, `end` last
 * and only if the provider ended cleanly. `error` ends the row.
 */

import type { DialectName } from './dialect.ts';
import type { ModelError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Citation } from './request.ts';
import type { Usage } from './usage.ts';

export type ModelEvent =
  | {
      type: 'start';
      id?: string;
      model?: string;
      createdAtSeconds?: number;
      systemFingerprint?: string;
      serviceTier?: string;
    }
  | { type: 'text-start'; choice: number; block: number }
  | { type: 'text-delta'; choice: number; block: number; text: string }
  | { type: 'text-end'; choice: number; block: number; signature?: string }
  | { type: 'refusal-start'; choice: number; block: number }
  | { type: 'refusal-delta'; choice: number; block: number; text: string }
  | { type: 'refusal-end'; choice: number; block: number }
  | { type: 'reasoning-start'; choice: number; block: number; id?: string; isSummary?: boolean }
  | { type: 'reasoning-delta'; choice: number; block: number; text: string }
  /** `signature`, `redacted` and `encrypted` as in ReasoningPart; `boundTo` is the dialect that told them. */
  | {
      type: 'reasoning-end';
      choice: number;
      block: number;
      signature?: string;
      redacted?: string;
      encrypted?: string;
      boundTo?: DialectName;
    }
  /** `extras`: further fields of the call, for the dialect that told it. */
  | {
      type: 'tool-call-start';
      choice: number;
      block: number;
      id: string;
      name: string;
      custom?: true;
      extras?: JsonObject;
    }
  /** A piece of the arguments' JSON text (or of the free text of a custom tool). */
  | { type: 'tool-call-delta'; choice: number; block: number; arguments: string }
  | { type: 'tool-call-end'; choice: number; block: number; signature?: string }
  /** An image or sound that the model made; `data` is base64. */
  | {
      type: 'media';
      choice: number;
      block: number;
      kind: 'image' | 'audio' | 'file';
      mediaType?: string;
      data?: string;
      url?: string;
      id?: string;
      transcript?: string;
      expiresAtSeconds?: number;
      signature?: string;
      /** Further fields of the item that held it, for the dialect that told it. */
      extras?: JsonObject;
    }
  | { type: 'citation'; choice: number; block: number; citation: Citation }
  /** In the wording of OpenAI Chat `logprobs.content` (and `refusal`). */
  | { type: 'logprobs'; choice: number; content: Json[]; refusal?: Json[] }
  /** A block that only its own dialect understands, whole. */
  | { type: 'opaque'; choice: number; block: number; origin: DialectName; label: string; value: JsonObject }
  | { type: 'usage'; usage: Usage }
  /** `extras`: what the answer told of itself at its end, for the dialect that told it (Anthropic `stop_details`, `container`). */
  | {
      type: 'finish';
      choice: number;
      reason: FinishReason;
      raw?: string;
      stopSequence?: string;
      message?: string;
      extras?: JsonObject;
    }
  | { type: 'error'; error: ModelError }
  | { type: 'end' };

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  /** The provider paused a long turn and expects to be asked to go on (Anthropic `pause_turn`). */
  | 'pause'
  | 'context-overflow'
  /** The model wrote a tool call that cannot be read (Gemini MALFORMED_FUNCTION_CALL). */
  | 'malformed-tool-call'
  | 'other';
