/** Content parts of Responses messages and tool outputs, read into the model's parts. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation, MediaPart, MediaSource, Part, TextPart } from '../request.ts';
import { asNumber, asText, fieldsBesides, given, objectsOf } from './fields.ts';

const TEXT_FIELDS = new Set(['type', 'text', 'annotations']);
const MEDIA_FIELDS = new Set([
  'type',
  'image_url',
  'file_id',
  'file_url',
  'file_data',
  'filename',
  'input_audio',
  'detail',
]);
/** Ends the label of an opaque part that stands inside a message. */
export const CONTENT_MARK = ' part';
const DATA_URL = /^data:([^;,]*)(?:;[^,]*)?;base64,/;

/** Reads `content` or `output`: a string is one text part. Parts that are unknown stay opaque. */
export function readParts(content: Json | undefined, path: string, unread: string[]): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return objectsOf(content).map((part, index) => readPart(part, `${path}[${index}]`, unread));
}

function readPart(part: JsonObject, path: string, unread: string[]): Part {
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return readText(part, path, unread);
    case 'refusal':
      return { type: 'refusal', text: asText(part['refusal']) ?? '' };
    case 'input_image':
    case 'input_file':
    case 'input_audio':
      return readMedia(part, path, unread) ?? opaqueContent(part);
    default:
      return opaqueContent(part);
  }
}

export function opaquePart(value: JsonObject): Part {
  return { type: 'opaque', origin: 'openai-responses', label: asText(value['type']) ?? 'item', value };
}

/** Marked by its label: what stands inside a message is not an item of its own. */
function opaqueContent(value: JsonObject): Part {
  return {
    type: 'opaque',
    origin: 'openai-responses',
    label: `${asText(value['type']) ?? 'unknown'}${CONTENT_MARK}`,
    value,
  };
}

function readText(part: JsonObject, path: string, unread: string[]): TextPart {
  const rest = fieldsBesides(part, TEXT_FIELDS);
  const logprobs = rest?.['logprobs'];
  if (rest && Array.isArray(logprobs) && logprobs.length === 0) delete rest['logprobs'];
  const extras = rest && Object.keys(rest).length > 0 ? rest : undefined;
  const citations = objectsOf(part['annotations']).map(readCitation);
  noteUnread(extras, path, unread);
  return given<TextPart>({
    type: 'text',
    text: asText(part['text']) ?? '',
    citations: citations.length > 0 ? citations : undefined,
    cache: extras?.['prompt_cache_breakpoint'] === undefined ? undefined : {},
    extras,
  });
}

/** An annotation of any kind; those without an address keep what they are in `value`. */
export function readCitation(annotation: JsonObject): Citation {
  return given<Citation>({
    url: asText(annotation['url']),
    title: asText(annotation['title']) ?? asText(annotation['filename']),
    start: asNumber(annotation['start_index']),
    end: asNumber(annotation['end_index']),
    origin: 'openai-responses',
    value: annotation,
  });
}

function readMedia(part: JsonObject, path: string, unread: string[]): MediaPart | undefined {
  const source = readSource(part);
  if (source === undefined) return undefined;
  const extras = fieldsBesides(part, MEDIA_FIELDS);
  const type = part['type'] === 'input_image' ? 'image' : part['type'] === 'input_audio' ? 'audio' : 'file';
  noteUnread(extras, path, unread);
  return given<MediaPart>({
    type,
    source,
    filename: asText(part['filename']),
    detail: asText(part['detail']),
    cache: extras?.['prompt_cache_breakpoint'] === undefined ? undefined : {},
    extras,
  });
}

function readSource(part: JsonObject): MediaSource | undefined {
  const audio = part['input_audio'];
  if (isObject(audio)) return readAudio(audio);
  const fileId = asText(part['file_id']);
  if (fileId !== undefined) return { kind: 'file-id', id: fileId };
  const data = asText(part['file_data']);
  if (data !== undefined) return readData(data, asText(part['filename']));
  // Some clients nest the address as Chat does.
  const nested = isObject(part['image_url']) ? part['image_url']['url'] : part['image_url'];
  const url = asText(nested) ?? asText(part['file_url']);
  if (url === undefined) return undefined;
  return url.startsWith('data:') ? readData(url, undefined) : { kind: 'url', url };
}

function readAudio(audio: JsonObject): MediaSource | undefined {
  const data = asText(audio['data']);
  if (data === undefined) return undefined;
  const format = asText(audio['format']) ?? 'wav';
  return { kind: 'base64', data, mediaType: format === 'mp3' ? 'audio/mpeg' : `audio/${format}` };
}

function readData(data: string, filename: string | undefined): MediaSource {
  const match = DATA_URL.exec(data);
  if (match)
    return { kind: 'base64', mediaType: match[1] || 'application/octet-stream', data: data.slice(match[0].length) };
  // A data URL that is not base64 is an address like any other; bare base64 is what `file_data` holds by the reference.
  if (data.startsWith('data:')) return { kind: 'url', url: data };
  return { kind: 'base64', mediaType: mediaTypeOf(filename), data };
}

const MEDIA_TYPES: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

function mediaTypeOf(filename: string | undefined): string {
  const extension = filename?.split('.').at(-1)?.toLowerCase() ?? 'pdf';
  return MEDIA_TYPES[extension] ?? 'application/octet-stream';
}

/** The name that a file without one is given; OpenAI wants one beside `file_data`. */
export function filenameFor(mediaType: string): string {
  const known = Object.entries(MEDIA_TYPES).find(([, type]) => type === mediaType);
  return `file.${known?.[0] ?? mediaType.split('/').at(-1) ?? 'bin'}`;
}

/** Extras travel back to the same dialect only; another one must be able to tell that they were left behind. */
function noteUnread(extras: JsonObject | undefined, path: string, unread: string[]): void {
  for (const key of Object.keys(extras ?? {})) {
    if (key !== 'prompt_cache_breakpoint' && key !== 'logprobs') unread.push(`${path}.${key}`);
  }
}
