import type { MediaSource } from './request.ts';

/** The source, with the bytes of a `data:` URL taken out of it: no service takes one for an address. */
export function inlined(source: MediaSource): MediaSource {
  if (source.kind !== 'url' || !source.url.startsWith('data:')) return source;
  const [, mediaType, base64, data = ''] = /^data:([^;,]*)(?:;[^;,]*)*?(;base64)?,(.*)$/s.exec(source.url) ?? [];
  const bytes = base64 === undefined ? Buffer.from(decodeURIComponent(data)).toString('base64') : data;
  return { kind: 'base64', data: bytes, mediaType: mediaType || source.mediaType || 'text/plain' };
}
