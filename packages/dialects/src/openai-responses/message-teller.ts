/** Tells the content parts of one message item as text and refusal blocks, each once. */

import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText, objectsOf } from './fields.ts';
import { readCitation } from './read-parts.ts';

interface PartState {
  kind: 'text' | 'refusal';
  block: number;
  /** Characters, annotations and log probabilities told. */
  told: number;
  citations: number;
  logprobs: number;
  isDone: boolean;
}

export interface MessageTeller {
  begin(index: number, kind: 'text' | 'refusal'): void;
  delta(index: number, kind: 'text' | 'refusal', text: string): void;
  logprobs(index: number, content: Json | undefined): void;
  annotation(index: number, annotation: JsonObject): void;
  /** The part is complete: tells what of it was not told yet. */
  closePart(index: number, part: JsonObject): void;
  /** The whole text of a part that may go on to get annotations. */
  wholeText(index: number, kind: 'text' | 'refusal', text: string): void;
  /** The message is complete; `content` may be empty when the host does not repeat it. */
  close(content: JsonObject[]): void;
}

export function createMessageTeller(
  emit: (event: ModelEvent) => void,
  nextBlock: () => number,
  onRefusal: () => void,
): MessageTeller {
  const parts = new Map<number, PartState>();

  const partOf = (index: number, kind: 'text' | 'refusal'): PartState => {
    let part = parts.get(index);
    if (part === undefined) {
      part = { kind, block: nextBlock(), told: 0, citations: 0, logprobs: 0, isDone: false };
      parts.set(index, part);
      if (kind === 'refusal') onRefusal();
      emit({ type: `${kind}-start`, choice: 0, block: part.block });
    }
    return part;
  };

  const tell = (part: PartState, text: string) => {
    if (text === '' || part.isDone) return;
    part.told += text.length;
    emit({ type: `${part.kind}-delta`, choice: 0, block: part.block, text });
  };

  const tellLogprobs = (part: PartState, content: Json | undefined) => {
    if (!Array.isArray(content) || content.length === 0) return;
    part.logprobs += content.length;
    emit({ type: 'logprobs', choice: 0, content });
  };

  const tellCitation = (part: PartState, annotation: JsonObject) => {
    part.citations++;
    emit({ type: 'citation', choice: 0, block: part.block, citation: readCitation(annotation) });
  };

  const end = (part: PartState) => {
    if (part.isDone) return;
    part.isDone = true;
    emit({ type: `${part.kind}-end`, choice: 0, block: part.block });
  };

  const closePart = (index: number, content: JsonObject) => {
    const kind = content['type'] === 'refusal' ? 'refusal' : 'text';
    if (kind === 'text' && content['type'] !== 'output_text' && typeof content['text'] !== 'string') return;
    const part = partOf(index, kind);
    if (part.isDone) return;
    tell(part, (asText(content[kind]) ?? '').slice(part.told));
    if (part.logprobs === 0) tellLogprobs(part, content['logprobs']);
    for (const annotation of objectsOf(content['annotations']).slice(part.citations)) tellCitation(part, annotation);
    end(part);
  };

  return {
    begin: (index, kind) => void partOf(index, kind),
    delta: (index, kind, text) => tell(partOf(index, kind), text),
    logprobs: (index, content) => tellLogprobs(partOf(index, 'text'), content),
    annotation: (index, annotation) => tellCitation(partOf(index, 'text'), annotation),
    closePart,
    wholeText(index, kind, text) {
      const part = partOf(index, kind);
      tell(part, text.slice(part.told));
    },
    close(content) {
      const indexes = partIndexes([...parts.keys()], content.length);
      for (const [position, part] of content.entries()) closePart(indexes[position] ?? position, part);
      for (const part of parts.values()) end(part);
    },
  };
}

/**
 * The index under which each part of the whole message was told. Bedrock counts the reasoning before a message as its
 * first part: where the indexes told do not fit the message, the order in which they came is what counts.
 */
function partIndexes(told: number[], length: number): number[] {
  const inOrder = told.sort((left, right) => left - right);
  const fits = (inOrder.at(-1) ?? 0) < length;
  return fits ? [] : inOrder;
}
