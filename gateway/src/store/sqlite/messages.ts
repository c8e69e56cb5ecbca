/** What the thread of the database and the main thread say to each other. */

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
  /** Whether rows are wanted, or the number of changes. */
  wants: 'rows' | 'changes';
}

export type Question = { id: number; statement: Statement } | { id: number; statement: undefined };

export interface Outcome {
  rows: unknown[];
  changes: number;
}

/** An error of SQLite, in parts that survive the way between threads. */
export interface Fault {
  message: string;
  /** SQLite's extended result code (sqlite.org/rescode.html), or 0. */
  resultCode: number;
  /** Of the operating system: `EACCES` … */
  systemCode?: string;
  /** The database is held by another gateway; its process, if it told. */
  heldBy?: number | 'unknown';
}

export type Answer = { id: number; outcome: Outcome } | { id: number; fault: Fault };

/** The id of the answer that tells how opening went. */
export const OPENING = 0;
