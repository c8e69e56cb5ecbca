import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { MediaPart, MediaSource } from '../request.ts';
import { joinTexts } from './citations.ts';
import { type MediaKind, mediaTypeOf } from './formats.ts';

const KINDS: [string, MediaKind][] = [
  ['image', 'image'],
  ['document', 'file'],
  ['video', 'video'],
  ['audio', 'audio'],
];

/** The part for an `image`, `document`, `video` or `audio` block; undefined for any other, and for a source of a kind not known. */
export function readMedia(block: JsonObject, path: string, unread: string[]): MediaPart | undefined {
  for (const [name, type] of KINDS) {
    const value = block[name];
    if (isObject(value)) return readMediumOf(type, value, `${path}.${name}`, unread);
  }
  return undefined;
}

function readMediumOf(type: MediaKind, value: JsonObject, path: string, unread: string[]): MediaPart | undefined {
  const { format, source: saidSource, name, ...extras } = value;
  const mediaType = typeof format === 'string' ? mediaTypeOf(type, format) : undefined;
  const source = isObject(saidSource) ? readSource(saidSource, mediaType) : undefined;
  if (source === undefined) return undefined;
  const part: MediaPart = { type, source };
  if (typeof name === 'string') part.filename = name;
  unread.push(...Object.keys(extras).map((key) => `${path}.${key}`));
  // A format without a media type, and a source that says more than the model has a place for, are told as they came.
  if (mediaType === undefined && format !== undefined) extras['format'] = format;
  if (isObject(saidSource) && (saidSource['content'] !== undefined || hasOwner(saidSource)))
    extras['source'] = saidSource;
  if (Object.keys(extras).length > 0) part.extras = extras;
  return part;
}

function readSource(source: JsonObject, mediaType: string | undefined): MediaSource | undefined {
  const { bytes, text, content, s3Location } = source;
  const typed = mediaType === undefined ? {} : { mediaType };
  if (typeof bytes === 'string') {
    return { kind: 'base64', data: bytes, mediaType: mediaType ?? 'application/octet-stream' };
  }
  if (typeof text === 'string') return { kind: 'text', text, ...typed };
  if (Array.isArray(content)) return { kind: 'text', text: joinTexts(content, '\n'), ...typed };
  // An object in the client's own bucket: nobody else may read it, so it is a file by name and not a URL.
  if (isObject(s3Location) && typeof s3Location['uri'] === 'string') {
    return { kind: 'file-id', id: s3Location['uri'], ...typed };
  }
  return undefined;
}

function hasOwner({ s3Location }: JsonObject): boolean {
  return isObject(s3Location) && Object.keys(s3Location).some((key) => key !== 'uri');
}
