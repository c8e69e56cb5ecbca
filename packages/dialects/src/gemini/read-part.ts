import { isObject, type JsonObject } from '../json.ts';
import type { MediaPart, MediaSource, Part, ReasoningPart } from '../request.ts';
import { defined, objectOf, textOf } from './fields.ts';
import { readSignature } from './signature.ts';

const TEXT_FIELDS = new Set(['text', 'thought', 'thoughtSignature']);
const MEDIA_FIELDS = new Set(['inlineData', 'fileData']);
const FILE_FIELDS = new Set(['mimeType', 'data', 'fileUri', 'displayName']);

/** Reads a part that is neither a call nor its result. Nothing for a part without content. */
export function readPlainPart(part: JsonObject, path: string, unread: string[]): Part[] {
  const file = objectOf(part['inlineData']) ?? objectOf(part['fileData']);
  if (file !== undefined) return [readMedia(part, file, path, unread)];
  const text = textOf(part['text']);
  if (text === undefined) return readOther(part);
  const signature = textOf(part['thoughtSignature']);
  const extras = keepExtras(part, TEXT_FIELDS, path, unread);
  if (part['thought'] === true) return [{ ...readThought(text, signature), ...extras }];
  return [{ type: 'text', text, ...(signature === undefined ? undefined : { signature }), ...extras }];
}

function readThought(text: string, signature: string | undefined): ReasoningPart {
  const part: ReasoningPart = { type: 'reasoning' };
  if (text !== '') part.text = text;
  return signature === undefined ? part : Object.assign(part, readSignature(signature));
}

/** Code and its result, calls of Google's own tools, and what is not known yet: kept whole for Gemini alone. */
function readOther(part: JsonObject): Part[] {
  const label = Object.keys(part).find((key) => isObject(part[key])) ?? Object.keys(part)[0];
  return label === undefined ? [] : [{ type: 'opaque', origin: 'gemini', label, value: part }];
}

function readMedia(part: JsonObject, file: JsonObject, path: string, unread: string[]): MediaPart {
  const field = part['inlineData'] === undefined ? 'fileData' : 'inlineData';
  const { extras: wording } = keepExtras(file, FILE_FIELDS, `${path}.${field}`, unread);
  const source = sourceOf(file);
  return defined({
    type: kindOfMedia(source.mediaType, source.kind === 'url' ? source.url : ''),
    source,
    filename: textOf(file['displayName']),
    ...keepExtras(part, MEDIA_FIELDS, path, unread),
    wording,
  });
}

function sourceOf(file: JsonObject): MediaSource {
  const mediaType = textOf(file['mimeType']);
  const uri = textOf(file['fileUri']);
  if (uri === undefined) {
    return { kind: 'base64', data: textOf(file['data']) ?? '', mediaType: mediaType ?? 'application/octet-stream' };
  }
  // Files of the Files API and of Cloud Storage open for Google alone.
  const isGoogles = uri.startsWith('gs://') || /^files\/|\/v\d\w*\/files\//.test(uri);
  return isGoogles ? defined({ kind: 'file-id', id: uri, mediaType }) : defined({ kind: 'url', url: uri, mediaType });
}

/** What a media type is; a video site's address comes without one. */
export function kindOfMedia(mediaType: string | undefined, url = ''): MediaPart['type'] {
  const kind = mediaType?.split('/')[0];
  if (kind === 'image' || kind === 'audio' || kind === 'video') return kind;
  return mediaType === undefined && /youtube\.com|youtu\.be/.test(url) ? 'video' : 'file';
}

/** The fields that are not among those read: kept as `extras` for Gemini, and named for every other. */
export function keepExtras(
  fields: JsonObject,
  read: ReadonlySet<string>,
  path: string,
  unread: string[],
): { extras?: JsonObject } {
  const extras = Object.entries(fields).filter(([key]) => !read.has(key));
  unread.push(...extras.map(([key]) => `${path}.${key}`));
  return extras.length === 0 ? {} : { extras: Object.fromEntries(extras) };
}
