import { inlined } from '../inline-media.ts';
import type { JsonObject } from '../json.ts';
import type { MediaPart, MediaSource } from '../request.ts';
import { formatOf } from './formats.ts';
import type { WriteJob } from './write-job.ts';

const BLOCK_NAMES = { image: 'image', file: 'document', video: 'video', audio: 'audio' } as const;
const LONGEST_NAME = 200;

/** The block for a medium; undefined (and a line in the receipt) for what this API cannot take. Media come inline, or from S3. */
export function writeMedia(part: MediaPart, path: string, job: WriteJob): JsonObject | undefined {
  if (job.isOwn) return writeOwn(part);
  const source = inlined(part.source);
  const format = formatFor(part, source);
  const written = writeSource(source);
  if (format === undefined || written === undefined) {
    job.drop(`${path} (${describe(part)})`);
    return undefined;
  }
  if (part.detail !== undefined && part.detail !== 'auto') job.drop(`${path} detail ${part.detail}`);
  const name = BLOCK_NAMES[part.type];
  if (part.type !== 'file') return { [name]: { format, source: written } };
  return { [name]: { format, name: documentName(part.filename, format, job), source: written } };
}

function writeOwn(part: MediaPart): JsonObject | undefined {
  const { searchResult, guardContent: _guarded, format: ownFormat, source: ownSource, ...extras } = part.extras ?? {};
  if (searchResult !== undefined) return { searchResult };
  const source = ownSource ?? writeSource(inlined(part.source));
  if (source === undefined) return undefined;
  const format =
    ownFormat ?? (part.source.mediaType === undefined ? undefined : formatOf(part.type, part.source.mediaType));
  return {
    [BLOCK_NAMES[part.type]]: {
      ...(format === undefined ? {} : { format }),
      ...(part.filename === undefined ? {} : { name: part.filename }),
      source,
      ...extras,
    },
  };
}

function writeSource(source: MediaSource): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { bytes: source.data };
    case 'text':
      return { text: source.text };
    case 'file-id':
      return source.id.startsWith('s3://') ? { s3Location: { uri: source.id } } : undefined;
    case 'url':
      return source.url.startsWith('s3://') ? { s3Location: { uri: source.url } } : undefined;
  }
}

function formatFor(part: MediaPart, source: MediaSource): string | undefined {
  if (source.mediaType !== undefined && source.mediaType !== 'application/octet-stream') {
    return formatOf(part.type, source.mediaType);
  }
  if (source.kind === 'text') return 'txt';
  const name = source.kind === 'url' ? source.url : source.kind === 'file-id' ? source.id : part.filename;
  return formatOfName(part, name ?? part.filename ?? '');
}

function formatOfName(part: MediaPart, name: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  const known: Record<string, string> = { jpg: 'jpeg', htm: 'html', '3gp': 'three_gp' };
  const format = known[extension] ?? extension;
  return FORMAT_OF_KIND[part.type].has(format) ? format : undefined;
}

const FORMAT_OF_KIND = {
  image: new Set(['png', 'jpeg', 'gif', 'webp']),
  file: new Set(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
  video: new Set(['mp4', 'mov', 'mkv', 'webm', 'flv', 'mpeg', 'mpg', 'wmv', 'three_gp']),
  audio: new Set(['mp3', 'wav', 'flac', 'ogg', 'opus', 'aac', 'm4a', 'mp4', 'webm']),
};

/** A name that the API takes and that no other document of the request has, as it refuses both. */
function documentName(filename: string | undefined, format: string, job: WriteJob): string {
  // The format says what the ending said, and a name may hold no dot.
  const bare = filename?.replace(new RegExp(`\\.${format}$`, 'i'), '');
  const legal = (bare ?? '')
    .replace(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .slice(0, LONGEST_NAME)
    .trim();
  const wanted = legal === '' ? 'document' : legal;
  let name = wanted;
  for (let count = 2; job.documentNames.has(name); count += 1) name = `${wanted} (${count})`;
  job.documentNames.add(name);
  if (bare !== undefined && name !== bare) job.change(`filename ${filename}→${name}`);
  return name;
}

function describe({ type, source }: MediaPart): string {
  if (source.kind === 'file-id') return `${type} by file id`;
  if (source.kind === 'url') return `${type} by URL`;
  return source.mediaType === undefined ? type : `${type} ${source.mediaType}`;
}
