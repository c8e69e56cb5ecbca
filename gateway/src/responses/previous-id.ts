import type { Json } from '@xidao/dialects';
import type { Call } from '../core/call.ts';

/** How the ids of responses begin that the gateway itself wrote: they are made of the ids of calls. */
const OWN_PREFIX = 'resp_call_';

/** Whether the id is one of the gateway's own, and not a provider's. */
export function isOwnId(id: string): boolean {
  return id.startsWith(OWN_PREFIX);
}

/** The response that a call goes on from, if it names one. */
export function previousIdOf(call: Call): string | undefined {
  const id = fieldOf(call, 'previous_response_id');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** What the provider alone holds and the call rests on: its own response, a conversation, a stored prompt. Undefined: nothing. */
export function bondOf(call: Call): Bond | undefined {
  const previousId = previousIdOf(call);
  if (previousId !== undefined && !isOwnId(previousId)) return { field: 'previous_response_id', id: previousId };
  const field = (['conversation', 'prompt'] as const).find((key) => isGiven(fieldOf(call, key)));
  return field && { field };
}

export type Bond = { field: 'previous_response_id'; id: string } | { field: 'conversation' | 'prompt' };

/** The value of a top-level key whose place is noted for calls of this dialect; nothing else is parsed. */
function fieldOf(call: Call, key: string): Json | undefined {
  if (call.bodyDialect !== 'openai-responses' || call.operation !== 'chat' || call.body === undefined) return undefined;
  if (!call.body.isPlain) return call.json()[key];
  const span = call.body.values[key];
  return span === undefined ? undefined : (JSON.parse(call.bytes.toString('utf8', span.from, span.to)) as Json);
}

/** The client's `input` as JSON text. */
export function inputTextOf(call: Call): string {
  const span = call.body?.isPlain === true ? call.body.values['input'] : undefined;
  if (span !== undefined) return call.bytes.toString('utf8', span.from, span.to);
  return JSON.stringify(call.json()['input'] ?? []);
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}
