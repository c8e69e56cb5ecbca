/** Tells when the text of a configuration file has changed, however it was saved. */

import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface WatchConfigOptions {
  file: string;
  /** Gets the new text. May be slow: the next change waits for it. */
  onChange: (text: string) => void | Promise<void>;
  /** Gets what `onChange` threw, and what the file system refuses. */
  onError?: (error: unknown) => void;
  /** The text now in force, if it was read already. Absent: what the file holds when the watch begins. */
  text?: string;
  /** Quiet time after the last sign of a change. */
  settleMs?: number;
  /** How often to look when no sign came (network file systems give none). */
  pollMs?: number;
  timers?: Timers;
}

export interface Timers {
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout | number;
  clearTimeout(timer: NodeJS.Timeout | number): void;
}

export interface ConfigWatch {
  /** Looks at once, without a sign. */
  check(): Promise<void>;
  close(): void;
}

const nodeTimers: Timers = {
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Watches the folder of the file, not the file: editors save by renaming a new file over it, and Kubernetes swaps a symlink beside it. Where
 * the file is itself a link, the folder it leads to is watched too. A text counts when two looks in a row agree on it, so that a save
 * half written is not taken for the whole.
 */
export function watchConfig({
  file,
  onChange,
  onError,
  text,
  settleMs = 100,
  pollMs = 10_000,
  timers = nodeTimers,
}: WatchConfigOptions): ConfigWatch {
  const path = resolve(file);
  const folders = new Map<string, FSWatcher>();
  let current = text === undefined ? undefined : digest(text);
  let candidate: string | undefined;
  let settling: NodeJS.Timeout | number | undefined;
  let polling: NodeJS.Timeout | number | undefined;
  let looking: Promise<void> = Promise.resolve();
  let closed = false;

  const settle = () => {
    if (closed) return;
    if (settling !== undefined) timers.clearTimeout(settling);
    settling = timers.setTimeout(() => check(), settleMs);
  };

  const poll = () => {
    if (closed) return;
    polling = timers.setTimeout(() => check().then(poll), pollMs);
  };

  const check = () => {
    looking = looking.then(look).catch((error) => onError?.(error));
    return looking;
  };

  const look = async () => {
    if (closed) return;
    await followLinks();
    const found = await readIfThere(path);
    if (closed || found === undefined) return;
    const seen = digest(found);
    current ??= seen;
    if (seen === current) {
      candidate = undefined;
    } else if (seen !== candidate) {
      candidate = seen;
      settle();
    } else {
      current = seen;
      candidate = undefined;
      await onChange(found);
    }
  };

  const followLinks = async () => {
    const real = await realpath(path).catch(() => path);
    if (closed) return;
    const wanted = new Set([dirname(path), dirname(real)]);
    for (const [folder, watcher] of folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      folders.delete(folder);
    }
    for (const folder of wanted) if (!folders.has(folder)) watchFolder(folder);
  };

  const watchFolder = (folder: string) => {
    try {
      const watcher = watch(folder, { persistent: false }, settle);
      // A folder that is deleted or unmounted: the poll finds its successor.
      watcher.on('error', () => {
        watcher.close();
        folders.delete(folder);
      });
      folders.set(folder, watcher);
    } catch (error) {
      onError?.(error);
    }
  };

  watchFolder(dirname(path));
  void check();
  poll();

  return {
    check,
    close() {
      closed = true;
      if (settling !== undefined) timers.clearTimeout(settling);
      if (polling !== undefined) timers.clearTimeout(polling);
      for (const watcher of folders.values()) watcher.close();
      folders.clear();
    },
  };
}

/** Undefined: not there just now, as between the two halves of a rename. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
