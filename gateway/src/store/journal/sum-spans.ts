import { type LedgerRow, type SpanRow, SUMS, type SumName } from '../sql/usage-tables.ts';

/** The rows summed by group and by the spans of this length. Money is summed as big integers: what one row can hold, many cannot. */
export function sumSpans(rows: readonly LedgerRow[], lengthMs: number): SpanRow[] {
  const spans = new Map<string, SpanRow>();
  for (const row of rows) {
    const starts_ms = Math.floor(row.at_ms / lengthMs) * lengthMs;
    const name = `${starts_ms}:${row.group_id}`;
    let sums = spans.get(name);
    if (sums === undefined) {
      sums = { starts_ms, group_id: row.group_id, cost_pico: 0n } as SpanRow;
      for (const column of SUMS) sums[column] = isMoney(column) ? 0n : 0;
      spans.set(name, sums);
    }
    sums.cost_pico = (sums.cost_pico as bigint) + BigInt(row.cost_pico ?? 0);
    for (const column of SUMS) {
      const before = sums[column];
      sums[column] = typeof before === 'bigint' ? before + BigInt(row[column]) : before + row[column];
    }
  }
  return inOrder(spans);
}

function isMoney(column: SumName): boolean {
  return column.endsWith('_pico');
}

/** A map's values by their keys. Transactions of several nodes that touch the same rows in this same order cannot block each other for ever. */
export function inOrder<T>(all: Map<string, T>): T[] {
  return [...all].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
