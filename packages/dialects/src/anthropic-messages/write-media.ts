import { inlined } from '../inline-media.ts';
import type { JsonObject } from '../json.ts';
import type { MediaPart, MediaSource } from '../request.ts';
import type { WriteJob } from './write-job.ts';

const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const PDF = 'application/pdf';
const TEXT_TYPES = /^(text\/|application\/(json|xml|yaml|x-yaml|javascript|x-ndjson|toml)\b)/;

/** The block for an image or a document; undefined (and a line in the receipt) for what this dialect cannot take. */
export function writeMedia(part: MediaPart, path: string, job: WriteJob): JsonObject | undefined {
  const { search_result: searchResult, source: ownSource, ...extras } = job.isOwn ? (part.extras ?? {}) : {};
  if (searchResult !== undefined) return { ...(searchResult as JsonObject) };

  const source = ownSource ?? writeSource(part, job);
  if (source === undefined) {
    job.drop(`${path} (${describe(part)})`);
    return undefined;
  }
  if (part.detail !== undefined && part.detail !== 'auto') job.drop(`${path} detail ${part.detail}`);
  if (part.type === 'image') return { type: 'image', source, ...extras };
  return { type: 'document', source, ...(part.filename === undefined ? {} : { title: part.filename }), ...extras };
}

function writeSource(part: MediaPart, job: WriteJob): JsonObject | undefined {
  const source = inlined(part.source);
  if (source.kind === 'file-id') return job.isOwn ? { type: 'file', file_id: source.id } : undefined;
  if (source.kind === 'url' && job.traits.takesMediaUrls === false) return undefined;
  if (part.type === 'image') return writeImageSource(source, job.isOwn);
  return part.type === 'file' ? writeDocumentSource(source) : undefined;
}

function writeImageSource(source: MediaSource, isOwn: boolean): JsonObject | undefined {
  if (source.kind === 'url') return { type: 'url', url: source.url };
  if (source.kind !== 'base64') return undefined;
  const mediaType = source.mediaType === 'image/jpg' ? 'image/jpeg' : source.mediaType;
  if (!isOwn && !IMAGE_TYPES.has(mediaType)) return undefined;
  return { type: 'base64', media_type: mediaType, data: source.data };
}

function writeDocumentSource(source: MediaSource): JsonObject | undefined {
  if (source.kind === 'text') {
    return { type: 'text', media_type: source.mediaType ?? 'text/plain', data: source.text };
  }
  if (source.kind === 'url') {
    const isPdf = source.mediaType === undefined || source.mediaType === PDF;
    return isPdf ? { type: 'url', url: source.url } : undefined;
  }
  if (source.kind !== 'base64') return undefined;
  if (source.mediaType === PDF) return { type: 'base64', media_type: PDF, data: source.data };
  if (!TEXT_TYPES.test(source.mediaType)) return undefined;
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString() };
}

function describe(part: MediaPart): string {
  const { source } = part;
  if (source.kind === 'file-id') return `${part.type} by file id`;
  if (source.kind === 'url') return `${part.type} by URL`;
  return source.mediaType === undefined ? part.type : `${part.type} ${source.mediaType}`;
}
