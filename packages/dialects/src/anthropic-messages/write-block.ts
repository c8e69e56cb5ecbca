import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { seal } from '../seal.ts';
import { legalId } from './legal-names.ts';

type ToolCallStart = Extract<ModelEvent, { type: 'tool-call-start' }>;
type ReasoningEnd = Extract<ModelEvent, { type: 'reasoning-end' }>;
type Media = Extract<ModelEvent, { type: 'media' }>;

/** The head of a `tool_use` block: the client's own tool name, and an id it may send back. */
export function writeToolUse(call: ToolCallStart, context: ReplyContext): JsonObject {
  return {
    type: 'tool_use',
    id: legalId(context.toolCallIds?.get(call.id) ?? call.id),
    name: context.toolNames?.get(call.name) ?? call.name,
    input: {},
    ...(isObject(call.extras?.['caller']) ? { caller: call.extras['caller'] } : {}),
  };
}

/** The signature that lets reasoning come back with the next request; undefined if there is nothing to bring back. */
export function writeSignature(end: ReasoningEnd, told: { text: boolean; id?: string; isSummary?: boolean }) {
  const { signature, encrypted, redacted, boundTo } = end;
  if (boundTo === 'anthropic-messages' && signature !== undefined) return signature;
  const isEmpty = signature === undefined && encrypted === undefined && redacted === undefined;
  if (isEmpty && !told.text) return undefined;
  return seal({
    ...(boundTo === undefined ? {} : { boundTo }),
    ...(signature === undefined ? {} : { signature }),
    ...(encrypted === undefined ? {} : { encrypted }),
    ...(redacted === undefined ? {} : { redacted }),
    ...(told.id === undefined ? {} : { id: told.id }),
    ...(told.isSummary ? { isSummary: true } : {}),
  });
}

/** Reasoning of this dialect that only the provider can read. */
export function writeRedacted(end: ReasoningEnd): JsonObject | undefined {
  const isOwn = end.boundTo === 'anthropic-messages' && end.redacted !== undefined && end.signature === undefined;
  return isOwn ? { type: 'redacted_thinking', data: end.redacted } : undefined;
}

/** A thinking block that holds a tool call's signature for its own provider; it stands before the call. */
export function writeCallSignature(signature: string, callId: string): JsonObject {
  return { type: 'thinking', thinking: '', signature: seal({ signature, callId }) };
}

/** A thinking block that holds a text's signature for its own provider; it stands after the text. */
export function writeTextSignature(signature: string): JsonObject {
  return { type: 'thinking', thinking: '', signature: seal({ signature, ofText: true }) };
}

/**
 * False: a client that did not ask for thinking. Anthropic's own models think only when asked, and many clients read
 * `content[0].text`; models of other dialects think, and tell it, as they see fit.
 */
export function asksForThinking({ request }: ReplyContext): boolean {
  if (request === undefined) return true;
  const { effort, budgetTokens, adaptive, enabled } = request.reasoning ?? {};
  if (enabled === false || effort === 'none' || budgetTokens === 0) return false;
  return enabled === true || adaptive === true || effort !== undefined || budgetTokens !== undefined;
}

/** An image, sound or file that the model made, in words: an answer of this dialect holds no media. */
export function writeMediaNote(media: Media): string {
  const name = media.mediaType ?? media.kind;
  if (media.transcript !== undefined) return media.transcript;
  if (media.url !== undefined) return media.kind === 'image' ? `![image](${media.url})` : `[${name}](${media.url})`;
  return `[${name}: not shown, this API answers in text]`;
}
