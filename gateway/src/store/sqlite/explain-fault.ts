import { SqliteFault } from './sqlite-thread.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that say something about the place, not about the statement. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What is wrong with a database file and what to do. Undefined: the fault is of another kind. */
export function explainFault(error: unknown, file: string): string | undefined {
  if (!(error instanceof SqliteFault)) return undefined;
  const { resultCode, systemCode, heldBy, message } = error.fault;
  if (heldBy !== undefined) return explainHeld(heldBy, file);
  if (systemCode !== undefined) return explainPlace(systemCode, file);
  switch (resultCode % 256) {
    case BUSY:
      return `The database ${file} is locked by another program. Close it, then start again.`;
    case CORRUPT:
    case NOTADB:
      return `The database ${file} is damaged, or no SQLite file (${message}). Put a backup in its place, or move it away to begin with an empty one.`;
    case FULL:
      return `The disk of the database ${file} is full. Make room.`;
    case READONLY:
    case CANTOPEN:
      return `The database ${file} cannot be written (${message}). Check the rights of the file and its folder.`;
    case IOERR:
      return `The disk of the database ${file} does not answer (${message}).`;
    default:
      return undefined;
  }
}

const CONSTRAINT = 19;
const MISMATCH = 20;

/** Whether an error says that the row is unfit, not that the database is unwell. */
export function isUnfitForSqlite(error: unknown): boolean {
  return error instanceof SqliteFault && [CONSTRAINT, MISMATCH].includes(error.fault.resultCode % 256);
}

function explainHeld(heldBy: number | 'unknown', file: string): string {
  const who = heldBy === 'unknown' ? '' : ` (process ${heldBy})`;
  return `The database ${file} is in use by another gateway${who}. Stop it first, or give this one a data folder of its own with --data.`;
}

function explainPlace(systemCode: string, file: string): string {
  if (systemCode === 'EISDIR') return `The database ${file} is a folder. Name a file in storage.url.`;
  if (systemCode === 'ENOSPC') return `The disk of the database ${file} is full. Make room.`;
  return `The database ${file} cannot be written (${systemCode}). Check the rights of its folder, or name another one with --data.`;
}
