import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CacheMark, MediaPart, MediaSource, Part, ReasoningPart, RefusalPart, TextPart } from '../request.ts';
import { readString, requireObject, requireString, wrongType } from './check-fields.ts';
import { keepExtras } from './extras.ts';

/** Notes a field that was read past, under its path. */
export type NoteUnread = (path: string) => void;

const TEXT_FIELDS = new Set(['type', 'text', 'cache_control']);
const REFUSAL_FIELDS = new Set(['type', 'refusal']);
const MEDIA_FIELDS = new Set(['type', 'cache_control']);

/** Reads message content: a string, a list of parts, or nothing. The words of Responses parts (`input_text` …) are taken too, as some editors send them here. */
export function readContent(content: Json | undefined, path: string, unread: NoteUnread): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw wrongType(path, 'one of a string or array of objects', content);
  return content.map((part, at) => readPart(part, `${path}[${at}]`, unread));
}

function readPart(part: Json, path: string, unread: NoteUnread): Part {
  if (typeof part === 'string') return { type: 'text', text: part };
  const body = requireObject(part, path);
  const type = requireString(body, 'type', `${path}.type`);
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return readText(body, path, unread);
    case 'refusal':
      return readRefusal(body, path, unread);
    case 'thinking':
      return readThinking(body) ?? opaque(type, body);
    default: {
      const media = readMedia(type, body, path);
      return media ? finishMedia(media, body, type, path, unread) : opaque(type, body);
    }
  }
}

function readRefusal(body: JsonObject, path: string, unread: NoteUnread): RefusalPart {
  const part: RefusalPart = { type: 'refusal', text: requireString(body, 'refusal', `${path}.refusal`) };
  keepExtras(part, body, { outer: REFUSAL_FIELDS }, path, unread);
  return part;
}

function opaque(label: string, value: JsonObject): Part {
  return { type: 'opaque', origin: 'openai-chat', label, value };
}

function readText(body: JsonObject, path: string, unread: NoteUnread): TextPart {
  const part: TextPart = { type: 'text', text: requireString(body, 'text', `${path}.text`) };
  const cache = readCacheMark(body['cache_control']);
  if (cache) part.cache = cache;
  keepExtras(part, body, { outer: TEXT_FIELDS }, path, unread);
  return part;
}

/** Mistral tells reasoning as a content part of text pieces. */
function readThinking(body: JsonObject): ReasoningPart | undefined {
  const { thinking: pieces, ...rest } = body;
  if (typeof pieces === 'string') return { type: 'reasoning', text: pieces, wording: { ...rest, thinking: 'text' } };
  if (!Array.isArray(pieces) || !pieces.every((piece) => isObject(piece) && typeof piece['text'] === 'string')) {
    return undefined;
  }
  const text = pieces.map((piece) => (piece as JsonObject)['text'] as string).join('');
  return { type: 'reasoning', text, wording: rest };
}

function readMedia(type: string, body: JsonObject, path: string): MediaPart | undefined {
  switch (type) {
    case 'image_url':
    case 'input_image':
      return readImage(body, path);
    case 'input_audio':
      return readAudio(body, path);
    case 'video_url': {
      const url = readUrlField(body, 'video_url', path);
      return url === undefined ? undefined : { type: 'video', source: sourceOfUrl(url) };
    }
    case 'file':
    case 'input_file':
      return readFile(type === 'file' ? requireObject(body['file'], `${path}.file`) : body, path);
    case 'document_url': {
      const url = readUrlField(body, 'document_url', path);
      const part: MediaPart | undefined = url === undefined ? undefined : { type: 'file', source: sourceOfUrl(url) };
      const name = readString(body, 'document_name');
      if (part && name !== undefined) part.filename = name;
      return part;
    }
    default:
      return undefined;
  }
}

function readImage(body: JsonObject, path: string): MediaPart | undefined {
  const fileId = body['file_id'];
  const url = readUrlField(body, 'image_url', path);
  if (url === undefined && typeof fileId !== 'string')
    throw new InvalidRequest(`Missing required parameter: '${path}.image_url'.`, `${path}.image_url`);
  const part: MediaPart = {
    type: 'image',
    source: url === undefined ? { kind: 'file-id', id: fileId as string } : sourceOfUrl(url),
  };
  const detail = isObject(body['image_url']) ? body['image_url']['detail'] : body['detail'];
  if (typeof detail === 'string') part.detail = detail;
  return part;
}

/** `{url}` as documented, or the bare string of Mistral and of Responses. */
function readUrlField(body: JsonObject, name: string, path: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  return requireString(requireObject(value, `${path}.${name}`), 'url', `${path}.${name}.url`);
}

function readAudio(body: JsonObject, path: string): MediaPart {
  const audio = requireObject(body['input_audio'], `${path}.input_audio`);
  const data = requireString(audio, 'data', `${path}.input_audio.data`);
  const format = readString(audio, 'format', `${path}.input_audio.format`);
  const mediaType = format === undefined ? undefined : audioMediaType(format);
  if (/^(https?|data):/i.test(data)) {
    const source = sourceOfUrl(data);
    if (mediaType && source.kind === 'url') source.mediaType = mediaType;
    return { type: 'audio', source };
  }
  return { type: 'audio', source: { kind: 'base64', data, mediaType: mediaType ?? 'audio/wav' } };
}

function audioMediaType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}

function readFile(file: JsonObject, path: string): MediaPart | undefined {
  const data = readString(file, 'file_data', `${path}.file.file_data`);
  const id = readString(file, 'file_id', `${path}.file.file_id`);
  const url = readString(file, 'file_url', `${path}.file.file_url`);
  const source = data !== undefined ? sourceOfFileData(data) : id !== undefined ? fileId(id) : url && sourceOfUrl(url);
  if (!source) return undefined;
  const part: MediaPart = { type: 'file', source };
  const filename = readString(file, 'filename', `${path}.file.filename`);
  if (filename !== undefined) part.filename = filename;
  return part;
}

function fileId(id: string): MediaSource {
  return { kind: 'file-id', id };
}

function sourceOfFileData(data: string): MediaSource {
  if (/^(https?|data):/i.test(data)) return sourceOfUrl(data);
  return { kind: 'base64', data, mediaType: 'application/pdf' };
}

/** A data URL becomes its bytes, any other stays an address. */
export function sourceOfUrl(url: string): MediaSource {
  const comma = url.indexOf(',');
  if (!url.startsWith('data:') || comma < 0) return { kind: 'url', url };
  const [mediaType = '', ...parameters] = url.slice(5, comma).split(';');
  const data = url.slice(comma + 1);
  if (parameters.includes('base64')) return { kind: 'base64', data, mediaType };
  return { kind: 'base64', data: Buffer.from(decodeURIComponent(data)).toString('base64'), mediaType };
}

const INNER_FIELDS: Record<string, ReadonlySet<string>> = {
  image_url: new Set(['url', 'detail']),
  input_audio: new Set(['data', 'format']),
  video_url: new Set(['url']),
  document_url: new Set(['url']),
  file: new Set(['file_data', 'file_id', 'filename', 'file_url']),
};

/** Keeps the word of the part where there is a commoner one, and the fields that were read past. */
function finishMedia(part: MediaPart, body: JsonObject, type: string, path: string, unread: NoteUnread): MediaPart {
  const cache = readCacheMark(body['cache_control']);
  if (cache) part.cache = cache;
  if (type === 'document_url') part.wording = { type };
  const inner = INNER_FIELDS[type];
  keepExtras(part, body, { outer: outerFields(type), ...(inner ? { field: type, inner } : {}) }, path, unread);
  return part;
}

function outerFields(type: string): ReadonlySet<string> {
  if (type === 'document_url') return new Set([...MEDIA_FIELDS, type, 'document_name']);
  if (type === 'input_image') return new Set([...MEDIA_FIELDS, 'image_url', 'detail', 'file_id']);
  if (type === 'input_file') return new Set([...MEDIA_FIELDS, ...INNER_FIELDS['file']!]);
  return new Set([...MEDIA_FIELDS, type]);
}

export function readCacheMark(mark: Json | undefined): CacheMark | undefined {
  if (!isObject(mark)) return undefined;
  const ttl = mark['ttl'];
  return ttl === '5m' || ttl === '1h' ? { ttl } : {};
}
