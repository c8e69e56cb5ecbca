/** One block of an answer as the frames and the item that say it. */

import { unwrapInput } from '../custom-tools.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { DELTA_CLOSING, deltaOpening, type Frames, TEXT_DELTA_CLOSING } from './frames.ts';
import type { OpenItem } from './output-items.ts';

export interface Block {
  kind: 'text' | 'refusal' | 'reasoning' | 'call';
  open: OpenItem;
  delta(text: string): void;
  /** Tells that the text is whole, and writes it into the item. */
  end(): void;
  readonly text: string;
}

export interface TextBlock extends Block {
  kind: 'text' | 'refusal';
  cite(citation: Citation): void;
  addLogprobs(content: Json[]): void;
}

/** A content part of a message item; `open.item.content` gets it now and is whole at the end. */
export function createTextBlock(kind: 'text' | 'refusal', open: OpenItem, frames: Frames): TextBlock {
  const content = open.item['content'] as JsonObject[];
  const place = { item_id: open.id, output_index: open.index, content_index: content.length };
  const annotations: JsonObject[] = [];
  const logprobs: Json[] = [];
  const partOf = (text: string): JsonObject =>
    kind === 'text' ? { type: 'output_text', text, annotations, logprobs } : { type: 'refusal', refusal: text };
  const name = kind === 'text' ? 'output_text' : 'refusal';
  const opening = deltaOpening(`response.${name}.delta`, place);
  const closing = kind === 'text' ? TEXT_DELTA_CLOSING : DELTA_CLOSING;
  let text = '';
  content.push(partOf(''));
  frames.event('response.content_part.added', { ...place, part: partOf('') });
  return {
    kind,
    open,
    get text() {
      return text;
    },
    delta(piece) {
      text += piece;
      frames.delta(opening, piece, closing);
    },
    cite(citation) {
      const annotation = writeAnnotation(citation, text.length);
      if (annotation === undefined || kind === 'refusal') return;
      const annotation_index = annotations.push(annotation) - 1;
      frames.event('response.output_text.annotation.added', { ...place, annotation_index, annotation });
    },
    addLogprobs(more) {
      logprobs.push(...more);
    },
    end() {
      const part = partOf(text);
      content[place.content_index] = part;
      frames.event(
        `response.${name}.done`,
        kind === 'text' ? { ...place, text, logprobs } : { ...place, refusal: text },
      );
      frames.event('response.content_part.done', { ...place, part });
    },
  };
}

/** Undefined for a citation that names nothing a client could show. */
function writeAnnotation(citation: Citation, textLength: number): JsonObject | undefined {
  if (citation.origin === 'openai-responses') return citation.value;
  const { url, title } = citation;
  if (url !== undefined) {
    const end_index = citation.end ?? textLength;
    return { type: 'url_citation', url, title: title ?? '', start_index: citation.start ?? 0, end_index };
  }
  if (title === undefined) return undefined;
  const file = citation.value['file_id'];
  return { type: 'file_citation', file_id: typeof file === 'string' ? file : '', filename: title, index: textLength };
}

/** A reasoning item. Its one text begins with the first piece, so an item without text has none. */
export function createReasoningBlock(isFullText: boolean, open: OpenItem, frames: Frames): Block {
  const item = { item_id: open.id, output_index: open.index };
  const words = isFullText ? FULL_TEXT : SUMMARY;
  const place: JsonObject = { ...item, [words.index]: 0 };
  const partOf = (text: string): JsonObject => ({ type: words.part, text });
  const opening = deltaOpening(`response.${words.event}.delta`, place);
  let text = '';
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    frames.event(`response.${words.partEvent}.added`, { ...place, part: partOf('') });
  };
  return {
    kind: 'reasoning',
    open,
    get text() {
      return text;
    },
    delta(piece) {
      if (!hasBegun) begin();
      text += piece;
      frames.delta(opening, piece, DELTA_CLOSING);
    },
    end() {
      if (!hasBegun) return;
      open.item[words.field] = [partOf(text)];
      frames.event(`response.${words.event}.done`, { ...place, text });
      frames.event(`response.${words.partEvent}.done`, { ...place, part: partOf(text) });
    },
  };
}

const SUMMARY = {
  event: 'reasoning_summary_text',
  partEvent: 'reasoning_summary_part',
  part: 'summary_text',
  field: 'summary',
  index: 'summary_index',
} as const;
const FULL_TEXT = {
  event: 'reasoning_text',
  partEvent: 'content_part',
  part: 'reasoning_text',
  field: 'content',
  index: 'content_index',
} as const;

/**
 * A function or custom tool call. `unwraps`: the provider knew the client's custom tool as a function, so the free text
 * must be taken out of the arguments, which can be done only when they are whole.
 */
export function createCallBlock(isCustom: boolean, unwraps: boolean, open: OpenItem, frames: Frames): Block {
  const place = { item_id: open.id, output_index: open.index };
  const name = isCustom ? 'custom_tool_call_input' : 'function_call_arguments';
  const field = isCustom ? 'input' : 'arguments';
  const opening = deltaOpening(`response.${name}.delta`, place);
  let text = '';
  return {
    kind: 'call',
    open,
    get text() {
      return text;
    },
    delta(piece) {
      text += piece;
      if (!unwraps) frames.delta(opening, piece, DELTA_CLOSING);
    },
    end() {
      const whole = unwraps ? unwrapInput(text) : text || (isCustom ? '' : '{}');
      if (unwraps || (whole !== text && whole !== '')) frames.delta(opening, whole, DELTA_CLOSING);
      text = whole;
      open.item[field] = whole;
      frames.event(`response.${name}.done`, { ...place, [field]: whole });
    },
  };
}
