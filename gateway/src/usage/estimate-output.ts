import { type DialectName, dialects, type ModelEvent } from '@xidao/dialects';
import { estimateText, SCRIPTS, scriptOf } from './estimate-tokens.ts';

/** What was kept of a stream that went by. */
export interface Kept {
  /** Its first bytes, from its very beginning. */
  head: Buffer;
  /** Its last bytes; all of it, if there were no more. */
  tail: Buffer;
  /** Of the whole stream. */
  bytes: number;
}

export interface EstimatedOutput {
  tokens: number;
  /** Of the answers that are estimated wrongly in the same way: below `OUTPUT_KINDS`. */
  kind: number;
  /** True: the model had come to its end. */
  isOver: boolean;
}

/** By script, and whether tools were called: their frame is told in few words and written in many tokens. */
export const OUTPUT_KINDS = SCRIPTS * 2;

/** The name, the id and the frame of a tool call. */
const CALL_TOKENS = 8;

/** About how many tokens were written in what went by. Of long streams a part is read, and the rest is taken to be like it. */
export function estimateOutput({ head, tail, bytes }: Kept, dialect: DialectName): EstimatedOutput {
  if (tail.length >= bytes) return weigh(readEvents([], dialect, tail), 1);
  const from = frameBoundary(tail);
  if (from !== undefined) {
    const last = tail.subarray(from);
    const weighed = weigh(readEvents([head, FRAME_END], dialect, last), bytes / last.length);
    if (weighed.tokens > 0) return weighed;
  }
  // Frames of a binary kind, or a block whose beginning is gone: what the first bytes were like, the others are taken to be.
  const first = weigh(readEvents([], dialect, head), bytes / Math.max(1, head.length));
  return { ...first, isOver: false };
}

/** About how many tokens the events of a whole answer are. */
export function weighAnswer(events: readonly ModelEvent[]): EstimatedOutput {
  return weigh(events, 1);
}

function weigh(events: readonly ModelEvent[], times: number): EstimatedOutput {
  let text = '';
  let calls = 0;
  let isOver = false;
  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
      case 'reasoning-delta':
        text += event.text;
        break;
      case 'tool-call-start':
        calls += 1;
        text += event.name;
        break;
      case 'tool-call-delta':
        text += event.arguments;
        break;
      case 'finish':
      case 'end':
        isOver = true;
        break;
      default:
        break;
    }
  }
  const tokens = text === '' && calls === 0 ? 0 : estimateText(text) + CALL_TOKENS * calls;
  return { tokens: Math.ceil(tokens * times), kind: scriptOf(text) * 2 + (calls > 0 ? 1 : 0), isOver };
}

const FRAME_END = Buffer.from('\n\n');

/** Where the first frame begins that is there from its beginning; undefined: these are no lines. */
function frameBoundary(bytes: Buffer): number | undefined {
  for (const mark of ['\n\n', '\r\n\r\n', '\n']) {
    const at = bytes.indexOf(mark);
    if (at !== -1 && at < bytes.length / 2) return at + mark.length;
  }
  return undefined;
}

/** What of the last of these bytes can be read, by a reader that has seen those before it. */
function readEvents(before: readonly Buffer[], dialect: DialectName, last: Buffer): ModelEvent[] {
  const events: ModelEvent[] = [];
  try {
    const reader = dialects[dialect].createReader();
    for (const piece of before) reader.push(piece);
    events.push(...reader.push(last));
    events.push(...reader.finish());
  } catch {
    // A frame that is cut in two is where it ends.
  }
  return events;
}
