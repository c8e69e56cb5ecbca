import { ChoiceReader } from '../chat-words.ts';
import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createLineReader } from '../ndjson.ts';
import { readErrorObject } from './read-error.ts';
import { readUsage } from './usage.ts';

/** Reads lines, or a document, which is the one line that says everything. */
class ReplyReader {
  readonly #choice: ChoiceReader;
  #isStarted = false;
  #isOver = false;
  #seed = '';
  #calls = 0;

  constructor() {
    this.#choice = new ChoiceReader(0, () => this.#seed);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  read(line: JsonObject, into: ModelEvent[]): void {
    if (this.#isOver) return;
    if (line['error']) {
      this.fail(line, into);
      return;
    }
    this.#start(line, into);
    const raw = line['done'] === true ? (line['done_reason'] ?? 'stop') : undefined;
    this.#choice.read({ finish_reason: raw, ...logprobsIn(line) }, this.#deltaOf(line), false, into);
    if (raw === undefined) return;
    this.#isOver = true;
    this.#choice.finish([], into);
    const usage = readUsage(line);
    if (usage !== undefined) into.splice(-1, 0, { type: 'usage', usage });
    into.push({ type: 'end' });
  }

  #start({ model, created_at: created }: JsonObject, into: ModelEvent[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#seed = `${created} ${model}`;
    const milliseconds = typeof created === 'string' ? Date.parse(created) : Number.NaN;
    into.push({
      type: 'start',
      ...(typeof model === 'string' && model !== '' ? { model } : {}),
      ...(Number.isNaN(milliseconds) ? {} : { createdAtSeconds: Math.floor(milliseconds / 1000) }),
    });
  }

  /** The line in the words of a chat delta. `/api/generate` tells its text as `response`. */
  #deltaOf({ message, response, thinking }: JsonObject): JsonObject {
    const said: JsonObject = isObject(message) ? message : { content: response, thinking };
    const { content, thinking: thoughts, tool_calls: calls } = said;
    return {
      content,
      reasoning_content: thoughts,
      ...(Array.isArray(calls) ? { tool_calls: calls.map((call) => this.#callOf(call)) } : {}),
    };
  }

  /** Every call is whole; some servers number them and some give each an id. */
  #callOf(call: Json): Json {
    if (!isObject(call) || !isObject(call['function'])) return call;
    const { index: _, ...inner } = call['function'];
    return {
      index: this.#calls++,
      id: call['id'],
      type: 'function',
      function: { ...inner, arguments: inner['arguments'] ?? {} },
    };
  }

  fail(body: JsonObject, into: ModelEvent[]): void {
    this.#isOver = true;
    into.push({ type: 'error', error: readErrorObject(body) });
  }
}

function logprobsIn({ logprobs }: JsonObject): JsonObject {
  return Array.isArray(logprobs) ? { logprobs: { content: logprobs } } : {};
}

export function readDocument(body: JsonObject): ModelEvent[] {
  const events: ModelEvent[] = [];
  // Asked for a document, the server has no more to say, whatever it says of being done.
  new ReplyReader().read({ ...body, done: true }, events);
  return events;
}

/** Reads a stream of lines. The one that says `done` is its end. */
export function createReader(): StreamReader {
  const lines = createLineReader();
  const reader = new ReplyReader();
  const readAll = (read: string[]): ModelEvent[] => {
    const events: ModelEvent[] = [];
    for (const line of read) readLine(line, reader, events);
    return events;
  };
  return {
    push: (bytes) => readAll(lines.push(bytes)),
    finish: () => readAll(lines.finish()),
  };
}

function readLine(line: string, reader: ReplyReader, into: ModelEvent[]): void {
  if (reader.isOver) return;
  const value = parse(line);
  if (isObject(value)) reader.read(value, into);
  else reader.fail({ message: `The provider sent a line that is no JSON object: ${line.slice(0, 200)}` }, into);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
