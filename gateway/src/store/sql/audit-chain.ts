import { createHash } from 'node:crypto';
import type { AuditRow } from './tables.ts';

/** What stands before the first entry. */
export const FIRST_HASH = '0'.repeat(64);

/** SHA-256 over the previous hash and the entry's columns, as a JSON list in this order, hexadecimal. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const content = JSON.stringify([
    row.previous_hash,
    row.sequence,
    row.id,
    row.at_ms,
    row.actor,
    row.actor_id,
    row.action,
    row.noun,
    row.noun_id,
    row.noun_name,
    row.before,
    row.after,
    row.request_id,
    row.remote_address,
  ]);
  return createHash('sha256').update(content).digest('hex');
}

/** What is wrong with an entry that should follow on another. Undefined: nothing. */
export function faultIn(row: AuditRow, previous: { sequence: number; hash: string }): string | undefined {
  if (row.sequence !== previous.sequence + 1) return `Entry ${previous.sequence + 1} is missing.`;
  if (row.previous_hash !== previous.hash) return `Entry ${row.sequence} does not follow on the one before it.`;
  if (row.hash !== hashOf(row)) return `Entry ${row.sequence} was changed after it was written.`;
  return undefined;
}
