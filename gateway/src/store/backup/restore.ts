import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isPostgres, sqliteFile } from '../open-store.ts';
import { explainDump } from '../postgres/open-postgres.ts';
import { explainFault } from '../sqlite/explain-fault.ts';
import { HeldElsewhere, takeLock } from '../sqlite/take-lock.ts';
import { type BackUpPlace, DATABASE, ownFiles } from './back-up.ts';

/**
 * Puts a backup in the place of what an installation holds; the gateway must not be running. The database that was there is kept
 * beside it under another name. Days of the journal that are there and longer than in the backup stay, so that calls since the
 * backup are booked again. Throws an Error that says what to do.
 */
export async function restore(
  from: string,
  { url, dataFolder }: BackUpPlace,
  nowMs: number,
): Promise<{ kept?: string }> {
  if (isPostgres(url)) throw new Error(explainDump(url));
  checkDatabase(path.join(from, DATABASE));
  const file = sqliteFile(url, dataFolder);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const lock = lockOrExplain(file);
  try {
    const kept = await moveAway(file, nowMs);
    const draft = `${file}.new`;
    await copyFile(path.join(from, DATABASE), draft);
    await chmod(draft, 0o600);
    await rename(draft, file);
    for (const name of await ownFiles(from)) await putBack(path.join(from, name), path.join(dataFolder, name));
    return kept === undefined ? {} : { kept };
  } finally {
    lock.close();
  }
}

function checkDatabase(file: string): void {
  if (!existsSync(file)) throw new Error(`There is no ${file}: name a folder that a backup was made into.`);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const [found] = database.prepare('pragma quick_check(1)').all() as { quick_check: string }[];
    if (found?.quick_check !== 'ok') throw new Error(String(found?.quick_check));
  } catch (error) {
    throw new Error(`The backup ${file} is damaged (${(error as Error).message}). Nothing was changed.`, {
      cause: error,
    });
  } finally {
    database.close();
  }
}

function lockOrExplain(file: string): DatabaseSync {
  try {
    return takeLock(`${file}.lock`);
  } catch (error) {
    if (error instanceof HeldElsewhere)
      throw new Error(`The database ${file} is in use by a gateway (process ${error.heldBy}). Stop it first.`, {
        cause: error,
      });
    throw new Error(explainFault(error, file) ?? String(error), { cause: error });
  }
}

/** The database and what SQLite keeps beside it: an old write-ahead log must never meet a new database. */
async function moveAway(file: string, nowMs: number): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file);
  try {
    database.exec('pragma wal_checkpoint(truncate)');
  } catch {
    // A damaged database is what backups are for: its log is moved with it.
  } finally {
    database.close();
  }
  const kept = `${file}.before-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) await rename(file + suffix, kept + suffix);
  }
  return kept;
}

async function putBack(from: string, to: string): Promise<void> {
  if (!(await stat(from)).isDirectory()) {
    await rm(to, { force: true });
    await cp(from, to, { preserveTimestamps: true });
    return;
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from)) {
    const [there, here] = [path.join(from, name), path.join(to, name)];
    const isLonger = existsSync(here) && (await stat(here)).size > (await stat(there)).size;
    if (!isLonger) await cp(there, here, { recursive: true, preserveTimestamps: true });
  }
}
