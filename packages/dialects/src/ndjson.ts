/** Newline-delimited JSON, the framing of hosts that stream one object to the line. */

export interface LineReader {
  push(bytes: Uint8Array): string[];
  /** The bytes are over: gives a last line that was never ended. */
  finish(): string[];
}

/** Reads lines from bytes cut anywhere: inside a character, a line, a CRLF. Empty lines are left out. */
export function createLineReader(): LineReader {
  const decoder = new TextDecoder();
  let open = '';
  const isFull = (line: string) => line.trim() !== '';
  return {
    push(bytes) {
      const lines = (open + decoder.decode(bytes, { stream: true })).split('\n');
      open = lines.pop() ?? '';
      return lines.filter(isFull);
    },
    finish() {
      const rest = open + decoder.decode();
      open = '';
      return [rest].filter(isFull);
    },
  };
}

/** One object as a line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
