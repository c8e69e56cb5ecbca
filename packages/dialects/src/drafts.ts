import type { ModelEvent } from './events.ts';
import type { Citation } from './request.ts';

type BlockEvent = Extract<ModelEvent, { block: number }>;

/** A block of an answer, put together from its events. */
export interface Draft {
  first: BlockEvent;
  /** Its text, or a call's arguments. */
  text: string;
  citations: Citation[];
  end?: BlockEvent;
}

/** The blocks of an answer in the order in which they began, from their events in any order. */
export function createDrafts() {
  const drafts = new Map<number, Draft>();
  return {
    add(event: BlockEvent): void {
      const draft = drafts.get(event.block);
      if (draft === undefined) drafts.set(event.block, { first: event, text: '', citations: [] });
      else addTo(draft, event);
    },
    all: (): Draft[] => [...drafts.values()],
  };
}

function addTo(draft: Draft, event: BlockEvent): void {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
    case 'reasoning-delta':
      draft.text += event.text;
      return;
    case 'tool-call-delta':
      draft.text += event.arguments;
      return;
    case 'citation':
      draft.citations.push(event.citation);
      return;
    default:
      draft.end = event;
  }
}
