import { type RawBuilder, sql } from 'kysely';

/**
 * Sums of money pass what a JavaScript number holds at 9,007 dollars, and what 64 bits hold at nine millions. So they are taken in
 * two parts, whole micro-dollars and the pico-dollars beyond them, each of which is safe up to nine billion dollars.
 */
const PICO_PER_MICRO = 1_000_000;

/** The two sums of a column, to be selected. */
export function picoSums(column: string): RawBuilder<unknown>[] {
  const [value, unit] = [sql.ref(column), sql.lit(PICO_PER_MICRO)];
  return [
    sql`sum(${value} / ${unit}) as ${sql.ref(`${column}_micros`)}`,
    sql`sum(${value} % ${unit}) as ${sql.ref(`${column}_rest`)}`,
  ];
}

/** The sum of a column from its two parts. */
export function picoOf(row: Readonly<Record<string, number | string | null>>, column: string): bigint {
  const [micros, rest] = [row[`${column}_micros`] ?? 0, row[`${column}_rest`] ?? 0];
  return BigInt(micros) * BigInt(PICO_PER_MICRO) + BigInt(rest);
}
