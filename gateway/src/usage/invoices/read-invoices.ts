import { anthropicInvoices } from './anthropic-invoice.ts';
import { type Invoice, type InvoiceFile, type InvoiceReader, InvoiceUnreadable } from './invoice.ts';
import { openaiInvoices } from './openai-invoice.ts';
import { readCsv } from './read-csv.ts';

/** Whose exports can be read, in the order in which they are tried. */
const readers: readonly InvoiceReader[] = [openaiInvoices, anthropicInvoices];

/** What files of one provider tell together. */
export interface ReadInvoices {
  invoices: Invoice[];
  commonName: InvoiceReader['commonName'];
}

/** Reads exports, whatever their formats are, as long as they are of the same provider. Throws InvoiceUnreadable that says which file is wrong and how. */
export function readInvoices(texts: readonly string[]): ReadInvoices {
  let reader: InvoiceReader | undefined;
  const invoices = texts.flatMap((text, index) =>
    splitFile(text, index).map((file) => {
      const found = readers.map((one) => ({ reader: one, invoice: explained(() => one.read(file), index) }));
      const fit = found.find(({ invoice }) => invoice !== undefined);
      if (fit === undefined) throw new InvoiceUnreadable(`${fileOf(index)} is in none of the known formats. ${KNOWN}`);
      reader ??= fit.reader;
      if (reader !== fit.reader)
        throw new InvoiceUnreadable('These files are of different providers; take one at a time.');
      return fit.invoice!;
    }),
  );
  if (reader === undefined) throw new InvoiceUnreadable('There is nothing to be read.');
  return { invoices, commonName: reader.commonName };
}

const KNOWN =
  'Known are the costs and usage exports of OpenAI (CSV of the dashboard, JSON of /v1/organization/costs and /usage/completions) and of Anthropic (CSV of the console, JSON of /v1/organizations/cost_report and /usage_report/messages).';

/** A JSON file may hold one page, a list of pages, or one page a line. */
function splitFile(text: string, index: number): InvoiceFile[] {
  if (!/^\ufeff?\s*[[{]/.test(text)) {
    return [{ kind: 'csv', ...explained(() => readCsv(text), index) }];
  }
  const content = text.replace(/^\ufeff/, '');
  const pages =
    parse(content) ??
    content
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parse);
  const documents = (Array.isArray(pages) ? pages : [pages]).map((document): InvoiceFile | undefined =>
    document !== null && typeof document === 'object' && !Array.isArray(document)
      ? { kind: 'json', document: document as Record<string, unknown> }
      : undefined,
  );
  if (documents.includes(undefined)) throw new InvoiceUnreadable(`${fileOf(index)} is not the JSON that it begins as.`);
  return documents as InvoiceFile[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function explained<Value>(read: () => Value, index: number): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvoiceUnreadable) throw new InvoiceUnreadable(`${fileOf(index)}: ${error.message}`);
    throw error;
  }
}

function fileOf(index: number): string {
  return `File ${index + 1}`;
}
