import type { Kysely } from 'kysely';
import type { JournalEntry } from '../../usage/journal-line.ts';
import type { Tables } from '../sql/tables.ts';
import type { CallRow, LedgerRow } from '../sql/usage-tables.ts';
import { createBookingStatements } from './booking-statements.ts';
import { callRowOf } from './call-row.ts';
import { type BookedAttempt, ledgerRowsOf, totalCostOf } from './ledger-rows.ts';
import { inOrder, sumSpans } from './sum-spans.ts';
import type { UsageGroup } from './usage-group.ts';

/** A stretch of a journal's file: its lines, and where it ends. */
export interface Stretch {
  journal: string;
  file: string;
  from: number;
  to: number;
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

export function createJournalBook(db: Kysely<Tables>): JournalBook {
  const insert = createBookingStatements();
  const known = new Map<string, string | null>();

  async function bookGroups(transaction: Kysely<Tables>, groups: readonly UsageGroup[]): Promise<UsageGroup[]> {
    const fresh = groups.filter(({ id, key_name }) => known.get(id) !== key_name);
    await insert.groups(transaction, fresh);
    const tags = fresh.flatMap(({ id, tags }) => tags.map(([name, value]) => ({ group_id: id, name, value })));
    await insert.tags(transaction, tags);
    return fresh;
  }

  async function advance(transaction: Kysely<Tables>, { journal, file, from, to }: Stretch): Promise<void> {
    await transaction
      .insertInto('journal_offsets')
      .values({ journal, file, offset_bytes: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { numUpdatedRows } = await transaction
      .updateTable('journal_offsets')
      .set({ offset_bytes: to })
      .where('journal', '=', journal)
      .where('file', '=', file)
      .where('offset_bytes', '=', from)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new Elsewhere(file);
  }

  return {
    async offsets(journal) {
      const rows = await db
        .selectFrom('journal_offsets')
        .select(['file', 'offset_bytes'])
        .where('journal', '=', journal)
        .execute();
      return new Map(rows.map(({ file, offset_bytes }) => [file, offset_bytes]));
    },
    async book(stretch) {
      const attempts = new Map<string, BookedAttempt>();
      const calls: CallRow[] = [];
      for (const entry of stretch.entries) {
        const rows = ledgerRowsOf(entry);
        for (const one of rows) attempts.set(nameOf(one.row), one);
        calls.push(callRowOf(entry, totalCostOf(rows)));
      }
      const groups = inOrder(new Map([...attempts.values()].map(({ group }) => [group.id, group])));
      const addedGroups = await db.transaction().execute(async (transaction) => {
        await advance(transaction, stretch);
        const added = await bookGroups(transaction, groups);
        await insert.calls(transaction, calls);
        const rows = [...attempts.values()].map(({ row }) => row);
        const booked = await insert.ledger(transaction, rows);
        const fresh = booked.map((row) => attempts.get(nameOf(row))!.row);
        await insert.hours(transaction, sumSpans(fresh, HOUR_MS));
        await insert.days(transaction, sumSpans(fresh, DAY_MS));
        return added;
      });
      // Not before the transaction is through: else a group could be thought to be there that is not.
      if (known.size > MOST_KNOWN_GROUPS) known.clear();
      for (const { id, key_name } of addedGroups) known.set(id, key_name);
    },
    async forget(journal, file) {
      await db.deleteFrom('journal_offsets').where('journal', '=', journal).where('file', '=', file).execute();
    },
  };
}

function nameOf({ call_id, attempt }: Pick<LedgerRow, 'call_id' | 'attempt'>): string {
  return `${call_id}:${attempt}`;
}
