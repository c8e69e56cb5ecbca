import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { resultCodeOf } from './sqlite-database.ts';

const BUSY = 5;
const LOCK_PATIENCE_MS = 250;

export class HeldElsewhere extends Error {
  readonly heldBy: number | 'unknown';
  constructor(heldBy: number | 'unknown') {
    super('held by another gateway');
    this.heldBy = heldBy;
  }
}

/**
 * One gateway per database: each has the keys in memory, and would not hear of another's changes. The lock is an open write
 * transaction on a file of its own, so that it ends with the process however that ends, and backups can still read the database.
 */
export function takeLock(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file);
  try {
    lock.exec(`pragma busy_timeout = ${LOCK_PATIENCE_MS}`);
    lock.exec('begin immediate');
    lock.exec('create table if not exists holder (pid integer not null)');
    lock.exec('delete from holder');
    lock.prepare('insert into holder values (?)').run(process.pid);
    lock.exec('commit');
    lock.exec('begin immediate');
    return lock;
  } catch (error) {
    if (resultCodeOf(error) % 256 !== BUSY) throw error;
    const heldBy = readHolder(lock);
    lock.close();
    throw new HeldElsewhere(heldBy);
  }
}

function readHolder(lock: DatabaseSync): number | 'unknown' {
  try {
    const row = lock.prepare('select pid from holder').get() as { pid: number } | undefined;
    return row?.pid ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
