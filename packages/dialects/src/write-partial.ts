import type { ModelError } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Usage } from './usage.ts';

/** What the client has of an answer that broke off, as further fields of the error object: `resumable`, and `usage` in the dialect's own words. No field where none had begun. */
export function writePartial({ partial }: ModelError, writeUsage: (usage: Usage) => JsonObject): JsonObject {
  if (partial === undefined) return {};
  const { resumable, usage, isEstimated } = partial;
  if (usage === undefined) return { resumable };
  return { resumable, usage: { ...writeUsage(usage), ...(isEstimated === true && { estimated: true }) } };
}
