/** How the model is told to reason, in the words of the Responses API. */

import { wordOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Notes } from '../notes.ts';
import type { ModelRequest, ReasoningEffort, ReasoningSettings } from '../request.ts';
import { given } from './fields.ts';

const SUMMARIES: ReadonlySet<string> = new Set(['auto', 'concise', 'detailed']);

/** Undefined: nothing is to be said. */
export function writeReasoningSettings(
  request: ModelRequest,
  traits: TargetTraits,
  notes: Notes,
): JsonObject | undefined {
  const settings = request.reasoning;
  const isForeign = request.origin !== 'openai-responses';
  const own = isForeign ? undefined : request.extras['reasoning'];
  if (traits.reasoning === 'none') {
    if (settings && asksToReason(settings)) notes.dropped(wordOf(request, 'reasoning'));
    return undefined;
  }
  const extra = isObject(own) ? own : {};
  const written = given<JsonObject>({
    effort: settings && effortOf(request, settings, notes),
    summary: extra['generate_summary'] === undefined ? writeSummary(settings?.summary, isForeign) : undefined,
    ...extra,
  });
  return Object.keys(written).length > 0 ? written : undefined;
}

function asksToReason({ effort, budgetTokens, adaptive, enabled }: ReasoningSettings): boolean {
  if (enabled === false || effort === 'none' || budgetTokens === 0) return false;
  return effort !== undefined || budgetTokens !== undefined || adaptive === true;
}

function effortOf(request: ModelRequest, settings: ReasoningSettings, notes: Notes): ReasoningEffort | undefined {
  if (settings.effort !== undefined) return settings.effort;
  if (settings.enabled === false) return 'none';
  // -1 and `adaptive`: the model decides, which is what it does when nothing is said.
  if (settings.budgetTokens === undefined || settings.budgetTokens < 0) return undefined;
  const effort = effortOfBudget(settings.budgetTokens);
  notes.changed(`${wordOf(request, 'reasoning')} budget ${settings.budgetTokens}→effort ${effort}`);
  return effort;
}

function effortOfBudget(tokens: number): ReasoningEffort {
  if (tokens === 0) return 'none';
  if (tokens <= 1024) return 'low';
  return tokens <= 8192 ? 'medium' : 'high';
}

function writeSummary(summary: string | undefined, isForeign: boolean): string | undefined {
  if (summary === undefined || !isForeign || SUMMARIES.has(summary)) return summary;
  return 'auto';
}
