import type { ReplyContext, StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { createAnswerState } from './answer-state.ts';
import { writeError, writeStreamError } from './write-error.ts';

/** Writes events as one GenerateContentResponse; an error among them becomes the body of an error. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const state = createAnswerState(context);
  const contents = new Map<number, JsonObject[]>();
  const texts = new Map<string, JsonObject>();
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    const text = state.textOf(event);
    if (text !== undefined) {
      addText(partsAt(contents, text.choice), texts, text);
      continue;
    }
    for (const part of state.partsOf(event)) {
      if ('block' in event) addPart(partsAt(contents, event.choice), texts.get(`${event.choice}/${event.block}`), part);
    }
  }
  const promptFeedback = state.promptFeedback();
  const candidates = state.candidates().map((end) => {
    const parts = contents.get(end['index'] as number) ?? NOTHING;
    return { content: { parts, role: 'model' }, ...end };
  });
  return {
    ...(candidates.length > 0 ? { candidates } : undefined),
    ...(promptFeedback === undefined ? undefined : { promptFeedback }),
    ...state.about(),
  };
}

function partsAt(contents: Map<number, JsonObject[]>, choice: number): JsonObject[] {
  let parts = contents.get(choice);
  if (parts === undefined) contents.set(choice, (parts = []));
  return parts;
}

interface AddedText {
  choice: number;
  block: number;
  text: string;
  isThought: boolean;
}

function addText(parts: JsonObject[], texts: Map<string, JsonObject>, added: AddedText): void {
  const key = `${added.choice}/${added.block}`;
  const part = texts.get(key);
  if (part !== undefined) {
    part['text'] = `${part['text']}${added.text}`;
    return;
  }
  const begun: JsonObject = added.isThought ? { text: added.text, thought: true } : { text: added.text };
  texts.set(key, begun);
  parts.push(begun);
}

/** In a document a signature stands on the text that it signs. */
function addPart(parts: JsonObject[], text: JsonObject | undefined, part: JsonObject): void {
  if (text !== undefined && part['text'] === '') text['thoughtSignature'] = part['thoughtSignature'];
  else parts.push(part);
}

/**
 * Writes events as server-sent events, in frames as Google ends them (CR LF). Finish reasons wait for the last frame,
 * where Gemini clients expect them beside the usage; without an `end` event they never come.
 */
export function createWriter(context: ReplyContext): StreamWriter {
  const state = createAnswerState(context);
  let about: string | undefined;
  const tails = new Map<number, string>();
  let ended = false;

  /** All that follows the text of a delta; made anew only when the usage changes. */
  const tailOf = (choice: number, isThought: boolean): string => {
    const key = choice * 2 + (isThought ? 1 : 0);
    let tail = tails.get(key);
    if (tail === undefined) {
      const thought = isThought ? ',"thought":true' : '';
      tail = `${thought}}],"role":"model"},"index":${choice}}],${aboutText()}}\r\n\r\n`;
      tails.set(key, tail);
    }
    return tail;
  };
  const aboutText = (): string => (about ??= JSON.stringify(state.about()).slice(1, -1));
  const frame = (content: JsonObject) => `data: ${JSON.stringify({ ...content, ...state.about() })}\r\n\r\n`;

  const lastFrame = (): string => {
    const promptFeedback = state.promptFeedback();
    const candidates = state.candidates().map((end) => ({ content: { parts: NOTHING, role: 'model' }, ...end }));
    if (candidates.length === 0 && promptFeedback === undefined) return frame({});
    return frame({
      ...(candidates.length > 0 ? { candidates } : undefined),
      ...(promptFeedback === undefined ? undefined : { promptFeedback }),
    });
  };

  return {
    write(event) {
      if (ended) return '';
      const told = state.textOf(event);
      if (told !== undefined) {
        if (told.text === '') return '';
        return DELTA + JSON.stringify(told.text) + tailOf(told.choice, told.isThought);
      }
      if (event.type === 'error') {
        ended = true;
        return writeStreamError(event.error, context.id);
      }
      if (event.type === 'end') {
        ended = true;
        return lastFrame();
      }
      const parts = state.partsOf(event);
      if (event.type === 'usage' || event.type === 'start') {
        about = undefined;
        tails.clear();
      }
      if (parts.length === 0 || !('choice' in event)) return '';
      return frame({ candidates: [{ content: { parts, role: 'model' }, index: event.choice }] });
    },
    finish: () => '',
  };
}

/** The official SDK takes a candidate without parts for a broken one, and forgets the whole turn. */
const NOTHING: JsonObject[] = [{ text: '' }];

const DELTA = 'data: {"candidates":[{"content":{"parts":[{"text":';
