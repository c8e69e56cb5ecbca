import type { Call } from '../core/call.ts';
import { estimateText, SCRIPTS, scriptOf } from './estimate-tokens.ts';

/** Read at most, in bytes: 4 µs a kilobyte is not spent on a whole book. What comes after is taken to be like it. */
const MOST_READ = 64 * 1024;
/** The braces and keys of a JSON body that no model reads. */
const SHARE_OF_CONTENT = 0.92;
/** Media inside a body: base64 is no text, and a picture costs about this much whatever its size. */
const MEDIA = /[A-Za-z0-9+/]{1024,}={0,2}/g;
const MEDIA_TOKENS = 1_000;
/** What stands beside base64 in every dialect. Searching for these is thirty times as quick as for the media themselves. */
const SIGNS_OF_MEDIA = ['base64', '"data"', '"bytes"'];
/** JSON as some clients write it, with every character beyond ASCII escaped. */
const ESCAPED = /\\u([\da-fA-F]{4})/g;

export interface EstimatedInput {
  tokens: number;
  /** Of the prompts that are estimated wrongly in the same way: below `INPUT_KINDS`. */
  kind: number;
  /** True: it holds a picture or the like, whose tokens are not told by its bytes. */
  hasMedia: boolean;
}

/** By script, and whether tools come with it: providers add instructions of their own to these. */
export const INPUT_KINDS = SCRIPTS * 2;

/** About how many tokens the body of a call is, without parsing it. */
export function estimateInput({ bytes }: Pick<Call, 'bytes'>): EstimatedInput {
  const read = bytes.toString('utf8', 0, Math.min(bytes.length, MOST_READ));
  let media = 0;
  const said =
    read.length < 1024 || !SIGNS_OF_MEDIA.some((sign) => read.includes(sign))
      ? read
      : read.replace(MEDIA, () => {
          media += 1;
          return '';
        });
  const text = said.includes('\\u')
    ? said.replace(ESCAPED, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    : said;
  const tokens = estimateText(text);
  // A body that is mostly one picture goes on as the picture, not as text.
  const unread = media > 0 ? 0 : Math.max(0, bytes.length - MOST_READ);
  const all = Math.ceil((tokens + (unread * tokens) / Math.max(1, said.length)) * SHARE_OF_CONTENT);
  return {
    tokens: all + media * MEDIA_TOKENS,
    kind: scriptOf(text) * 2 + (bytes.includes('"tools"') ? 1 : 0),
    hasMedia: media > 0 || text.includes('"image'),
  };
}
