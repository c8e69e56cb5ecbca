import type { JsonObject } from '../json.ts';

/**
 * Takes all cache marks but the last few away, in the order in which the API reads a prompt: tools, system, messages.
 * The API refuses more than four; the later ones cover the longer prefix.
 */
export function limitCacheMarks(
  groups: JsonObject[][],
  { atMost, change }: { atMost: number; change: (what: string) => void },
): void {
  const blocks = groups.flat().flatMap((block) => [...contentOf(block), block]);
  const held = blocks.filter((block) => block['cache_control'] !== undefined && block['cache_control'] !== null);
  const excess = held.slice(0, Math.max(0, held.length - atMost));
  for (const block of excess) delete block['cache_control'];
  if (excess.length > 0) change(`${held.length} cache marks→the last ${atMost}`);
}

/** Blocks within a tool result may be marked too. */
function contentOf(block: JsonObject): JsonObject[] {
  return block['type'] === 'tool_result' && Array.isArray(block['content']) ? (block['content'] as JsonObject[]) : [];
}
