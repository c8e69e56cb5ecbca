import type { Call } from '../core/call.ts';
import { estimateText } from './estimate-tokens.ts';

/** Read at most, in bytes: 4 µs a kilobyte is not spent on a whole book. What comes after is taken to be like it. */
const MOST_READ = 64 * 1024;
/** The braces and keys of a JSON body that no model reads. */
const SHARE_OF_CONTENT = 0.92;
/** Media inside a body: base64 is no text, and a picture costs about this much whatever its size. */
const MEDIA = /[A-Za-z0-9+/]{1024,}={0,2}/g;
const MEDIA_TOKENS = 1_000;

/** About how many tokens the body of a call is, without parsing it. */
export function estimateInput({ bytes }: Call): number {
  const read = bytes.toString('utf8', 0, Math.min(bytes.length, MOST_READ));
  let media = 0;
  const text =
    read.length < 1024
      ? read
      : read.replace(MEDIA, () => {
          media += 1;
          return '';
        });
  const tokens = estimateText(text);
  // A body that is mostly one picture goes on as the picture, not as text.
  const unread = media > 0 ? 0 : Math.max(0, bytes.length - MOST_READ);
  return Math.ceil((tokens + (unread * tokens) / Math.max(1, text.length)) * SHARE_OF_CONTENT) + media * MEDIA_TOKENS;
}
