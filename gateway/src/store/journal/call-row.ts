import type { JournalEntry } from '../../usage/journal-line.ts';
import type { CallRow } from '../sql/usage-tables.ts';
import { sortedTags } from './usage-group.ts';

/** The row of a call in the request log. */
export function callRowOf(entry: JournalEntry, costPico: number | null): CallRow {
  return {
    id: entry.id,
    at_ms: entry.at,
    organisation: entry.organisation ?? null,
    team: entry.team ?? null,
    project: entry.project ?? null,
    user: entry.user ?? null,
    key_id: entry.key ?? null,
    key_name: entry.key_name ?? null,
    session: entry.session ?? null,
    tags: entry.tags === undefined ? null : JSON.stringify(Object.fromEntries(sortedTags(entry.tags))),
    dialect: entry.dialect,
    operation: entry.operation,
    asked: entry.asked,
    provider: entry.provider ?? null,
    model: entry.model ?? null,
    variant: entry.variant ?? null,
    route: entry.route ?? null,
    shadow_of: entry.shadow_of ?? null,
    streamed: Number(entry.streamed),
    status: entry.status,
    outcome: entry.outcome,
    error: entry.error ?? null,
    error_message: entry.error_message ?? null,
    attempts: JSON.stringify(entry.attempts),
    usage: entry.usage === undefined ? null : JSON.stringify(entry.usage),
    usage_source: entry.usage_source,
    cost_pico: costPico,
    price_version: entry.price_version ?? null,
    cache: entry.cache ?? null,
    guard: entry.guard ?? null,
    duration_ms: entry.ms,
    first_byte_ms: entry.first_byte_ms ?? null,
    overhead_ms: entry.overhead_ms ?? null,
    bytes_in: entry.bytes_in,
    bytes_out: entry.bytes_out,
    trace_id: entry.trace_id ?? null,
  };
}
