/** The short names by which Converse calls the formats of media, and the media types of everyone else. */

const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

const DOCUMENTS: Record<string, string> = {
  pdf: 'application/pdf',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  html: 'text/html',
  txt: 'text/plain',
  md: 'text/markdown',
};

const VIDEOS: Record<string, string> = {
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  flv: 'video/x-flv',
  mpeg: 'video/mpeg',
  mpg: 'video/mpg',
  wmv: 'video/x-ms-wmv',
  three_gp: 'video/3gpp',
};

const AUDIOS: Record<string, string> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  'x-aac': 'audio/x-aac',
  m4a: 'audio/m4a',
  mp4: 'audio/mp4',
  webm: 'audio/webm',
  mka: 'audio/x-matroska',
  mkv: 'audio/x-mkv',
  mpeg: 'audio/x-mpeg',
  mpga: 'audio/mpga',
  pcm: 'audio/pcm',
};

const BY_KIND = { image: IMAGES, file: DOCUMENTS, video: VIDEOS, audio: AUDIOS };
export type MediaKind = keyof typeof BY_KIND;

const OTHER_NAMES: Record<string, string> = {
  'image/jpg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'text/x-markdown': 'text/markdown',
};

const TEXT_TYPES = /^(text\/|application\/(json|xml|yaml|x-yaml|javascript|x-ndjson|toml)\b)/;

export function mediaTypeOf(kind: MediaKind, format: string): string | undefined {
  return BY_KIND[kind][format];
}

/** The format for a media type; undefined for one that Converse has no word for. Texts of every type are `txt`. */
export function formatOf(kind: MediaKind, mediaType: string): string | undefined {
  const bare = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  const known = OTHER_NAMES[bare] ?? bare;
  const format = Object.entries(BY_KIND[kind]).find(([, type]) => type === known)?.[0];
  if (format !== undefined || kind !== 'file') return format;
  return TEXT_TYPES.test(known) ? 'txt' : undefined;
}
