import type { JournalAttempt } from '../../usage/journal-line.ts';
import type { LoggedAttempt, LoggedCall } from '../store.ts';
import type { CallRow } from './usage-tables.ts';

export interface CallRecordJson {
  usage: Record<string, number | string>;
}

export function loggedCallOf(row: CallRow): LoggedCall {
  return {
    id: row.id,
    atMs: row.at_ms,
    dialect: row.dialect,
    operation: row.operation,
    modelAsked: row.asked,
    isStreamed: row.streamed === 1,
    status: row.status,
    outcome: row.outcome,
    attempts: (JSON.parse(row.attempts) as JournalAttempt[]).map(loggedAttemptOf),
    usageSource: row.usage_source,
    durationMs: row.duration_ms,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    ...present({
      organisation: row.organisation,
      team: row.team,
      project: row.project,
      user: row.user,
      keyId: row.key_id,
      keyName: row.key_name,
      session: row.session,
      tags: row.tags === null ? null : (JSON.parse(row.tags) as Record<string, string>),
      provider: row.provider,
      model: row.model,
      variant: row.variant,
      route: row.route,
      shadowOf: row.shadow_of,
      error: row.error,
      errorMessage: row.error_message,
      usage: row.usage === null ? null : (JSON.parse(row.usage) as CallRecordJson['usage']),
      costPico: row.cost_pico,
      priceVersion: row.price_version,
      cache: row.cache,
      guard: row.guard,
      firstByteMs: row.first_byte_ms,
      overheadMs: row.overhead_ms,
      traceId: row.trace_id,
    }),
  };
}

function loggedAttemptOf(attempt: JournalAttempt): LoggedAttempt {
  return {
    provider: attempt.provider,
    model: attempt.model,
    startedMs: attempt.started_ms,
    verdict: attempt.verdict,
    ...present({
      firstByteMs: attempt.first_byte_ms ?? null,
      status: attempt.status ?? null,
      why: attempt.why ?? null,
      isHedge: attempt.hedge ?? null,
    }),
  };
}

/** What is not null. */
export function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>;
  };
}
