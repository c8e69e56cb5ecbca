import type { Kysely } from 'kysely';
import type { Tables } from '../sql/tables.ts';
import type { LedgerRow } from '../sql/usage-tables.ts';
import type { BookHome, Booking, StretchPlace } from './book-home.ts';
import { createBookingStatements } from './booking-statements.ts';

/** Books into a database far away: many rows in one statement, as every statement is a journey. */
export function createSqlBookHome(db: Kysely<Tables>): BookHome {
  const insert = createBookingStatements();

  const bookingIn = (transaction: Kysely<Tables>): Booking => ({
    advance: (place) => advance(transaction, place),
    addGroups: async (rows) => void (await insert.groups.run(transaction, rows)),
    addTags: async (rows) => void (await insert.tags.run(transaction, rows)),
    addCalls: async (rows) => void (await insert.calls.run(transaction, rows)),
    async addEntries(rows) {
      // A call that is twice in one stretch is one row in the end, and is given back once.
      const byName = new Map(rows.map((row) => [nameOf(row), row]));
      const added = await insert.freshEntries.run(transaction, [...byName.values()]);
      return added.map((row) => byName.get(nameOf(row))!);
    },
    addHours: async (rows) => void (await insert.hours.run(transaction, rows)),
    addDays: async (rows) => void (await insert.days.run(transaction, rows)),
  });

  return {
    async offsets(journal) {
      const rows = await db
        .selectFrom('journal_offsets')
        .select(['file', 'offset_bytes'])
        .where('journal', '=', journal)
        .execute();
      return new Map(rows.map(({ file, offset_bytes }) => [file, offset_bytes]));
    },
    async forget(journal, file) {
      await db.deleteFrom('journal_offsets').where('journal', '=', journal).where('file', '=', file).execute();
    },
    transaction: (work) => db.transaction().execute((transaction) => work(bookingIn(transaction))),
  };
}

async function advance(transaction: Kysely<Tables>, { journal, file, from, to }: StretchPlace): Promise<boolean> {
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
  return numUpdatedRows === 1n;
}

function nameOf({ call_id, attempt }: Pick<LedgerRow, 'call_id' | 'attempt'>): string {
  return `${call_id}:${attempt}`;
}
