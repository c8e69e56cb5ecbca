const MOST_DECIMALS = 6;

/** Dollars for people: two decimals at least, six at most. Null: not known, which is not zero. */
export function showDollars(exact: string | null): string {
  if (exact === null) return 'unpriced';
  const rounded = Number(exact)
    .toFixed(MOST_DECIMALS)
    .replace(/0{1,4}$/, '');
  return Number(exact) !== 0 && Number(rounded) === 0
    ? `<${10 ** -MOST_DECIMALS}`.replace('1e-6', '0.000001')
    : rounded;
}

/** A count with its thousands apart. */
export function showCount(count: number | null): string {
  return count === null ? '' : count.toLocaleString('en-US');
}

/** A part of a whole, in percent. */
export function showShare(part: string | null, whole: string | null): string {
  if (part === null || whole === null || Number(whole) === 0) return '';
  return `${((100 * Number(part)) / Number(whole)).toFixed(1)}%`;
}

/** Columns of figures stand at the right. */
export function alignRight(titles: readonly string[], rows: readonly string[][], from: number): string[][] {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) => row.map((cell, column) => (column < from ? cell : cell.padStart(widths[column]!))));
}
