import type { JsonObject } from '../json.ts';
import type { MediaPart, Part, ToolCallPart, ToolResultPart } from '../request.ts';
import { isMadeCallId } from './call-ids.ts';
import { defined } from './fields.ts';
import { writeResponse } from './tool-result.ts';
import type { PartWriter } from './write-part.ts';
import type { Writing } from './write-request.ts';

export interface ResultWriter {
  /** Remembers a call, so that its result can be named. */
  meet(call: ToolCallPart): void;
  write(part: ToolResultPart, path: string): JsonObject[];
  /** The parts of a user's turn: responses first, those without an id in the order of their calls. A Gemini client's own order stays. */
  inOrder(parts: JsonObject[]): JsonObject[];
}

/** Writes results of calls as `functionResponse`, under the name of the call that they answer. */
export function createResultWriter(writing: Writing, parts: PartWriter): ResultWriter {
  const names = new Map<string, string>();
  const order = new Map<string, number>();
  const positions = new WeakMap<JsonObject, number>();
  return {
    meet(call) {
      names.set(call.id, call.name);
      order.set(call.id, order.size);
    },
    write(part, path) {
      const isOurs = writing.request.origin === 'gemini';
      const name = names.get(part.callId) ?? part.name;
      if (name === undefined) writing.notes.changed(`${path} (result of an unknown call)`);
      const { texts, media } = sorted(writing, part.parts, path);
      const written = media.flatMap((one) => parts.write(one, path));
      const nested = isOurs || takesMedia(writing.traits.model) ? written : [];
      if (nested.length < written.length) writing.notes.changed(`${path} (media beside the result)`);
      const response: JsonObject = {
        functionResponse: defined({
          id: isMadeCallId(part.callId) ? undefined : part.callId,
          name: writing.names.write(name ?? 'unknown'),
          response: writeResponse(texts.join('\n'), part.isError === true),
          parts: nested.length === 0 ? undefined : nested,
          ...(isOurs ? part.extras : undefined),
        }),
      };
      if (isMadeCallId(part.callId)) positions.set(response, order.get(part.callId) ?? order.size);
      return nested.length === 0 ? [response, ...written] : [response];
    },
    inOrder(written) {
      const responses = written.filter((part) => part['functionResponse'] !== undefined);
      if (responses.length === 0 || writing.request.origin === 'gemini') return written;
      const others = written.filter((part) => part['functionResponse'] === undefined);
      // Without ids Gemini pairs by order alone.
      if (responses.every((part) => positions.has(part))) {
        responses.sort((one, other) => positions.get(one)! - positions.get(other)!);
      }
      return [...responses, ...others];
    },
  };
}

function sorted({ notes }: Writing, parts: Part[], path: string): { texts: string[]; media: MediaPart[] } {
  const texts: string[] = [];
  const media: MediaPart[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        texts.push(part.text);
        break;
      case 'image':
      case 'audio':
      case 'video':
      case 'file':
        media.push(part);
        break;
      case 'opaque':
        notes.dropped(`${path} (${part.label})`);
        break;
      default:
        notes.dropped(`${path} (${part.type})`);
    }
  }
  return { texts, media };
}

/** Media inside a response came with Gemini 3. */
function takesMedia(model: string): boolean {
  return !/gemini-[12](?!\d)/.test(model);
}
