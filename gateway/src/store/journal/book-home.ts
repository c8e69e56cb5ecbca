import type { CallRow, GroupRow, LedgerRow, SpanRow, UsageTables } from '../sql/usage-tables.ts';

/** A place in a journal: what lies in the file between two offsets, in bytes. */
export interface StretchPlace {
  journal: string;
  file: string;
  from: number;
  to: number;
}

/** What a journal's book needs of a database, in the words of each kind of it. */
export interface BookHome {
  /** How far each file of a journal is booked, in bytes. */
  offsets(journal: string): Promise<Map<string, number>>;
  forget(journal: string, file: string): Promise<void>;
  /** Does all of the work, or nothing of it. */
  transaction<T>(work: (booking: Booking) => Promise<T>): Promise<T>;
}

/** What is written in one transaction. Each can be said again without booking anything twice, but the sums. */
export interface Booking {
  /** Moves the offset of a file. False: the file was not booked up to `from`. */
  advance(place: StretchPlace): Promise<boolean>;
  addGroups(rows: readonly GroupRow[]): Promise<void>;
  addTags(rows: readonly UsageTables['usage_group_tags'][]): Promise<void>;
  addCalls(rows: readonly CallRow[]): Promise<void>;
  /** Gives those that were not there before. */
  addEntries(rows: readonly LedgerRow[]): Promise<LedgerRow[]>;
  addHours(rows: readonly SpanRow[]): Promise<void>;
  addDays(rows: readonly SpanRow[]): Promise<void>;
}
