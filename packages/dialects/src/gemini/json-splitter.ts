/** Cuts JSON text into its objects, whatever way the text arrives: bare, one after the other, or as items of a list. */
export interface JsonSplitter {
  /** The objects that are complete with this text, in order. */
  push(text: string): string[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Reads what Google streams without `alt=sse`: a JSON list of chunks, sent as they are made. */
export function createJsonSplitter(): JsonSplitter {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let held = '';
  return {
    push(text) {
      const objects: string[] = [];
      let from = depth > 0 ? 0 : -1;
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        if (inText) {
          if (escaped) escaped = false;
          else if (unit === BACKSLASH) escaped = true;
          else if (unit === QUOTE) inText = false;
        } else if (unit === QUOTE) {
          inText = depth > 0;
        } else if (unit === OPEN) {
          if (depth++ === 0) from = at;
        } else if (unit === CLOSE && depth > 0 && --depth === 0) {
          objects.push(held + text.slice(from, at + 1));
          held = '';
          from = -1;
        }
      }
      if (from >= 0) held += text.slice(from);
      return objects;
    },
  };
}
