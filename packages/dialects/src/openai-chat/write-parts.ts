import type { Json, JsonObject } from '../json.ts';
import type { Notes } from '../notes.ts';
import type { CacheMark, MediaPart, MediaSource, Part, TextPart } from '../request.ts';
import { addExtras } from './extras.ts';

export interface PartContext {
  /** The request came in this dialect: its own extras and opaque parts go back as they came. */
  isOwn: boolean;
  notes: Notes;
}

/** Content as the string that every host takes where it is plain text, as a list of parts else. */
export function writeContent(parts: Part[], places: string[], context: PartContext, joint: string): Json {
  const written = parts.flatMap((part, at): JsonObject[] => {
    const body = writePart(part, places[at] ?? '', context);
    return body ? [body] : [];
  });
  const texts = written.map(plainText);
  if (written.length === 1 && texts[0] !== undefined) return texts[0];
  if (written.length === 0) return '';
  if (!context.isOwn && texts.every((text) => text !== undefined))
    return texts.filter((text) => text !== '').join(joint);
  return written;
}

function plainText(part: JsonObject): string | undefined {
  return part['type'] === 'text' && Object.keys(part).length === 2 ? (part['text'] as string) : undefined;
}

function writePart(part: Part, place: string, context: PartContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return writeText(part, place, context);
    case 'refusal':
      return { type: 'refusal', refusal: part.text, ...(context.isOwn ? part.extras : undefined) };
    case 'opaque':
      if (part.origin === 'openai-chat') return part.value;
      context.notes.dropped(`${place} (${part.label})`);
      return undefined;
    case 'reasoning':
      // Only the parts that came as content are written as content.
      return writeThinking(part.text ?? '', part.wording ?? {});
    case 'tool-call':
    case 'tool-result':
      return undefined;
    default:
      return writeMedia(part, place, context);
  }
}

function writeText(part: TextPart, place: string, { isOwn, notes }: PartContext): JsonObject {
  if (isOwn) return { type: 'text', text: part.text, ...writeCache(part.cache), ...part.extras };
  if (part.citations?.length) notes.dropped(`${place} (citations)`);
  if (part.signature !== undefined) notes.dropped(`${place} (thought signature)`);
  return { type: 'text', text: part.text };
}

function writeThinking(text: string, wording: JsonObject): JsonObject {
  if (wording['thinking'] === 'text') return { ...wording, thinking: text };
  return { ...wording, thinking: text === '' ? [] : [{ type: 'text', text }] };
}

export function writeCache(cache: CacheMark | undefined): JsonObject | undefined {
  return cache && { cache_control: { type: 'ephemeral', ...cache } };
}

/** An image, sound, film or file as a content part; undefined, and noted, where there is no word for its source. */
export function writeMedia(part: MediaPart, place: string, context: PartContext): JsonObject | undefined {
  const { isOwn, notes } = context;
  const body = mediaBody(part, place, context);
  if (!body) {
    notes.dropped(`${place} (${part.type})`);
    return undefined;
  }
  if (!isOwn) return body;
  return addExtras({ ...body, ...writeCache(part.cache) }, part.extras, body['type'] as string);
}

function mediaBody(part: MediaPart, place: string, { isOwn, notes }: PartContext): JsonObject | undefined {
  const { source, filename } = part;
  if (source.kind === 'text') {
    if (!isOwn) notes.changed(`${place} (${part.type})→text`);
    return { type: 'text', text: filename === undefined ? source.text : `${filename}\n\n${source.text}` };
  }
  switch (part.type) {
    case 'image':
      if (source.kind === 'file-id') return isOwn ? { type: 'input_image', file_id: source.id } : undefined;
      return {
        type: 'image_url',
        image_url: { url: urlOf(source), ...(part.detail === undefined ? {} : { detail: part.detail }) },
      };
    case 'audio':
      return audioBody(source, isOwn);
    case 'video':
      return source.kind === 'file-id' ? undefined : { type: 'video_url', video_url: { url: urlOf(source) } };
    case 'file':
      if (part.wording?.['type'] === 'document_url' && isOwn && source.kind !== 'file-id') {
        return {
          type: 'document_url',
          document_url: urlOf(source),
          ...(filename === undefined ? {} : { document_name: filename }),
        };
      }
      return { type: 'file', file: fileBody(source, filename, isOwn) };
  }
}

function urlOf(source: Exclude<MediaSource, { kind: 'text' | 'file-id' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

function audioBody(source: MediaSource, isOwn: boolean): JsonObject | undefined {
  if (source.kind === 'base64') {
    return { type: 'input_audio', input_audio: { data: source.data, format: audioFormat(source.mediaType) } };
  }
  // Only some hosts take an address here.
  if (source.kind !== 'url' || !isOwn) return undefined;
  const format = source.mediaType === undefined ? {} : { format: audioFormat(source.mediaType) };
  return { type: 'input_audio', input_audio: { data: source.url, ...format } };
}

function audioFormat(mediaType: string): string {
  const format = mediaType.replace(/^audio\/(x-)?/, '').replace(/;.*$/, '');
  return format === 'mpeg' ? 'mp3' : format;
}

function fileBody(source: MediaSource, filename: string | undefined, isOwn: boolean): JsonObject {
  if (source.kind === 'file-id') return { file_id: source.id, ...(filename === undefined ? {} : { filename }) };
  const data = source.kind === 'text' ? source.text : urlOf(source);
  // OpenAI demands a name with the bytes; other dialects know files without one.
  const name = filename ?? (isOwn ? undefined : `file.${extensionOf(source)}`);
  return { ...(name === undefined ? {} : { filename: name }), file_data: data };
}

function extensionOf(source: MediaSource): string {
  const mediaType = source.kind === 'file-id' ? undefined : source.mediaType;
  return mediaType?.split('/')[1]?.replace(/[^a-z0-9].*$/, '') || 'pdf';
}

/** Gemini's signature of a text stands beside the content. */
export function signatureOf(parts: Part[], isOwn: boolean): JsonObject | undefined {
  const signed = parts.findLast((part) => part.type === 'text' && part.signature !== undefined);
  if (!isOwn || signed?.type !== 'text') return undefined;
  return { extra_content: { google: { thought_signature: signed.signature } } };
}
