import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { MediaPart, Part, ReasoningPart, TextPart, ToolCallPart } from '../request.ts';
import { isMadeCallId } from './call-ids.ts';
import { defined, parseJson } from './fields.ts';
import { hasBigNumber } from './tool-result.ts';
import type { Writing } from './write-request.ts';

export interface PartWriter {
  /** The parts that this one makes; none if it is empty or has no form in Gemini, which the receipt then tells. */
  write(part: Part, path: string): JsonObject[];
}

const TYPES_BY_ENDING: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  txt: 'text/plain',
};

/** Writes every part but the results of calls. */
export function createPartWriter(writing: Writing): PartWriter {
  const { notes } = writing;
  return {
    write(part, path) {
      const isOurs = writing.request.origin === 'gemini';
      const extras = 'extras' in part ? part.extras : undefined;
      const written = writeOne(part, path);
      return isOurs && extras !== undefined ? written.map((one) => ({ ...one, ...extras })) : written;
    },
  };

  function writeOne(part: Part, path: string): JsonObject[] {
    switch (part.type) {
      case 'text':
        return writeText(part);
      case 'refusal':
        if (part.text === '') return [];
        notes.changed(`${path} (refusal→text)`);
        return [{ text: part.text }];
      case 'reasoning':
        return writeReasoning(writing, part, path);
      case 'tool-call':
        return [writeCall(writing, part, path)];
      case 'opaque':
        if (part.origin === 'gemini') return [part.value];
        notes.dropped(`${path} (${part.label})`);
        return [];
      case 'tool-result':
        return [];
      default:
        return writeMediaPart(writing, part, path);
    }
  }
}

/** Gemini refuses an empty part, unless it brings a signature. */
function writeText({ text, signature }: TextPart): JsonObject[] {
  if (signature !== undefined) return [{ text, thoughtSignature: signature }];
  return text === '' ? [] : [{ text }];
}

/** Reasoning goes back as a thought; a signature only to the provider that made it. */
function writeReasoning({ notes }: Writing, part: ReasoningPart, path: string): JsonObject[] {
  const { text, signature, redacted, encrypted, boundTo } = part;
  const isBound = signature !== undefined || redacted !== undefined || encrypted !== undefined;
  const isOurs = boundTo === 'gemini';
  if (isBound && !isOurs) notes.dropped(`${path} (reasoning signature of ${boundTo ?? 'another provider'})`);
  const thoughtSignature = isOurs ? signature : undefined;
  if (!text && thoughtSignature === undefined) return [];
  return [defined({ text: text ?? '', thought: true, thoughtSignature })];
}

function writeCall({ request, notes, names }: Writing, part: ToolCallPart, path: string): JsonObject {
  const functionCall = defined({
    id: isMadeCallId(part.id) ? undefined : part.id,
    name: names.write(part.name),
    args: argsOf(part, (why) => notes.changed(`${path} (${why})`)),
    ...(request.origin === 'gemini' ? part.wording : undefined),
  });
  return part.signature === undefined ? { functionCall } : { functionCall, thoughtSignature: part.signature };
}

/** Arguments as the object that Gemini wants. */
function argsOf(part: ToolCallPart, tell: (why: string) => void): JsonObject {
  if (part.custom === true) {
    tell('custom tool call→{"input"}');
    return { input: part.arguments };
  }
  if (part.arguments.trim() === '') return {};
  const args = parseJson(part.arguments);
  if (!isObject(args)) {
    tell('arguments that are no JSON object→{"input"}');
    return { input: part.arguments };
  }
  if (hasBigNumber(part.arguments)) tell('number of more than 53 bits');
  return args;
}

function writeMediaPart({ request, notes }: Writing, part: MediaPart, path: string): JsonObject[] {
  const isOurs = request.origin === 'gemini';
  // Gemini knows no names of inline files.
  if (!isOurs && part.filename !== undefined) notes.changed(`${path} filename ${part.filename}→none`);
  const displayName = isOurs ? part.filename : undefined;
  const own = isOurs ? part.wording : undefined;
  const { source } = part;
  switch (source.kind) {
    case 'base64':
      return [{ inlineData: defined({ mimeType: source.mediaType, data: source.data, displayName, ...own }) }];
    case 'text':
      notes.changed(`${path} (text file→text)`);
      return source.text === '' ? [] : [{ text: source.text }];
    case 'file-id':
      if (!isOurs) {
        notes.dropped(`${path} (file ${source.id})`);
        return [];
      }
      return [{ fileData: defined({ mimeType: source.mediaType, fileUri: source.id, displayName, ...own }) }];
    case 'url': {
      const inline = /^data:([^;,]+)[^,]*;base64,/.exec(source.url);
      if (inline !== null) {
        return [{ inlineData: { mimeType: inline[1]!, data: source.url.slice(inline[0].length) } }];
      }
      const mimeType = source.mediaType ?? (isOurs ? undefined : typeOf(part, source.url));
      return [{ fileData: defined({ mimeType, fileUri: source.url, displayName, ...own }) }];
    }
  }
}

/** Gemini wants the type of a file told; an address shows it by its ending, more often than not. */
function typeOf(part: MediaPart, url: string): string | undefined {
  const ending = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? '';
  return TYPES_BY_ENDING[ending] ?? (part.type === 'image' ? 'image/jpeg' : undefined);
}
