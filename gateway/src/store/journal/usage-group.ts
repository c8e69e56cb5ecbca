import { hash } from 'node:crypto';
import type { JournalAttempt, JournalEntry } from '../../usage/journal-line.ts';
import type { GroupRow } from '../sql/usage-tables.ts';

/** Calls that are alike in everything that reports divide by, with their tags. */
export interface UsageGroup extends GroupRow {
  tags: readonly (readonly [name: string, value: string])[];
}

/** The group of one attempt. Of a call that asked nobody: by the model that was asked for. */
export function usageGroupOf(entry: JournalEntry, attempt: JournalAttempt | undefined): UsageGroup {
  const tags = sortedTags(entry.tags);
  const facts = {
    organisation: entry.organisation ?? null,
    team: entry.team ?? null,
    project: entry.project ?? null,
    user: entry.user ?? null,
    key_id: entry.key ?? null,
    model: attempt?.model ?? entry.model ?? entry.asked,
    provider: attempt?.provider ?? entry.provider ?? null,
    variant: entry.variant ?? null,
  };
  const id = hash('sha256', JSON.stringify([...Object.values(facts), tags]), 'base64url').slice(0, 22);
  return { id, ...facts, key_name: entry.key_name ?? null, tags };
}

/** By name, so that their order makes no difference. */
export function sortedTags(tags: Readonly<Record<string, string>> | undefined): [string, string][] {
  if (tags === undefined) return [];
  return Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1));
}
