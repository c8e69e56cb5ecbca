import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { boundsOf } from '../../usage/invoices/days.ts';
import { InvoiceUnreadable } from '../../usage/invoices/invoice.ts';
import { type ReadInvoices, readInvoices } from '../../usage/invoices/read-invoices.ts';
import { daysOf, reconcile } from '../../usage/invoices/reconcile.ts';
import { EXPLANATIONS, reconciliationCsv, reconciliationJson } from '../../usage/invoices/reconciliation-table.ts';
import { type Route, route } from '../api/routes.ts';
import type { UsageView } from './usage-view.ts';

const question = z
  .strictObject({
    provider: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe(
        'The provider whose ledger is meant, by its name in the configuration; several names of one account as a list.',
      ),
    files: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .describe(
        'The texts of its exports, CSV or JSON; formats are told apart by themselves. Usage and costs together say most.',
      ),
    format: z.enum(['json', 'csv']).default('json'),
  })
  .meta({ id: 'ReconcileQuestion' });

const count = () => z.number().nullable().describe('Null: not told.');
const dollars = () => z.string().nullable().describe('US dollars, exact. Null: not told.');
const theirs = z.strictObject({
  input_tokens: count(),
  output_tokens: count(),
  requests: count(),
  cost_usd: dollars(),
});
const ours = z.strictObject({
  input_tokens: count(),
  output_tokens: count(),
  cost_usd: dollars(),
  attempts: z.int(),
  estimated_attempts: z.int(),
  unpriced_attempts: z.int(),
});
const drift = {
  token_drift: z.number().nullable().describe('Ours less theirs.'),
  token_drift_share: z.number().nullable().describe('Of theirs; 0.01 is one percent.'),
  cost_drift_usd: dollars(),
  cost_drift_share: z.number().nullable(),
};
const why = z.enum(Object.keys(EXPLANATIONS) as [keyof typeof EXPLANATIONS]);

const reconciliation = z
  .strictObject({
    formats: z.array(z.string()),
    from: z.string().describe('The first day of the files, in UTC.'),
    to: z.string().describe('The last one.'),
    time_zone: z.literal('UTC'),
    rows: z.array(
      z.strictObject({
        day: z.string(),
        model: z.string().nullable(),
        ours: ours.nullable(),
        theirs: theirs.nullable(),
        ...drift,
        why,
      }),
    ),
    total: z.strictObject({ ours, theirs, ...drift }),
    estimated_share: z.number().nullable().describe('Of our attempts, those whose usage is estimated.'),
    explanations: z.record(z.string(), z.string()).describe('What each `why` says.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Reconciliation' });

/** More days and models than this are not compared at once. */
const MOST_ROWS = 100_000;

/** `/admin/v1/reconcile`: a provider's own figures beside ours. */
export function reconcileRoutes(view: UsageView, chapter: string): Route[] {
  return [
    route({
      method: 'POST',
      path: '/reconcile',
      name: 'reconcile',
      title: "Put a provider's invoice or usage export beside the ledger, by day and model. Nothing is kept.",
      chapter,
      isReading: true,
      body: question,
      answers: { status: 200, schema: reconciliation, alsoCsv: true },
      async run({ body: { provider, files, format } }) {
        const read = readFiles(files);
        const days = daysOf(read);
        if (days === undefined) throw unreadable('The files are about no day at all.');
        const report = await view.store.report({
          ...boundsOf(days.firstDay, days.lastDay),
          by: ['model'],
          each: 'day',
          filter: { provider: [provider].flat() },
          limit: MOST_ROWS,
        });
        const found = reconcile(read, report, view.nowMs());
        if (format === 'json') return { status: 200, body: reconciliationJson(found) };
        return {
          status: 200,
          body: reconciliationCsv(found),
          headers: { 'content-type': 'text/csv; charset=utf-8; header=present' },
        };
      },
    }),
  ];
}

function readFiles(files: readonly string[]): ReadInvoices {
  try {
    return readInvoices(files);
  } catch (error) {
    if (error instanceof InvoiceUnreadable) throw unreadable(error.message);
    throw error;
  }
}

function unreadable(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param: 'files' });
}
