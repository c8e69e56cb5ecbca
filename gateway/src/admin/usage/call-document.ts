import { z } from 'zod';
import { dollarsOf } from '../../usage/dollars.ts';
import type { CallDetail, LedgerEntry, LoggedAttempt, LoggedCall } from '../../usage/usage-store.ts';
import { shownMoment } from '../api/fields.ts';

const text = () => z.string().nullable();
const dollars = () => z.string().nullable().describe('US dollars, exact. Null: no price is known.');
const usage = () =>
  z
    .record(z.string(), z.union([z.number(), z.string()]))
    .nullable()
    .describe('Counts by name; what was not told is not there.');

const attempt = z
  .strictObject({
    provider: z.string(),
    model: z.string(),
    started_ms: z.number().describe('After the beginning of the call.'),
    first_byte_ms: z.number().nullable(),
    status: z.int().nullable(),
    verdict: z.string().describe('What came of it, and what the gateway did next.'),
    why: text(),
    is_hedge: z.boolean().describe('Whether it ran beside another one, to be faster.'),
  })
  .meta({ id: 'CallAttempt' });

const ledgerEntry = z
  .strictObject({
    attempt: z.int().describe('From 1; 0: nobody was asked.'),
    at: shownMoment(),
    provider: text(),
    model: text(),
    state: z.enum(['captured', 'released']),
    is_visible: z.boolean().describe('False: no client saw this answer.'),
    is_hedge: z.boolean(),
    verdict: text(),
    usage: usage(),
    usage_source: z.string(),
    cost_usd: dollars(),
    price_version: text(),
  })
  .meta({ id: 'LedgerEntry' });

const summary = {
  id: z.string(),
  at: shownMoment(),
  organisation: text(),
  team: text(),
  project: text(),
  user: text(),
  key_id: text(),
  key_name: text(),
  session: text(),
  tags: z.record(z.string(), z.string()),
  dialect: z.string(),
  operation: z.string(),
  model_asked: z.string(),
  provider: text(),
  model: text(),
  variant: text(),
  route: text(),
  shadow_of: text(),
  is_streamed: z.boolean(),
  status: z.int(),
  outcome: z.string(),
  error: text(),
  error_message: text(),
  attempts: z.array(attempt),
  usage: usage(),
  usage_source: z.string().describe('`measured`, `estimated` or `none`.'),
  cost_usd: dollars(),
  price_version: text(),
  cache: text(),
  guard: text(),
  duration_ms: z.number(),
  first_byte_ms: z.number().nullable(),
  overhead_ms: z.number().nullable(),
  bytes_in: z.int(),
  bytes_out: z.int(),
  trace_id: text(),
};

export const callSummary = z.strictObject(summary).meta({ id: 'LoggedCall' });
export const callDocument = z
  .strictObject({
    ...summary,
    ledger: z.array(ledgerEntry),
    has_bodies: z.boolean().describe('Whether what was asked and answered was kept.'),
  })
  .meta({ id: 'CallDetail' });

/** A call of the log, for JSON: every field is there, null where nothing is known. */
export function showCall(call: LoggedCall): z.output<typeof callSummary> {
  return {
    id: call.id,
    at: new Date(call.atMs).toISOString(),
    organisation: call.organisation ?? null,
    team: call.team ?? null,
    project: call.project ?? null,
    user: call.user ?? null,
    key_id: call.keyId ?? null,
    key_name: call.keyName ?? null,
    session: call.session ?? null,
    tags: call.tags ?? {},
    dialect: call.dialect,
    operation: call.operation,
    model_asked: call.modelAsked,
    provider: call.provider ?? null,
    model: call.model ?? null,
    variant: call.variant ?? null,
    route: call.route ?? null,
    shadow_of: call.shadowOf ?? null,
    is_streamed: call.isStreamed,
    status: call.status,
    outcome: call.outcome,
    error: call.error ?? null,
    error_message: call.errorMessage ?? null,
    attempts: call.attempts.map(showAttempt),
    usage: call.usage ?? null,
    usage_source: call.usageSource,
    cost_usd: costOf(call),
    price_version: call.priceVersion ?? null,
    cache: call.cache ?? null,
    guard: call.guard ?? null,
    duration_ms: call.durationMs,
    first_byte_ms: call.firstByteMs ?? null,
    overhead_ms: call.overheadMs ?? null,
    bytes_in: call.bytesIn,
    bytes_out: call.bytesOut,
    trace_id: call.traceId ?? null,
  };
}

/** As `showCall`, with what the ledger holds of it. */
export function showDetail(call: CallDetail): Omit<z.output<typeof callDocument>, 'has_bodies'> {
  return { ...showCall(call), ledger: call.entries.map(showEntry) };
}

function showAttempt(made: LoggedAttempt): z.output<typeof attempt> {
  return {
    provider: made.provider,
    model: made.model,
    started_ms: made.startedMs,
    first_byte_ms: made.firstByteMs ?? null,
    status: made.status ?? null,
    verdict: made.verdict,
    why: made.why ?? null,
    is_hedge: made.isHedge ?? false,
  };
}

function showEntry(entry: LedgerEntry): z.output<typeof ledgerEntry> {
  return {
    attempt: entry.attempt,
    at: new Date(entry.atMs).toISOString(),
    provider: entry.provider ?? null,
    model: entry.model ?? null,
    state: entry.state,
    is_visible: entry.isVisible,
    is_hedge: entry.isHedge,
    verdict: entry.verdict ?? null,
    usage: entry.usage ?? null,
    usage_source: entry.usageSource,
    cost_usd: costOf(entry),
    price_version: entry.priceVersion ?? null,
  };
}

function costOf({ costPico }: { costPico?: number }): string | null {
  return costPico === undefined ? null : dollarsOf(costPico);
}
