import { dayOfStretch } from './days.ts';
import { type Invoice, type InvoiceFile, type InvoiceLine, type InvoiceReader, InvoiceUnreadable } from './invoice.ts';
import { readAmount, readCount } from './read-amount.ts';

/**
 * Exports of OpenAI: the pages of `GET /v1/organization/costs` and `GET /v1/organization/usage/…` (platform.openai.com/docs/api-reference/usage),
 * and the two CSV files of the dashboard's export (`cost_….csv`, `completions_usage_….csv`), whose columns are the flattened fields of these.
 */
export const openaiInvoices: InvoiceReader = {
  read(file) {
    return file.kind === 'csv' ? readTable(file) : readPage(file.document);
  },
  /** `gpt-5-mini-2025-08-07` is `gpt-5-mini`. */
  commonName: (model) => model.toLowerCase().replace(/-\d{4}-\d{2}-\d{2}$/, ''),
};

interface Bucket {
  start_time?: number;
  end_time?: number;
  /** `result` in the first versions of the API. */
  results?: Fields[];
  result?: Fields[];
}

type Fields = Record<string, unknown> & { object?: string };

function readPage(document: Record<string, unknown>): Invoice | undefined {
  const buckets = document['data'];
  if (document['object'] !== 'page' || !Array.isArray(buckets)) return undefined;
  const days = new Set<string>();
  const lines: InvoiceLine[] = [];
  let format = 'OpenAI usage and costs API';
  for (const { start_time = Number.NaN, end_time = Number.NaN, results, result } of buckets as Bucket[]) {
    const day = dayOfStretch(start_time * 1_000, end_time * 1_000);
    days.add(day);
    for (const fields of results ?? result ?? []) {
      const isCosts = fields.object === 'organization.costs.result';
      format = isCosts ? 'OpenAI costs API' : 'OpenAI usage API';
      lines.push(isCosts ? costLine(day, flatCost(fields)) : usageLine(day, fields));
    }
  }
  return { format, lines, days: [...days], roundedToPico: 0n, hasMore: document['has_more'] === true };
}

function readTable({ header, rows }: InvoiceFile & { kind: 'csv' }): Invoice | undefined {
  const isCosts = header.includes('amount_value');
  const isUsage = header.includes('num_model_requests') || header.includes('input_cached_tokens');
  if (!header.includes('start_time') || !(isCosts || isUsage)) return undefined;
  const days = new Set<string>();
  const lines: InvoiceLine[] = [];
  for (const row of rows) {
    const day = dayOfStretch(momentOf(row, 'start_time'), momentOf(row, 'end_time'));
    days.add(day);
    // A day without use is a row with nothing but its times.
    if (isCosts && row['amount_value'] !== '') lines.push(costLine(day, row));
    else if (!isCosts && row['num_model_requests'] !== '') lines.push(usageLine(day, row));
  }
  const format = isCosts ? 'OpenAI costs CSV' : 'OpenAI usage CSV';
  return { format, lines, days: [...days], roundedToPico: 0n, hasMore: false };
}

function momentOf(row: Readonly<Record<string, string>>, column: string): number {
  const seconds = row[column];
  return seconds ? Number(seconds) * 1_000 : Date.parse(row[`${column}_iso`] ?? '');
}

function flatCost({ amount, line_item }: Fields): Fields {
  const { value, currency } = (amount ?? {}) as { value?: unknown; currency?: unknown };
  return { amount_value: value, amount_currency: currency, line_item };
}

/** `line_item` is `gpt-5-mini-2025-08-07, input`, `…, cached input`, a name of something else (`web search`), or empty where the export is not divided. */
function costLine(
  day: string,
  { amount_value: amount, amount_currency: currency, line_item: item }: Fields,
): InvoiceLine {
  if (typeof currency === 'string' && currency !== '' && currency.toLowerCase() !== 'usd') {
    throw new InvoiceUnreadable(`Amounts are in ${currency}, and the ledger is in US dollars.`);
  }
  const [, divided, whole] = /^(\S+), [a-z _-]+$|^([a-z]\S*\d\S*)$/i.exec(typeof item === 'string' ? item : '') ?? [];
  const model = divided ?? whole;
  return { day, costPico: readAmount(amount as string | number), ...(model !== undefined && { model }) };
}

/** Input tokens are told with the cached ones in them. Of embeddings only input is told, of images and speech no tokens at all. */
function usageLine(day: string, fields: Fields): InvoiceLine {
  const { model } = fields;
  const inputTokens = readCount(fields['input_tokens']);
  const requests = readCount(fields['num_model_requests']);
  return {
    day,
    ...(typeof model === 'string' && model !== '' && { model }),
    ...(inputTokens !== undefined && { inputTokens, outputTokens: readCount(fields['output_tokens']) ?? 0 }),
    ...(requests !== undefined && { requests }),
  };
}
