import type { Json, JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';

/** Reads the counts of the last line. A prompt that the server held in memory may go uncounted: then it is none. */
export function readUsage(line: JsonObject): Usage | undefined {
  const input = count(line['prompt_eval_count']);
  const output = count(line['eval_count']);
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input ?? 0, outputTokens: output ?? 0 };
}

export function writeUsage({ inputTokens, outputTokens }: Usage): JsonObject {
  return { prompt_eval_count: inputTokens, eval_count: outputTokens };
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
