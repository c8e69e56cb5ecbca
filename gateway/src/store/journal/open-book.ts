import { Kysely } from 'kysely';
import { isPostgres, sqliteFile } from '../open-store.ts';
import { explainPostgres, isUnfitForPostgres } from '../postgres/explain-postgres.ts';
import { placeOf } from '../postgres/open-postgres.ts';
import { postgresDialect } from '../postgres/postgres-dialect.ts';
import type { Tables } from '../sql/tables.ts';
import { explainFault, isUnfitForSqlite } from '../sqlite/explain-fault.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { createJournalBook, type JournalBook } from './book-entries.ts';
import { createSqlBookHome } from './sql-book-home.ts';
import { createSqliteBookHome } from './sqlite-book-home.ts';

/** A book on a connection of its own, beside those of the store. */
export interface OpenBook {
  book: JournalBook;
  /** Whether an error says that an entry is unfit, not that the database is unwell. */
  isUnfit(error: unknown): boolean;
  /** What is wrong with the database, for people. */
  explain(error: unknown): string;
  close(): Promise<void>;
}

/** Opens the database at `storage.url`, whose tables are there already, for booking journals. With SQLite the caller waits while it works: a thread of its own is the place for it. */
export async function openJournalBook({ url, dataFolder }: { url: string; dataFolder: string }): Promise<OpenBook> {
  return isPostgres(url) ? openInPostgres(url) : openInSqlite(sqliteFile(url, dataFolder));
}

async function openInPostgres(url: string): Promise<OpenBook> {
  const db = new Kysely<Tables>({ dialect: await postgresDialect({ url, connections: 1, onFault: () => {} }) });
  return {
    book: createJournalBook(createSqlBookHome(db)),
    isUnfit: (error) => isUnfitHere(error) || isUnfitForPostgres(error),
    explain: (error) => explainPostgres(error, placeOf(url)) ?? String(error),
    close: () => db.destroy(),
  };
}

function openInSqlite(file: string): OpenBook {
  const database = openSqliteDatabase(file);
  return {
    book: createJournalBook(createSqliteBookHome(database)),
    isUnfit: (error) => isUnfitHere(error) || isUnfitForSqlite(error),
    explain: (error) => explainFault(error, file) ?? String(error),
    close: async () => database.close(),
  };
}

/** A value that could not even be put into a row, like a fraction of a pico-dollar. */
function isUnfitHere(error: unknown): boolean {
  return error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError;
}
