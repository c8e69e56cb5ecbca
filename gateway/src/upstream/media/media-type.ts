import type { MediaPart } from '@xidao/dialects';

/** What was fetched from an address. */
export interface FetchedMedia {
  /** Base64. */
  data: string;
  bytes: number;
  /** The media type that the host told, without parameters. */
  told: string | undefined;
  /** The media type that the first bytes show. */
  seen: string | undefined;
}

/** Types that say nothing about the content. */
const VAGUE = new Set(['application/octet-stream', 'binary/octet-stream', 'application/x-download', 'text/plain']);
/** Types whose files begin with a known mark, so that their absence shows a false word. */
const MARKED = new Set(['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp', 'application/pdf']);

/** The media type that the first bytes show: images and PDF by their marks. */
export function seenType(bytes: Buffer): string | undefined {
  const ascii = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (ascii(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (/^GIF8[79]a/.test(ascii(0, 6))) return 'image/gif';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'image/webp';
  if (ascii(4, 8) === 'ftyp') return BRANDS[ascii(8, 12)];
  // PDF readers allow some bytes before the mark (ISO 32000-1, annex H.3.4.1).
  return ascii(0, 1024).includes('%PDF-') ? 'application/pdf' : undefined;
}

const BRANDS: Record<string, string> = {
  avif: 'image/avif',
  heic: 'image/heic',
  heix: 'image/heic',
  mif1: 'image/heif',
};

/** The type of what was fetched for a part. A string with a reason: it is not what the part says it is. */
export function typeOfFetched(
  { told, seen }: FetchedMedia,
  part: MediaPart,
): { mediaType: string } | { refusal: string } {
  const claimed = told !== undefined && !VAGUE.has(told) ? told : (part.source.mediaType ?? told);
  if (seen === undefined && claimed !== undefined && MARKED.has(claimed))
    return { refusal: `its host calls it ${claimed}, but its bytes are something else` };
  const mediaType = seen ?? claimed;
  if (part.type === 'image' && !mediaType?.startsWith('image/'))
    return { refusal: `it is no image but ${mediaType ?? 'something without a type'}` };
  if (mediaType === undefined) return { refusal: 'its host does not tell what it is (no content-type)' };
  return { mediaType };
}
