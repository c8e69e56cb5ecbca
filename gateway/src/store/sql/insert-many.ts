import type { CompiledQuery, InsertQueryBuilder, InsertResult, Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Sizes of the statements that are made: few of them, so that both sides keep them prepared. */
const SIZES = [64, 16, 4, 1];

/** An insert into one table, compiled once for each number of rows. */
export interface InsertMany<Given> {
  readonly columns: readonly string[];
  /** The words for one row, to be said by hand; a parameter for each column. */
  wordsForOne(db: Kysely<Tables>): string;
  /** Inserts any number of rows; gives what the statement gives back. */
  run(db: Kysely<Tables>, rows: readonly object[]): Promise<Given[]>;
}

/**
 * Inserts any number of rows of one table. Compiling is dear (12 µs and more for each statement), so each size is compiled once
 * and then run with other values. `refine` adds what is to happen on a conflict and what is given back.
 */
export function createInsertMany<Table extends keyof Tables & string, Given = InsertResult>(
  table: Table,
  columns: readonly (keyof Tables[Table] & string)[],
  refine: (
    query: InsertQueryBuilder<Tables, Table, InsertResult>,
  ) => InsertQueryBuilder<Tables, Table, InsertResult> | InsertQueryBuilder<Tables, Table, Given>,
): InsertMany<Given> {
  const compiled = new Map<number, CompiledQuery<Given>>();
  const blank = Object.fromEntries(columns.map((column) => [column, 0]));

  function statement(db: Kysely<Tables>, size: number): CompiledQuery<Given> {
    const known = compiled.get(size);
    if (known !== undefined) return known;
    const rows = Array.from({ length: size }, () => blank) as never[];
    const fresh = refine(db.insertInto(table).values(rows)).compile() as unknown as CompiledQuery<Given>;
    compiled.set(size, fresh);
    return fresh;
  }

  return {
    columns,
    wordsForOne: (db) => statement(db, 1).sql,
    async run(db, rows) {
      const given: Given[] = [];
      for (let at = 0; at < rows.length; ) {
        const size = SIZES.find((one) => one <= rows.length - at) ?? 1;
        const parameters: unknown[] = [];
        for (const row of rows.slice(at, at + size))
          for (const column of columns) parameters.push((row as Record<string, unknown>)[column]);
        const result = await db.executeQuery<Given>({ ...statement(db, size), parameters });
        given.push(...result.rows);
        at += size;
      }
      return given;
    },
  };
}
