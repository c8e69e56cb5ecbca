import type { JournalEntry } from '../../usage/journal-line.ts';
import type { CallRow, LedgerRow } from '../sql/usage-tables.ts';
import type { BookHome, Booking, StretchPlace } from './book-home.ts';
import { callRowOf } from './call-row.ts';
import { ledgerRowsOf, totalCostOf } from './ledger-rows.ts';
import { inOrder, sumSpans } from './sum-spans.ts';
import type { UsageGroup } from './usage-group.ts';

/** A stretch of a journal's file: its lines, and where it ends. */
export interface Stretch extends StretchPlace {
  entries: readonly JournalEntry[];
}

/** Books journals into a database. */
export interface JournalBook {
  /** How far each file of a journal is booked, in bytes. */
  offsets(journal: string): Promise<Map<string, number>>;
  /**
   * Books a stretch: all of it, or nothing. What was booked before, under whichever file, is not booked again. Throws Elsewhere
   * if the file is not booked up to `from`.
   */
  book(stretch: Stretch): Promise<void>;
  forget(journal: string, file: string): Promise<void>;
}

/** Somebody else has booked this stretch meanwhile; read the offsets again. */
export class Elsewhere extends Error {
  constructor(file: string) {
    super(`The journal ${file} is being booked by somebody else.`);
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Groups that are known to be in the database; forgotten altogether when there are too many. */
const MOST_KNOWN_GROUPS = 50_000;

export function createJournalBook(home: BookHome): JournalBook {
  const known = new Map<string, string | null>();

  async function bookGroups(booking: Booking, groups: readonly UsageGroup[]): Promise<UsageGroup[]> {
    const fresh = groups.filter(({ id, key_name }) => known.get(id) !== key_name);
    await booking.addGroups(fresh);
    await booking.addTags(
      fresh.flatMap(({ id, tags }) => tags.map(([name, value]) => ({ group_id: id, name, value }))),
    );
    return fresh;
  }

  return {
    offsets: home.offsets,
    forget: home.forget,
    async book(stretch) {
      const { calls, entries, groups } = rowsOf(stretch.entries);
      const addedGroups = await home.transaction(async (booking) => {
        if (!(await booking.advance(stretch))) throw new Elsewhere(stretch.file);
        const added = await bookGroups(booking, groups);
        await booking.addCalls(calls);
        const hours = sumSpans(await booking.addEntries(entries), HOUR_MS);
        await booking.addHours(hours);
        await booking.addDays(sumSpans(hours, DAY_MS));
        return added;
      });
      // Not before the transaction is through: else a group could be thought to be there that is not.
      if (known.size > MOST_KNOWN_GROUPS) known.clear();
      for (const { id, key_name } of addedGroups) known.set(id, key_name);
    },
  };
}

function rowsOf(all: readonly JournalEntry[]) {
  const calls: CallRow[] = [];
  const entries: LedgerRow[] = [];
  const groups = new Map<string, UsageGroup>();
  for (const entry of all) {
    const booked = ledgerRowsOf(entry);
    for (const { row, group } of booked) {
      entries.push(row);
      groups.set(group.id, group);
    }
    calls.push(callRowOf(entry, totalCostOf(booked)));
  }
  return { calls, entries, groups: inOrder(groups) };
}
