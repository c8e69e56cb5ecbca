import { BUDGETS } from '../chat-words.ts';
import type { Setting } from '../client-words.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ReasoningSettings } from '../request.ts';
import { foreignFields, saidAmong, tellCacheMarks } from '../unsaid.ts';
import type { PlainMessage } from './plain-messages.ts';
import type { WriteJob } from './write-job.ts';

/** The settings that a host calls by names of its own, as it takes them. */
export function writeSettings(job: WriteJob, names: Partial<Record<Setting, string>>): JsonObject {
  const { request, traits, notes } = job;
  const body: JsonObject = {};
  for (const [setting, name] of Object.entries(names) as [Setting, string][]) {
    const value = request[setting] as Json | undefined;
    if (value === undefined) continue;
    if (SAMPLING.has(setting) && traits.takesSampling === false) {
      for (const word of saidAmong(request, [setting])) notes.dropped(word);
    } else body[name] = value;
  }
  return body;
}

const SAMPLING = new Set<Setting>(['temperature', 'topP', 'topK', 'minP', 'frequencyPenalty', 'presencePenalty']);

/** The output limit, never above what the model allows. */
export function limitOf({ request, traits, notes, said }: WriteJob): number | undefined {
  const wanted = request.maxOutputTokens;
  const most = traits.maxOutputTokens;
  if (wanted === undefined || most === undefined || wanted <= most) return wanted;
  notes.changed(`${said('maxOutputTokens')} ${wanted}→${most}`);
  return most;
}

export interface Thinking {
  isOn: boolean;
  budget?: number;
}

/** Whether to think and how long, for models that are told by a budget. Undefined: the client said nothing, or the model cannot. */
export function thinkingOf(job: WriteJob): Thinking | undefined {
  const { request, traits, notes } = job;
  const settings = request.reasoning;
  if (settings === undefined || !saysHow(settings)) return undefined;
  const word = job.said('reasoning');
  if (isOff(settings)) return { isOn: false };
  if (traits.reasoning === 'none') {
    notes.dropped(word);
    return undefined;
  }
  const { effort, budgetTokens } = settings;
  if (budgetTokens !== undefined) return budgetTokens > 0 ? { isOn: true, budget: budgetTokens } : { isOn: true };
  if (effort === undefined) return { isOn: true };
  notes.changed(`${word} ${effort}→a budget of ${BUDGETS[effort]} tokens`);
  return { isOn: true, budget: BUDGETS[effort] };
}

/** A wish for a summary alone switches nothing on. */
export function saysHow({ effort, budgetTokens, enabled, adaptive }: ReasoningSettings): boolean {
  return effort !== undefined || budgetTokens !== undefined || enabled !== undefined || adaptive === true;
}

export function isOff({ effort, enabled, budgetTokens }: ReasoningSettings): boolean {
  return enabled === false || effort === 'none' || budgetTokens === 0;
}

/** Asks for JSON in words, behind the leading system messages, so that the prefix before it stays what it was. */
export function askForJson(messages: PlainMessage[], schema?: JsonObject): void {
  const text =
    schema === undefined
      ? 'Answer with one JSON object and nothing else.'
      : `Answer with one JSON value and nothing else. It must satisfy this JSON Schema:\n${JSON.stringify(schema)}`;
  const leading = messages.findIndex(({ role }) => role !== 'system');
  const message: PlainMessage = { role: 'system', parts: [{ type: 'text', text }], reasoning: [], calls: [] };
  messages.splice(leading < 0 ? messages.length : leading, 0, message);
}

/** Tiers that are what happens unasked. */
const USUAL_TIERS = new Set(['auto', 'default', 'standard', 'standard_only']);

/** Notes what the request says and the host has no word for; gives the extras that it does know. */
export function writeExtras(
  job: WriteJob,
  { unsayable, shared }: { unsayable: readonly Setting[]; shared: ReadonlySet<string> },
): JsonObject {
  const { request, notes, isOwn } = job;
  for (const word of saidAmong(request, unsayable)) notes.dropped(word);
  const tier = request.serviceTier;
  if (tier !== undefined && !USUAL_TIERS.has(tier.toLowerCase())) notes.dropped(`${job.said('serviceTier')} ${tier}`);
  if (isOwn) return { ...request.extras };
  tellCacheMarks(request, notes);
  for (const path of foreignFields(request, (field) => shared.has(field))) notes.dropped(path);
  return Object.fromEntries(Object.entries(request.extras).filter(([field]) => shared.has(field)));
}
