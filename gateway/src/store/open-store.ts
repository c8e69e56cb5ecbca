import path from 'node:path';
import type { Clock } from '../core/clock.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import type { Store, StoreLog } from './store.ts';

export interface OpenStoreOptions {
  /** `sqlite:FILE` or `postgres://…`, as under `storage.url`. */
  url: string;
  dataFolder: string;
  clock: Clock;
  log: StoreLog;
}

/** Opens the store at `storage.url` and brings its tables up to date. Throws an Error whose message says what is wrong and what to do. */
export async function openStore({ url, dataFolder, clock, log }: OpenStoreOptions): Promise<Store> {
  if (isPostgres(url)) return openPostgres({ url, clock, log });
  if (!url.startsWith('sqlite:')) throw new Error('storage.url must begin with sqlite: or postgres://.');
  return openSqlite({ file: sqliteFile(url, dataFolder), clock, log });
}

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/i.test(url);
}

/**
 * The file of a `sqlite:` address. What is written as `./data/…`, the default above all, lies in the data folder, wherever
 * `--data` has put it; any other relative path starts from the working folder.
 */
export function sqliteFile(url: string, dataFolder: string): string {
  const written = url.slice('sqlite:'.length).replace(/^\/\/(?=[./])/, '');
  if (written === ':memory:') return written;
  const inData = /^(?:\.\/)?data\/(.+)$/.exec(written)?.[1];
  return inData === undefined ? path.resolve(written) : path.resolve(dataFolder, inData);
}
