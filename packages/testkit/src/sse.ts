import { parseJson } from './json.ts';

/** One server-sent event as the WHATWG standard dispatches it. */
export interface SentEvent {
  /** The name; undefined where the stream gave none. */
  event: string | undefined;
  data: string;
  id: string | undefined;
  /** The data as JSON; undefined where it is none. */
  json: unknown;
}

export interface SentEvents {
  events: SentEvent[];
  /** Comment lines, without the colon. */
  comments: string[];
  /** What came after the last whole event: an event without its empty line is never dispatched. */
  unfinished: string;
}

/** Reads a whole body of server-sent events: any line ends, a byte order mark, comments, data of many lines. */
export function sse(response: { text: string } | string): SentEvents {
  const text = (typeof response === 'string' ? response : response.text).replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const blocks = text.split(/\n\n+/);
  const unfinished = blocks.pop() ?? '';
  const lines = text.split('\n');
  return {
    events: blocks.map(readBlock).filter((event) => event !== undefined),
    comments: lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).trim()),
    unfinished,
  };
}

function readBlock(block: string): SentEvent | undefined {
  const fields = block.split('\n').map((line) => /^([^:]*)(?:: ?(.*))?$/s.exec(line));
  const valuesOf = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []));
  const data = valuesOf('data');
  if (data.length === 0) return undefined;
  const text = data.join('\n');
  return { event: valuesOf('event').at(-1), id: valuesOf('id').at(-1), data: text, json: parseJson(text) };
}
