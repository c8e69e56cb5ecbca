import { ChoiceReader } from '../chat-words.ts';
import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createSseReader, type ServerSentEvent } from '../sse.ts';
import type { Usage } from '../usage.ts';
import { readErrorObject } from './read-error.ts';
import { readUsage } from './usage.ts';

/** Reads events, each of them a piece of the answer (`incremental_output`), or a document as one that holds everything. */
class ReplyReader {
  readonly #choices = new Map<number, ChoiceReader>();
  #isStarted = false;
  #isOver = false;
  #seed = '';
  #usage: Usage | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  read(body: JsonObject, isWhole: boolean, into: ModelEvent[]): void {
    if (this.#isOver) return;
    const { output } = body;
    if (!isObject(output) || (typeof body['code'] === 'string' && body['code'] !== '')) {
      this.fail(body, into);
      return;
    }
    this.#start(body, into);
    for (const [at, choice] of choicesIn(output).entries()) {
      const index = typeof choice['index'] === 'number' ? choice['index'] : at;
      const message = isObject(choice['message']) ? choice['message'] : {};
      this.#choiceOf(index).read(told(choice), sharedMessage(message), isWhole, into);
    }
    // Every event counts anew; the last one holds.
    if (isObject(body['usage'])) this.#usage = readUsage(body['usage']) ?? this.#usage;
  }

  #start({ request_id: id }: JsonObject, into: ModelEvent[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#seed = String(id);
    into.push({ type: 'start', ...(typeof id === 'string' && id !== '' ? { id } : {}) });
  }

  #choiceOf(index: number): ChoiceReader {
    let reader = this.#choices.get(index);
    if (reader === undefined) {
      reader = new ChoiceReader(index, () => this.#seed);
      this.#choices.set(index, reader);
    }
    return reader;
  }

  fail(body: JsonObject, into: ModelEvent[]): void {
    this.#isOver = true;
    into.push({ type: 'error', error: readErrorObject(body) });
  }

  /** Nothing marks the end: an answer is whole when each of its choices has told why it finished. */
  finish(into: ModelEvent[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const all = [...this.#choices.values()];
    const finished = all.filter(({ isFinished }) => isFinished);
    if (this.#usage !== undefined) into.push({ type: 'usage', usage: this.#usage });
    for (const reader of finished) reader.finish([], into);
    if (all.length > 0 && finished.length === all.length) into.push({ type: 'end' });
  }
}

/** The older form of an answer is bare text. */
function choicesIn(output: JsonObject): JsonObject[] {
  const { choices, text, finish_reason: reason } = output;
  if (Array.isArray(choices)) return choices.filter(isObject);
  return typeof text === 'string' ? [{ index: 0, message: { content: text }, finish_reason: reason }] : [];
}

/** `"null"` is how an event says that the answer goes on. */
function told(choice: JsonObject): JsonObject {
  return choice['finish_reason'] === 'null' ? { ...choice, finish_reason: null } : choice;
}

function sharedMessage(message: JsonObject): JsonObject {
  const { content } = message;
  return Array.isArray(content) ? { ...message, content: content.map(sharedPart) } : message;
}

/** A part is known by its key. */
function sharedPart(part: Json): Json {
  if (!isObject(part)) return part;
  const { text, image } = part;
  if (typeof text === 'string') return { type: 'text', text };
  return typeof image === 'string' ? { type: 'image_url', image_url: { url: image } } : part;
}

export function readDocument(body: JsonObject): ModelEvent[] {
  const events: ModelEvent[] = [];
  const reader = new ReplyReader();
  reader.read(body, true, events);
  reader.finish(events);
  return events;
}

export function createReader(): StreamReader {
  const sse = createSseReader();
  const reader = new ReplyReader();
  const readAll = (frames: ServerSentEvent[]): ModelEvent[] => {
    const events: ModelEvent[] = [];
    for (const frame of frames) readFrame(frame, reader, events);
    return events;
  };
  return {
    push: (bytes) => readAll(sse.push(bytes)),
    finish() {
      const events = readAll(sse.finish());
      reader.finish(events);
      return events;
    },
  };
}

function readFrame({ event, data }: ServerSentEvent, reader: ReplyReader, into: ModelEvent[]): void {
  if (reader.isOver || data.trim() === '') return;
  const body = parse(data);
  if (event === 'error') reader.fail(isObject(body) ? body : { message: data }, into);
  else if (isObject(body)) reader.read(body, false, into);
  else reader.fail({ message: `The provider sent an event that is no JSON object: ${data.slice(0, 200)}` }, into);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
