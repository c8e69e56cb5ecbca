export type Cell = string | number | bigint | boolean | null | undefined;

/** Rows as CSV (RFC 4180), the header first. A text that a spreadsheet would take for a formula is led by an apostrophe. */
export function writeCsv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = `${header.map(cell).join(',')}\r\n`;
  for (const row of rows) text += `${row.map(cell).join(',')}\r\n`;
  return text;
}

const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;

function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !PLAIN_NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
