import type { ModelEvent } from '../events.ts';
import { isObject, type JsonObject } from '../json.ts';
import { sourceOfUrl } from './read-parts.ts';

export interface MediaReader {
  /** `beforeImage` is called when an image stands between what came before and what comes. */
  read(delta: JsonObject, beforeImage: () => void, into: ModelEvent[]): void;
  /** Tells the sound, which comes in pieces and is one whole only at the end. */
  close(into: ModelEvent[]): void;
}

interface Sound {
  id?: string;
  pieces: Buffer[];
  transcript: string;
  expiresAtSeconds?: number;
}

/** Reads what the model made besides text: `images` (OpenRouter) and `audio` (OpenAI). */
export function createMediaReader(choice: number, nextBlock: () => number): MediaReader {
  let sound: Sound | undefined;

  const readSound = ({ id, data, transcript, expires_at: expires }: JsonObject) => {
    sound ??= { pieces: [], transcript: '' };
    if (typeof id === 'string') sound.id = id;
    // Each piece is base64 of its own: padding may stand at its end.
    if (typeof data === 'string') sound.pieces.push(Buffer.from(data, 'base64'));
    if (typeof transcript === 'string') sound.transcript += transcript;
    if (typeof expires === 'number') sound.expiresAtSeconds = expires;
  };

  return {
    read(delta, beforeImage, into) {
      if (isObject(delta['audio'])) readSound(delta['audio']);
      if (!Array.isArray(delta['images'])) return;
      for (const item of delta['images']) {
        const url = isObject(item) && isObject(item['image_url']) ? item['image_url']['url'] : undefined;
        if (typeof url !== 'string') continue;
        beforeImage();
        const source = sourceOfUrl(url);
        const where = source.kind === 'base64' ? { data: source.data, mediaType: source.mediaType } : { url };
        into.push({ type: 'media', choice, block: nextBlock(), kind: 'image', ...where });
      }
    },
    close(into) {
      if (!sound) return;
      const { id, pieces, transcript, expiresAtSeconds } = sound;
      sound = undefined;
      into.push({
        type: 'media',
        choice,
        block: nextBlock(),
        kind: 'audio',
        ...(pieces.length > 0 ? { data: Buffer.concat(pieces).toString('base64') } : {}),
        ...(id === undefined ? {} : { id }),
        ...(transcript === '' ? {} : { transcript }),
        ...(expiresAtSeconds === undefined ? {} : { expiresAtSeconds }),
      });
    },
  };
}
