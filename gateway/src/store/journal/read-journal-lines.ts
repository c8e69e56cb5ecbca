import { open } from 'node:fs/promises';

/** Whole lines of a file: where they begin and end, in bytes, and where each one ends. */
export interface JournalLines {
  from: number;
  to: number;
  texts: string[];
  ends: number[];
}

/** What is booked in one transaction: some 15 ms, in which others wait. Sums are written once in each, so that small ones are dear. */
const MOST_LINES = 1_000;
const CHUNK_BYTES = 1024 * 1024;
const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The next whole lines from an offset on, at most 1,000. Undefined: there is none, or the last one has no end yet. */
export async function readJournalLines(file: string, from: number): Promise<JournalLines | undefined> {
  const handle = await open(file, 'r');
  try {
    for (let size = CHUNK_BYTES; ; size *= 4) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, from);
      const lines = splitLines(buffer.subarray(0, bytesRead), from);
      if (lines !== undefined) return lines;
      if (bytesRead < size || size > LONGEST_LINE) return undefined;
    }
  } finally {
    await handle.close();
  }
}

function splitLines(bytes: Buffer, from: number): JournalLines | undefined {
  const texts: string[] = [];
  const ends: number[] = [];
  let start = 0;
  while (texts.length < MOST_LINES) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) break;
    texts.push(bytes.toString('utf8', start, end));
    start = end + 1;
    ends.push(from + start);
  }
  return texts.length === 0 ? undefined : { from, to: from + start, texts, ends };
}
