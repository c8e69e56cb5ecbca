import type { DialectName, Json, MediaPart, ModelRequest, Part } from '@xidao/dialects';
import { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/target.ts';
import { type MediaFetcher, MediaRefused } from './fetch-media.ts';
import { type FetchedMedia, typeOfFetched } from './media-type.ts';

export interface InlineDeps {
  media: MediaFetcher;
  target: Target;
  /** The client's own body: for the place of what cannot be fetched. */
  body: () => Json;
  onGone: (leave: () => void) => () => void;
}

/** At once for one call. */
const MOST_AT_ONCE = 4;
/** All media of one call together. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The request with every part that stands at an http address fetched and put inline as base64, also those inside tool results. Throws `image_fetch_failed` with the place in the
 * client's body for whatever cannot be had: media never goes missing in silence.
 */
export async function inlineMedia(request: ModelRequest, deps: InlineDeps): Promise<ModelRequest> {
  const parts = request.messages.flatMap((message) => [...mediaToFetch(message.parts, deps.target)]);
  if (parts.length === 0) return request;
  const fetched = await fetchAll(parts, deps);
  const inline = (part: Part): Part => {
    if (part.type === 'tool-result') return { ...part, parts: part.parts.map(inline) };
    return fetched.get(part as MediaPart) ?? part;
  };
  return {
    ...request,
    messages: request.messages.map((message) => ({ ...message, parts: message.parts.map(inline) })),
  };
}

type PartAtUrl = MediaPart & { source: { kind: 'url' } };

/** What a dialect has no address for, whatever the host behind it takes. */
const ALWAYS_INLINE: Partial<Record<DialectName, ReadonlySet<MediaPart['type']>>> = {
  'openai-chat': new Set(['file', 'audio']),
};

function* mediaToFetch(parts: readonly Part[], target: Target): Generator<PartAtUrl> {
  for (const part of parts) {
    if (part.type === 'tool-result') yield* mediaToFetch(part.parts, target);
    else if (isAtUrl(part) && mustBeInline(part, target)) yield part;
  }
}

function isAtUrl(part: Part): part is PartAtUrl {
  return 'source' in part && part.source.kind === 'url';
}

function mustBeInline({ type, source: { url } }: PartAtUrl, { dialect, traits, preset }: Target): boolean {
  // `data:` is inline already, and stores of a cloud open for their own provider alone: the dialect's writer knows what to do with both.
  if (/^(?:data|gs|s3):/i.test(url)) return false;
  if (traits.takesMediaUrls === false) return preset.opensMediaAt?.test(url) !== true;
  return ALWAYS_INLINE[dialect]?.has(type) === true;
}

async function fetchAll(parts: readonly PartAtUrl[], deps: InlineDeps): Promise<Map<MediaPart, MediaPart>> {
  const gone = new AbortController();
  const stay = deps.onGone(() => gone.abort());
  const byUrl = new Map<string, Promise<FetchedMedia>>();
  const inline = new Map<MediaPart, MediaPart>();
  let bytes = 0;
  const rest = parts[Symbol.iterator]();
  const row = async () => {
    for (const part of rest) {
      const { url } = part.source;
      const isFirst = !byUrl.has(url);
      if (isFirst) byUrl.set(url, deps.media.fetch(url, gone.signal));
      try {
        const media = await byUrl.get(url)!;
        if (isFirst) bytes += media.bytes;
        if (bytes > MOST_BYTES) throw new MediaRefused('the media of this call are too large together');
        inline.set(part, inlined(part, media));
      } catch (error) {
        throw refusal(error, part, deps.body());
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, row));
  } finally {
    // What is still under way when one has failed is of no more use.
    gone.abort();
    stay();
    await Promise.allSettled(byUrl.values());
  }
  return inline;
}

function inlined(part: PartAtUrl, media: FetchedMedia): MediaPart {
  const type = typeOfFetched(media, part);
  if ('refusal' in type) throw new MediaRefused(type.refusal);
  return { ...part, source: { kind: 'base64', data: media.data, mediaType: type.mediaType } };
}

function refusal(error: unknown, part: PartAtUrl, body: Json): unknown {
  if (!(error instanceof MediaRefused)) return error;
  const { url } = part.source;
  const param = pathOfText(body, url);
  return new GatewayError(
    'image_fetch_failed',
    `The ${part.type} at ${shown(url)} could not be fetched: ${error.message}. This model does not open addresses itself; send the ${part.type} inline as base64 instead.`,
    { ...(param !== undefined && { param }), cause: error },
  );
}

/** Without query and credentials: signed addresses are secrets. */
function shown(url: string): string {
  if (!URL.canParse(url)) return JSON.stringify(url.slice(0, 100));
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.slice(0, 300);
}

/** Where a text stands in a document: `messages[0].content[1].image_url.url`. */
function pathOfText(value: Json | undefined, text: string): string | undefined {
  if (value === text) return '';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOfText(inner, text);
    if (path === undefined) continue;
    const step = Array.isArray(value) ? `[${key}]` : key;
    return path === '' || path.startsWith('[') ? step + path : `${step}.${path}`;
  }
  return undefined;
}
