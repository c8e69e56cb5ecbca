import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { CallRecord } from '../core/record.ts';
import { createJournalLine } from './journal-line.ts';

/**
 * The journal of what every call used and cost: an append-only file a day, one JSON line for each call. It is written first and
 * needs nothing but a disk; the database's ledger, sums and request log are booked from it.
 */
export interface Ledger {
  enter(record: CallRecord): void;
  /** Resolves when every line entered so far is with the operating system, or a write has failed. */
  flush(): Promise<void>;
  /** Undefined while it can be written; else why not. */
  whyUnwell(): string | undefined;
  /** Lines that wait to be written, and those that were given up because too many did. */
  backlog(): { waiting: number; lost: number };
  close(): Promise<void>;
}

/** Long enough that a busy gateway writes two hundred times a second and not ten thousand; what a `kill -9` can lose is no older. */
export const GATHER_MS = 5;

export interface LedgerSettings {
  folder: string;
  /** Lines are gathered for this long and written together. A `kill -9` loses at most these and those of a write under way. Default: `GATHER_MS`. */
  gatherMs?: number;
  /** Told once for each write that failed; the lines are kept and tried again. */
  onFailure: (error: Error, waitingLines: number, lostLines: number) => void;
  /** Pause after a write that failed. Default: a second. */
  retryMs?: number;
  /** Lines kept while the disk refuses them; the oldest go first past this. Default: 100,000 (some 75 MB). */
  mostWaiting?: number;
}

export function createLedger({
  folder,
  gatherMs = GATHER_MS,
  onFailure,
  retryMs = 1_000,
  mostWaiting = 100_000,
}: LedgerSettings): Ledger {
  const lineOf = createJournalLine();
  let waiting: { day: string; line: string }[] = [];
  let lost = 0;
  let ailment: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let file: { day: string; handle: FileHandle } | undefined;

  async function fileOf(day: string): Promise<FileHandle> {
    if (file?.day === day) return file.handle;
    await closeFile();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(path.join(folder, `${day}.ndjson`), 'a', 0o600);
    file = { day, handle };
    // The writer before may have been stopped in the middle of a line; that line must not swallow the next one.
    if ((await handle.stat()).size > 0) await handle.appendFile('\n');
    return handle;
  }

  async function closeFile(): Promise<void> {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close();
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const { day } = waiting[0]!;
      const end = waiting.findIndex((entry) => entry.day !== day);
      const batch = end === -1 ? waiting : waiting.slice(0, end);
      waiting = end === -1 ? [] : waiting.slice(end);
      try {
        const handle = await fileOf(day);
        await handle.appendFile(batch.map((entry) => entry.line).join(''));
        ailment = undefined;
      } catch (error) {
        await keep(batch, error as NodeJS.ErrnoException);
        return;
      }
    }
  }

  /** A part of the batch may be in the file already. Whoever reads it knows calls by their ids, and books none twice. */
  async function keep(batch: typeof waiting, error: NodeJS.ErrnoException): Promise<void> {
    const all = [...batch, ...waiting];
    waiting = all.slice(-mostWaiting);
    lost += all.length - waiting.length;
    ailment = `The journal in ${folder} cannot be written (${error.code ?? error.message}); ${waiting.length} lines wait.`;
    onFailure(error, waiting.length, lost);
    await closeFile().catch(() => {});
    schedule(retryMs);
  }

  const DAY_MS = 86_400_000;
  let today = { number: -1, name: '' };

  /** `2026-11-20`, in UTC, of the moment at which the call ended; never a day before one that was written. */
  function dayOf(atMs: number): string {
    const number = Math.floor(atMs / DAY_MS);
    if (number > today.number) today = { number, name: new Date(number * DAY_MS).toISOString().slice(0, 10) };
    return today.name;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  function schedule(delayMs: number): void {
    if (timer !== undefined) return;
    timer = setTimeout(() => void flush(), delayMs);
    timer.unref();
  }

  return {
    enter(record) {
      waiting.push({ day: dayOf(record.startedAtMs + record.durationMs), line: lineOf(record) });
      if (waiting.length > mostWaiting * 1.1) lost += waiting.splice(0, waiting.length - mostWaiting).length;
      schedule(gatherMs);
    },
    flush,
    whyUnwell: () => ailment,
    backlog: () => ({ waiting: waiting.length, lost }),
    async close() {
      await flush();
      clearTimeout(timer);
      await closeFile();
    },
  };
}
