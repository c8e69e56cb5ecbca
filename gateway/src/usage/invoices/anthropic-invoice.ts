import { dayOfStretch } from './days.ts';
import { type Invoice, type InvoiceFile, type InvoiceLine, type InvoiceReader, InvoiceUnreadable } from './invoice.ts';
import { readAmount, readCount } from './read-amount.ts';

/**
 * Exports of Anthropic: the pages of `GET /v1/organizations/usage_report/messages` and `GET /v1/organizations/cost_report`
 * (platform.claude.com/docs/en/api/admin-api/usage-cost), and the console's CSV exports of usage and of cost.
 */
export const anthropicInvoices: InvoiceReader = {
  read(file) {
    return file.kind === 'csv' ? readTable(file) : readPage(file.document);
  },
  /** `claude-haiku-4-5-20251001`, `Claude Haiku 4.5` and `claude-haiku-4-5` are the same. */
  commonName: (model) =>
    model
      .toLowerCase()
      .replace(/[\s._]+/g, '-')
      .replace(/-(?:latest|\d{8}|\d{4}-\d{2}-\d{2})$/, ''),
};

const CENT_PICO = 10_000_000_000n;
const CENTS = -2;

type Fields = Record<string, unknown>;

interface Bucket {
  starting_at?: string;
  ending_at?: string;
  results?: Fields[];
}

function readPage(document: Record<string, unknown>): Invoice | undefined {
  const buckets = document['data'];
  if (!Array.isArray(buckets) || !buckets.every((bucket: Bucket | null) => typeof bucket?.starting_at === 'string')) {
    return undefined;
  }
  const days = new Set<string>();
  const lines: InvoiceLine[] = [];
  let format = 'Anthropic usage and cost API';
  for (const { starting_at = '', ending_at = '', results = [] } of buckets as Bucket[]) {
    const day = dayOfStretch(Date.parse(starting_at), Date.parse(ending_at));
    days.add(day);
    for (const fields of results) {
      const isCost = fields['amount'] !== undefined;
      format = isCost ? 'Anthropic cost API' : 'Anthropic usage API';
      lines.push(isCost ? costLine(day, fields) : usageLine(day, fields));
    }
  }
  return { format, lines, days: [...days], roundedToPico: 0n, hasMore: document['has_more'] === true };
}

/** `amount` is a decimal text in cents. Without `group_by[]=description` no model is told. */
function costLine(day: string, { amount, currency, model }: Fields): InvoiceLine {
  if (typeof currency === 'string' && currency.toUpperCase() !== 'USD') {
    throw new InvoiceUnreadable(`Amounts are in ${currency}, and the ledger is in US dollars.`);
  }
  return { day, costPico: readAmount(amount as string | number, CENTS), ...named(model) };
}

/** Input is told in parts that do not overlap. */
function usageLine(day: string, fields: Fields): InvoiceLine {
  const written = (fields['cache_creation'] ?? {}) as Fields;
  const parts = [
    fields['uncached_input_tokens'],
    fields['cache_read_input_tokens'],
    written['ephemeral_5m_input_tokens'],
    written['ephemeral_1h_input_tokens'],
  ];
  return {
    day,
    ...named(fields['model']),
    inputTokens: sum(parts),
    outputTokens: readCount(fields['output_tokens']) ?? 0,
  };
}

function readTable({ header, rows }: InvoiceFile & { kind: 'csv' }): Invoice | undefined {
  if (!header.includes('usage_date_utc')) return undefined;
  const isCost = header.includes('cost_usd');
  if (!isCost && !header.includes('usage_output_tokens')) return undefined;
  const inputs = header.filter((name) => name.startsWith('usage_input_tokens'));
  const lines = rows.map((row): InvoiceLine => {
    const day = dayOfRow(row);
    if (isCost) return { day, ...named(row['model']), costPico: readAmount(row['cost_usd'] || '0') };
    return {
      day,
      ...named(row['model_version'] ?? row['model']),
      inputTokens: sum(inputs.map((name) => row[name])),
      outputTokens: readCount(row['usage_output_tokens']) ?? 0,
    };
  });
  return {
    format: isCost ? 'Anthropic cost CSV' : 'Anthropic usage CSV',
    lines,
    days: [...new Set(lines.map(({ day }) => day))],
    roundedToPico: isCost ? CENT_PICO : 0n,
    hasMore: false,
  };
}

function dayOfRow(row: Readonly<Record<string, string>>): string {
  const [day] = /^\d{4}-\d{2}-\d{2}/.exec(row['usage_date_utc'] ?? '') ?? [];
  if (day === undefined) throw new InvoiceUnreadable(`${JSON.stringify(row['usage_date_utc'])} is no day.`);
  return day;
}

/** Web searches and the like are of no model. */
function named(model: unknown): { model?: string } {
  return typeof model === 'string' && model !== '' && model !== 'null' ? { model } : {};
}

function sum(counts: readonly unknown[]): number {
  return counts.reduce<number>((total, count) => total + (readCount(count) ?? 0), 0);
}
