import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  /** The `event:` line; absent when there was none. */
  event?: string;
  data: string;
}

export interface SseReader {
  push(bytes: Uint8Array): ServerSentEvent[];
  /** The bytes are over: gives a last event whose blank line never came. */
  finish(): ServerSentEvent[];
}

/** Reads server-sent events from bytes cut anywhere: inside a character, a line, an event. Takes CR, LF, CRLF, comments and a BOM. */
export function createSseReader(): SseReader {
  let events: ServerSentEvent[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }),
  });
  const taken = () => {
    const read = events;
    events = [];
    return read;
  };
  return {
    push(bytes) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      return taken();
    },
    finish() {
      // Some hosts close right after the last line. The specification drops such an event; a gateway that dropped it would lose the usage.
      parser.feed(`${decoder.decode()}\n\n`);
      return taken();
    },
  };
}

/** One event as a frame. `data` must hold no line break, which JSON text never does. */
export function sseFrame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
