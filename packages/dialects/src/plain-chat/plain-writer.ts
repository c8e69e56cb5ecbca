import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { Usage } from '../usage.ts';

/** What of an answer its end depends on. */
export interface Told {
  start?: Extract<ModelEvent, { type: 'start' }>;
  usage?: Usage;
  /** By choice. */
  finishes: Map<number, Extract<ModelEvent, { type: 'finish' }>>;
}

/** A call under the names that the client gave. */
export function clientCall(
  { id, name }: { id: string; name: string },
  { toolNames, toolCallIds }: ReplyContext,
): { id: string; name: string } {
  return { id: toolCallIds?.get(id) ?? id, name: toolNames?.get(name) ?? name };
}

/** Notes what the end will need. */
export function note(told: Told, event: ModelEvent): void {
  if (event.type === 'start') told.start = event;
  else if (event.type === 'usage') told.usage = { ...told.usage, ...event.usage };
  else if (event.type === 'finish') told.finishes.set(event.choice, event);
}
