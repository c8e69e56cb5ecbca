import { InvoiceUnreadable } from './invoice.ts';

/** A table of CSV or tab-separated text (RFC 4180), its rows by the names of their columns; a byte order mark and empty lines are passed over. Throws InvoiceUnreadable. */
export function readCsv(text: string): { header: string[]; rows: Record<string, string>[] } {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  const head = content.slice(0, content.search(/[\r\n]|$/));
  const records = splitRecords(content, head.includes('\t') && !head.includes(',') ? '\t' : ',');
  const [names = [], ...rest] = records;
  const header = names.map((name) => name.trim());
  return {
    header,
    rows: rest.map((cells) => Object.fromEntries(header.map((name, column) => [name, (cells[column] ?? '').trim()]))),
  };
}

function splitRecords(text: string, comma: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { cell, end } = text[at] === '"' ? readQuoted(text, at, comma) : readPlain(text, at, comma);
    cells.push(cell);
    at = end;
    if (text[at] === comma) {
      at += 1;
      if (at < text.length) continue;
      cells.push('');
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    if (cells.some((one) => one !== '')) records.push(cells);
    cells = [];
  }
  return records;
}

function readPlain(text: string, from: number, comma: string): { cell: string; end: number } {
  let end = from;
  while (end < text.length && text[end] !== comma && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { cell: text.slice(from, end), end };
}

function readQuoted(text: string, from: number, comma: string): { cell: string; end: number } {
  let cell = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw new InvoiceUnreadable('A quotation mark of the CSV is never closed.');
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      // What stands between the closing mark and the comma is of nobody's making; it is kept rather than lost.
      const rest = readPlain(text, quote + 1, comma);
      return { cell: cell + rest.cell, end: rest.end };
    }
    cell += '"';
    at = quote + 2;
  }
}
