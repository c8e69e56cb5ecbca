import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { createSseReader, type ServerSentEvent } from '../sse.ts';
import { readCitations } from './citations.ts';
import { ChoiceReader } from './read-choice.ts';
import { readErrorObject } from './read-error.ts';
import { readUsage } from './usage.ts';

/** Reads chunks, or a document as one chunk that holds everything. */
class ReplyReader {
  readonly #choices = new Map<number, ChoiceReader>();
  #isStarted = false;
  #isOver = false;
  #seed = '';
  #sources: Citation[] = [];

  get isOver(): boolean {
    return this.#isOver;
  }

  read(chunk: JsonObject, isWhole: boolean, into: ModelEvent[]): void {
    if (this.#isOver) return;
    if (chunk['error']) {
      this.fail(chunk, into);
      return;
    }
    const choices = Array.isArray(chunk['choices']) ? chunk['choices'] : [];
    this.#start(chunk, choices, into);
    this.#readSources(chunk);
    for (const [at, choice] of choices.entries()) {
      if (!isObject(choice)) continue;
      if (choice['error']) {
        this.fail(choice, into);
        return;
      }
      this.#readChoice(choice, at, isWhole, into);
      this.#readUsage(choice['usage'], into);
    }
    this.#readUsage(chunk['usage'] ?? (isObject(chunk['x_groq']) ? chunk['x_groq']['usage'] : undefined), into);
  }

  #start(chunk: JsonObject, choices: Json[], into: ModelEvent[]): void {
    const { id, model, created, system_fingerprint: fingerprint, service_tier: tier } = chunk;
    // Azure's first chunk tells only what its filter thinks of the prompt, under an empty id.
    if (this.#isStarted || (!id && choices.length === 0 && !chunk['usage'])) return;
    this.#isStarted = true;
    this.#seed = `${id} ${created} ${model}`;
    into.push({
      type: 'start',
      ...(typeof id === 'string' && id !== '' ? { id } : {}),
      ...(typeof model === 'string' && model !== '' ? { model } : {}),
      ...(typeof created === 'number' ? { createdAtSeconds: created } : {}),
      ...(typeof fingerprint === 'string' ? { systemFingerprint: fingerprint } : {}),
      ...(typeof tier === 'string' ? { serviceTier: tier } : {}),
    });
  }

  #readChoice(choice: JsonObject, at: number, isWhole: boolean, into: ModelEvent[]): void {
    const index = typeof choice['index'] === 'number' ? choice['index'] : at;
    let reader = this.#choices.get(index);
    if (!reader) {
      reader = new ChoiceReader(index, () => this.#seed);
      this.#choices.set(index, reader);
    }
    const { delta, message, text } = choice;
    if (isWhole && isObject(message)) reader.read(choice, message, true, into);
    else if (isObject(delta)) reader.read(choice, delta, false, into);
    // A host that cannot stream answers with a whole message in one chunk.
    else if (isObject(message) && !reader.hasBegun) reader.read(choice, message, true, into);
    else reader.read(choice, typeof text === 'string' ? { content: text } : undefined, false, into);
  }

  #readUsage(usage: Json | undefined, into: ModelEvent[]): void {
    const read = isObject(usage) ? readUsage(usage) : undefined;
    if (read) into.push({ type: 'usage', usage: read });
  }

  /** Perplexity repeats its sources with every chunk; the last list holds, and results tell more than addresses. */
  #readSources(chunk: JsonObject): void {
    const results = chunk['search_results'];
    const list = Array.isArray(results) && results.length > 0 ? results : chunk['citations'];
    if (Array.isArray(list) && list.length > 0) this.#sources = readCitations(list);
  }

  fail(body: JsonObject, into: ModelEvent[]): void {
    this.#isOver = true;
    into.push({ type: 'error', error: readErrorObject(body) });
  }

  /** Hosts tell text, usage, even a second finish behind the first, so choices end only here. */
  finish(isClean: boolean, into: ModelEvent[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const reader of this.#choices.values()) {
      if (isClean || reader.isFinished) reader.finish(this.#sources, into);
    }
    if (isClean) into.push({ type: 'end' });
  }
}

export function readDocument(body: JsonObject): ModelEvent[] {
  const events: ModelEvent[] = [];
  const reader = new ReplyReader();
  reader.read(body, true, events);
  reader.finish(true, events);
  return events;
}

/** Reads a stream. Without `[DONE]` there is no `end`, and only choices that told their finish are finished. */
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
      reader.finish(false, events);
      return events;
    },
  };
}

function readFrame({ event, data }: ServerSentEvent, reader: ReplyReader, into: ModelEvent[]): void {
  if (reader.isOver) return;
  const text = data.trim();
  if (text === '') return;
  if (text === '[DONE]') {
    reader.finish(true, into);
    return;
  }
  const chunk = parse(text);
  if (event === 'error') reader.fail(isObject(chunk) ? chunk : { message: text }, into);
  else if (isObject(chunk)) reader.read(chunk, false, into);
  else reader.fail({ message: `The provider sent a chunk that is no JSON object: ${text.slice(0, 200)}` }, into);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
