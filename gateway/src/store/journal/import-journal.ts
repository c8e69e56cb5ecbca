import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type JournalEntry, readJournalLine } from '../../usage/journal-line.ts';
import { Elsewhere, type JournalBook } from './book-entries.ts';
import { type JournalLines, readJournalLines } from './read-journal-lines.ts';

export interface ImportSettings {
  book: JournalBook;
  /** Where the journal's files lie. */
  folder: string;
  /** Whose they are: several nodes book into one database, each its own journal. */
  journal: string;
  /** Whether an error says that the entry is unfit, not that the database is unwell. */
  isUnfit: (error: unknown) => boolean;
  /** Told of a line that cannot be booked, and is left in the file. */
  onUnfit: (place: { file: string; offset: number }, why: string) => void;
}

export interface Progress {
  /** Calls that were read; one that was booked before counts too. */
  calls: number;
  /** Bytes of the journal that are not booked yet; a torn line at its end is among them. */
  behindBytes: number;
}

export interface JournalImport {
  /**
   * Books what the journal holds beyond what is booked. Throws what the database, or the disk, stopped it with; what was booked
   * until then stays. Before each further stretch `rest` is waited for; it is told
   * when the last call that was booked was over (0: the stretch before held none).
   */
  run(rest?: (untilMs: number) => Promise<void> | void): Promise<Progress>;
  /** Removes files that are booked to their end and whose day is before this one (`2026-11-20`). Gives their names. */
  removeBefore(day: string): Promise<string[]>;
}

/** Reads a journal into a database. It can be stopped anywhere, `kill -9` included, and goes on where it was. */
export function createJournalImport({ book, folder, journal, isUnfit, onUnfit }: ImportSettings): JournalImport {
  async function bookLines(file: string, lines: JournalLines): Promise<Booked> {
    const { from, to } = lines;
    const entries = lines.texts.map(readJournalLine).filter((entry) => entry !== undefined);
    try {
      await book.book({ journal, file, from, to, entries });
      return { calls: entries.length, untilMs: endOf(entries.at(-1)) };
    } catch (error) {
      if (!isUnfit(error)) throw error;
      if (lines.texts.length > 1) {
        const [first, second] = halve(lines);
        const [one, other] = [await bookLines(file, first), await bookLines(file, second)];
        return { calls: one.calls + other.calls, untilMs: Math.max(one.untilMs, other.untilMs) };
      }
      onUnfit({ file, offset: from }, (error as Error).message);
      await book.book({ journal, file, from, to, entries: [] });
      return { calls: 0, untilMs: 0 };
    }
  }

  async function bookFile(file: string, offset: number, rest: (untilMs: number) => unknown): Promise<Progress> {
    let [at, calls] = [offset, 0];
    let untilMs: number | undefined;
    const place = path.join(folder, file);
    for (;;) {
      const lines = await readJournalLines(place, at);
      if (lines === undefined) return { calls, behindBytes: (await sizeOf(place)) - at };
      try {
        if (untilMs !== undefined) await rest(untilMs);
        const booked = await bookLines(file, lines);
        calls += booked.calls;
        untilMs = booked.untilMs;
      } catch (error) {
        // Two gateways with one data folder: the other one was faster.
        if (error instanceof Elsewhere) return { calls, behindBytes: 0 };
        throw error;
      }
      at = lines.to;
    }
  }

  return {
    async run(rest = () => {}) {
      const progress = { calls: 0, behindBytes: 0 };
      const files = await journalFiles(folder);
      if (files.length === 0) return progress;
      const offsets = await book.offsets(journal);
      for (const file of files) {
        const offset = offsets.get(file) ?? 0;
        if ((await sizeOf(path.join(folder, file))) <= offset) continue;
        const { calls, behindBytes } = await bookFile(file, offset, rest);
        progress.calls += calls;
        progress.behindBytes += behindBytes;
      }
      return progress;
    },
    async removeBefore(day) {
      const offsets = await book.offsets(journal);
      const removed: string[] = [];
      for (const file of await journalFiles(folder)) {
        if (file >= day) continue;
        const place = path.join(folder, file);
        const offset = offsets.get(file) ?? 0;
        if ((await readJournalLines(place, offset)) !== undefined) continue;
        await rm(place);
        await book.forget(journal, file);
        removed.push(file);
      }
      return removed;
    },
  };
}

interface Booked {
  calls: number;
  untilMs: number;
}

function endOf(entry: JournalEntry | undefined): number {
  return entry === undefined ? 0 : entry.at + entry.ms;
}

/** In the order of their days. */
async function journalFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

function halve({ from, to, texts, ends }: JournalLines): [JournalLines, JournalLines] {
  const half = texts.length >> 1;
  const middle = ends[half - 1]!;
  return [
    { from, to: middle, texts: texts.slice(0, half), ends: ends.slice(0, half) },
    { from: middle, to, texts: texts.slice(half), ends: ends.slice(half) },
  ];
}
