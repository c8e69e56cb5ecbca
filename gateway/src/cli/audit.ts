import { readDuration } from '../config/schema/values.ts';
import { systemClock } from '../core/clock.ts';
import { createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface EntryDocument {
  sequence: number;
  at: string;
  actor: string;
  action: string;
  noun: string;
  noun_name: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface AuditOptions extends Common {
  noun?: string;
  name?: string;
  action?: string;
  actor?: string;
  since?: string;
  limit: number;
}

/** The newest first. */
export async function listAudit(options: AuditOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const entries = await askAll<EntryDocument>(client, `/audit?${queryOf(options)}`, options.limit);
  if (options.json) return terminal.out(JSON.stringify({ data: entries }, null, 2));
  const rows = entries.map((entry) => [
    String(entry.sequence),
    entry.at,
    entry.actor,
    entry.action,
    entry.noun,
    entry.noun_name,
    changedFields(entry).join(', '),
  ]);
  terminal.out(writeTable(['NO', 'AT', 'WHO', 'ACTION', 'NOUN', 'NAME', 'CHANGED'], rows));
}

/** Fails where the chain is broken. */
export async function verifyAudit(options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const verdict = await client.ask<{ intact: boolean; entries: number; reason: string | null }>('GET', '/audit/verify');
  if (options.json) terminal.out(JSON.stringify(verdict, null, 2));
  if (!verdict.intact) throw new CommandFailure(`The audit is not as it was written. ${verdict.reason}`, EXIT.failed);
  if (!options.json) terminal.out(`The audit is whole: ${verdict.entries} entries.`);
}

function queryOf({ noun, name, action, actor, since }: AuditOptions): string {
  const asked = Object.entries({ noun, noun_name: name, action, actor, from: since && momentOf(since) });
  return new URLSearchParams(asked.filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}

/** A moment, or a time until now. */
function momentOf(since: string): string {
  const duration = readDuration(since);
  return duration === undefined ? since : new Date(systemClock.wallMs() - duration).toISOString();
}

function changedFields({ before, after }: EntryDocument): string[] {
  if (before === null || after === null) return [];
  return Object.keys(after).filter((field) => JSON.stringify(after[field]) !== JSON.stringify(before[field]));
}
