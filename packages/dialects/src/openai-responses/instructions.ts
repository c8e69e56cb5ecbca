/** The `instructions` field: a leading system message that knows where it came from. */

import type { Message, ModelRequest } from '../request.ts';

export function instructionsMessage(text: string): Message {
  return { role: 'system', parts: [{ type: 'text', text, extras: { instructions: true } }] };
}

/** The text, if this is the message that the client gave as `instructions`. */
export function instructionsOf(message: Message | undefined): string | undefined {
  const [part] = message?.parts ?? [];
  return part?.type === 'text' && part.extras?.['instructions'] === true ? part.text : undefined;
}

/**
 * The request with the stored conversation in front of its own messages and without `previousResponseId`. The new
 * `instructions` stay first: those of earlier turns are not part of what `history` should hold, as in OpenAI's API.
 */
export function withHistory(request: ModelRequest, history: readonly Message[]): ModelRequest {
  const { previousResponseId: _expanded, ...rest } = request;
  const [first, ...others] = request.messages;
  const leads = first !== undefined && instructionsOf(first) !== undefined;
  return { ...rest, messages: leads ? [first, ...history, ...others] : [...history, ...request.messages] };
}
