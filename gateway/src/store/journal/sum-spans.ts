import { type LedgerRow, type SpanRow, SUMS } from '../sql/usage-tables.ts';

const SUMMED = ['cost_pico', ...SUMS] as const;

/** Single entries, or shorter spans, summed by group and by the spans of this length. Throws RangeError where a part of one would be summed. */
export function sumSpans(rows: readonly (LedgerRow | SpanRow)[], lengthMs: number): SpanRow[] {
  const spans = new Map<string, SpanRow>();
  for (const row of rows) {
    const at = 'at_ms' in row ? row.at_ms : row.starts_ms;
    const starts_ms = Math.floor(at / lengthMs) * lengthMs;
    const name = `${starts_ms}:${row.group_id}`;
    let sums = spans.get(name);
    if (sums === undefined) {
      sums = emptySpan(starts_ms, row.group_id);
      spans.set(name, sums);
    }
    for (const column of SUMMED) {
      const value = row[column];
      if (value !== 0 && value !== null) sums[column] = add(sums[column], value);
    }
  }
  return inOrder(spans);
}

function emptySpan(starts_ms: number, group_id: string): SpanRow {
  const sums = { starts_ms, group_id } as SpanRow;
  for (const column of SUMMED) sums[column] = 0;
  return sums;
}

/** A big integer where a number would not hold it: money passes that at 9,007 dollars. */
function add(sum: number | bigint, value: number | bigint): number | bigint {
  if (typeof sum === 'number' && typeof value === 'number') {
    const next = sum + value;
    if (Number.isSafeInteger(next) && Number.isInteger(value)) return next;
  }
  return BigInt(sum) + BigInt(value);
}

/** A map's values by their keys. Transactions of several nodes that touch the same rows in this same order cannot block each other for ever. */
export function inOrder<T>(all: Map<string, T>): T[] {
  return [...all].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
