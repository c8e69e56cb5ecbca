import type { FetchedMedia } from './media-type.ts';

export interface MediaCache {
  get(url: string): FetchedMedia | undefined;
  put(url: string, media: FetchedMedia): void;
}

/** Remembers what was fetched lately, by address: a conversation brings its images again with every turn. The least used goes first. */
export function createMediaCache({
  mostBytes,
  lifetimeMs,
  now,
}: {
  mostBytes: number;
  lifetimeMs: number;
  /** Milliseconds, monotonic. */
  now: () => number;
}): MediaCache {
  const entries = new Map<string, { media: FetchedMedia; until: number }>();
  let held = 0;

  function forget(url: string): void {
    held -= entries.get(url)?.media.data.length ?? 0;
    entries.delete(url);
  }

  return {
    get(url) {
      const entry = entries.get(url);
      if (entry === undefined) return undefined;
      entries.delete(url);
      entries.set(url, entry);
      if (entry.until > now()) return entry.media;
      forget(url);
      return undefined;
    },
    put(url, media) {
      forget(url);
      if (media.data.length > mostBytes / 2) return;
      entries.set(url, { media, until: now() + lifetimeMs });
      held += media.data.length;
      for (const oldest of entries.keys()) {
        if (held <= mostBytes) break;
        forget(oldest);
      }
    },
  };
}
