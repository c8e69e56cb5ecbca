import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { CallRecord } from '../core/record.ts';

/** An append-only file of what every call used and cost: one JSON line each, a file a day. */
export interface Ledger {
  enter(record: CallRecord): void;
  /** Resolves when every line entered so far is with the operating system. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface LedgerSettings {
  folder: string;
  /** Lines are gathered for this long and written together. A `kill -9` loses at most these. */
  gatherMs: number;
  /** Told once for each write that failed; the lines are kept and tried again. */
  onFailure: (error: Error, waitingLines: number) => void;
}

/** Lines kept while the disk refuses them; the oldest go first past this. */
const MOST_WAITING = 100_000;

export function createLedger({ folder, gatherMs, onFailure }: LedgerSettings): Ledger {
  let waiting: { day: string; line: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let file: { day: string; handle: FileHandle } | undefined;

  async function fileOf(day: string): Promise<FileHandle> {
    if (file?.day === day) return file.handle;
    await file?.handle.close();
    file = undefined;
    await mkdir(folder, { recursive: true });
    const handle = await open(path.join(folder, `${day}.ndjson`), 'a', 0o600);
    file = { day, handle };
    return handle;
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
      } catch (error) {
        waiting = [...batch, ...waiting].slice(-MOST_WAITING);
        onFailure(error as Error, waiting.length);
        schedule(1000);
        return;
      }
    }
  }

  const DAY_MS = 86_400_000;
  let today = { number: -1, name: '' };

  /** `2026-11-20`, in UTC; made once a day. */
  function dayOf(atMs: number): string {
    const number = Math.floor(atMs / DAY_MS);
    if (number !== today.number) today = { number, name: new Date(atMs).toISOString().slice(0, 10) };
    return today.name;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => void flush(), delayMs);
    timer.unref();
  }

  return {
    enter(record) {
      waiting.push({ day: dayOf(record.startedAtMs), line: ledgerLine(record) });
      schedule(gatherMs);
    },
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
      await file?.handle.close();
      file = undefined;
    },
  };
}

/** Money as an integer of pico-dollars; `null` where no price is known, which is not zero. */
function ledgerLine(record: CallRecord): string {
  return `${JSON.stringify({
    id: record.id,
    at: record.startedAtMs,
    key: record.keyId,
    team: record.team,
    project: record.project,
    user: record.user,
    asked: record.modelAsked,
    provider: record.provider,
    model: record.modelServed,
    operation: record.operation,
    outcome: record.outcome,
    status: record.status,
    attempts: record.attempts.length,
    usage: record.usage,
    usage_source: record.usageSource,
    cost_pico_usd: record.costPicoUsd ?? null,
  })}\n`;
}
