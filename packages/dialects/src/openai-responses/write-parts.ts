/** The model's parts as content of Responses messages and tool outputs. */

import type { JsonObject } from '../json.ts';
import type { Notes } from '../notes.ts';
import type { MediaPart, MediaSource, Part, TextPart } from '../request.ts';
import { given } from './fields.ts';
import { CONTENT_MARK, filenameFor } from './read-parts.ts';

const AUDIO_FORMATS: Record<string, string> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

export interface PartContext {
  isForeign: boolean;
  /** File ids mean something only to the vendor that gave them. */
  knowsFileIds: boolean;
  notes: Notes;
}

export function isContent(part: Part): boolean {
  switch (part.type) {
    case 'tool-call':
    case 'tool-result':
    case 'reasoning':
      return false;
    case 'opaque':
      return part.label.endsWith(CONTENT_MARK);
    default:
      return true;
  }
}

/** Content that the model reads (user, system, developer, tool output). Undefined: it cannot be said here. */
export function writeInputPart(part: Part, path: string, context: PartContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text, ...ownExtras(part, context) };
    case 'refusal':
      return { type: 'input_text', text: part.text };
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return writeMedia(part, path, context);
    case 'opaque':
      if (part.origin === 'openai-responses') return part.value;
      return dropped(`${path} (${part.label})`, context);
    default:
      return dropped(`${path} (${part.type})`, context);
  }
}

/** Content that the model wrote in an earlier turn. */
export function writeOutputPart(part: Part, path: string, context: PartContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return {
        type: 'output_text',
        text: part.text,
        ...writeAnnotations(part, path, context),
        ...ownExtras(part, context),
      };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'opaque':
      if (part.origin === 'openai-responses') return part.value;
      return dropped(`${path} (${part.label})`, context);
    default:
      return dropped(`${path} (${part.type} of the assistant)`, context);
  }
}

function writeAnnotations(part: TextPart, path: string, context: PartContext): JsonObject | undefined {
  const own = (part.citations ?? []).filter((citation) => citation.origin === 'openai-responses');
  if (own.length < (part.citations?.length ?? 0)) context.notes.dropped(`${path}.citations`);
  return own.length > 0 ? { annotations: own.map((citation) => citation.value) } : undefined;
}

function ownExtras(part: TextPart | MediaPart, context: PartContext): JsonObject | undefined {
  if (context.isForeign || part.extras === undefined) return undefined;
  const { item: _item, instructions: _instructions, ...rest } = part.extras;
  return rest;
}

function writeMedia(part: MediaPart, path: string, context: PartContext): JsonObject | undefined {
  if (part.source.kind === 'file-id' && !context.knowsFileIds) return dropped(`${path} (file id)`, context);
  switch (part.type) {
    case 'image':
      return writeImage(part, path, context);
    case 'audio':
      return writeAudio(part, path, context);
    case 'file':
      return writeFile(part, path, context);
    case 'video':
      return dropped(`${path} (video)`, context);
  }
}

function writeImage(part: MediaPart, path: string, context: PartContext): JsonObject | undefined {
  const { source } = part;
  if (source.kind === 'text') return dropped(`${path} (image as text)`, context);
  const place = source.kind === 'file-id' ? { file_id: source.id } : { image_url: addressOf(source) };
  return given<JsonObject>({ type: 'input_image', ...place, detail: part.detail, ...ownExtras(part, context) });
}

function writeAudio(part: MediaPart, path: string, context: PartContext): JsonObject | undefined {
  const format = part.source.kind === 'base64' ? audioFormat(part.source.mediaType, context) : undefined;
  if (part.source.kind !== 'base64' || format === undefined) return dropped(`${path} (audio)`, context);
  return { type: 'input_audio', input_audio: { data: part.source.data, format }, ...ownExtras(part, context) };
}

function audioFormat(mediaType: string, context: PartContext): string | undefined {
  const known = AUDIO_FORMATS[mediaType];
  return known ?? (context.isForeign ? undefined : mediaType.slice('audio/'.length));
}

function writeFile(part: MediaPart, path: string, context: PartContext): JsonObject {
  const { source } = part;
  // A document that is plain text to begin with needs no file around it.
  if (source.kind === 'text') {
    context.notes.changed(`${path} (text file→text)`);
    return { type: 'input_text', text: source.text };
  }
  return given<JsonObject>({
    type: 'input_file',
    ...placeOfFile(source),
    filename:
      part.filename ?? (source.kind === 'base64' && context.isForeign ? filenameFor(source.mediaType) : undefined),
    detail: context.isForeign ? undefined : part.detail,
    ...ownExtras(part, context),
  });
}

function placeOfFile(source: Exclude<MediaSource, { kind: 'text' }>): JsonObject {
  if (source.kind === 'file-id') return { file_id: source.id };
  return source.kind === 'url' ? { file_url: source.url } : { file_data: addressOf(source) };
}

function addressOf(source: Exclude<MediaSource, { kind: 'text' } | { kind: 'file-id' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

function dropped(path: string, context: PartContext): undefined {
  context.notes.dropped(path);
  return undefined;
}
