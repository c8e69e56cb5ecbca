import type { StreamReader } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type JsonObject } from '../json.ts';
import { createSseReader } from '../sse.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import { parseJson } from './fields.ts';
import { createJsonSplitter } from './json-splitter.ts';

/** Reads a GenerateContentResponse. */
export function readDocument(body: JsonObject): ModelEvent[] {
  const reader = createAnswerReader();
  return [...reader.read(body), ...reader.close()];
}

/** Pieces of a stream's transport: texts that hold one JSON object each. */
interface Framing {
  push(bytes: Uint8Array): string[];
  finish(): string[];
}

/** Reads a stream of streamGenerateContent: server-sent events (`alt=sse`), or the JSON list that comes without. */
export function createReader(): StreamReader {
  const answer = createAnswerReader();
  let framing: Framing | undefined;
  const read = (texts: string[]) => texts.flatMap((text) => readChunk(answer, text));
  return {
    push(bytes) {
      framing ??= framingOf(bytes);
      return framing === undefined ? [] : read(framing.push(bytes));
    },
    finish() {
      const events = framing === undefined ? [] : read(framing.finish());
      return [...events, ...answer.close()];
    },
  };
}

function readChunk(answer: AnswerReader, text: string): ModelEvent[] {
  if (text === '' || text === '[DONE]') return [];
  const chunk = parseJson(text);
  if (isObject(chunk)) return answer.read(chunk);
  if (Array.isArray(chunk)) return chunk.filter(isObject).flatMap((one) => answer.read(one));
  return answer.fail({
    code: 502,
    status: 'INTERNAL',
    message: `A chunk of the stream is no JSON: ${text.slice(0, 200)}`,
  });
}

/** Told by the first byte that is neither white space nor part of a byte order mark; undefined before it has come. */
function framingOf(bytes: Uint8Array): Framing | undefined {
  const first = bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
  if (first === undefined) return undefined;
  return first === 0x5b || first === 0x7b ? jsonFraming() : sseFraming();
}

function sseFraming(): Framing {
  const sse = createSseReader();
  return {
    push: (bytes) => sse.push(bytes).map((event) => event.data),
    finish: () => sse.finish().map((event) => event.data),
  };
}

function jsonFraming(): Framing {
  const splitter = createJsonSplitter();
  const decoder = new TextDecoder();
  return {
    push: (bytes) => splitter.push(decoder.decode(bytes, { stream: true })),
    finish: () => splitter.push(decoder.decode()),
  };
}
