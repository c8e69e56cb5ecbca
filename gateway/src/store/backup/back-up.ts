import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isPostgres, sqliteFile } from '../open-store.ts';
import { explainDump } from '../postgres/open-postgres.ts';

export interface BackUpPlace {
  /** `storage.url`. */
  url: string;
  dataFolder: string;
}

/** The database's name in a backup. */
export const DATABASE = 'database.db';

/**
 * Makes a folder that holds all of an installation: a copy of the database as it is at one moment, the secrets that its keys are
 * checked with, and the journal. The gateway may be running. Throws an Error that says what to do, with PostgreSQL too.
 */
export async function backUp({ url, dataFolder }: BackUpPlace, to: string): Promise<{ files: string[] }> {
  if (isPostgres(url)) throw new Error(explainDump(url));
  await makeEmptyFolder(to);
  try {
    copyDatabase(sqliteFile(url, dataFolder), path.join(to, DATABASE));
    // After the database: what is booked in the copy is in the journal's copy too, and what came later is booked after restoring.
    for (const name of await ownFiles(dataFolder)) {
      await cp(path.join(dataFolder, name), path.join(to, name), { recursive: true, preserveTimestamps: true });
    }
    return { files: (await readdir(to)).sort() };
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}

/** Files of a data folder that are its own: not the database, and nothing that a running gateway makes anew. */
export async function ownFiles(dataFolder: string): Promise<string[]> {
  const names = await readdir(dataFolder);
  return names.filter((name) => !/\.db(-wal|-shm|\.lock.*|\.before.*)?$|\.new$|^cli\.token$/.test(name)).sort();
}

async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(folder)), { recursive: true });
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already. Name a new one.' : `cannot be made (${code}).`;
    throw new Error(`The folder ${folder} ${why}`, { cause: error });
  }
}

function copyDatabase(file: string, to: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('pragma busy_timeout = 5000');
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}
