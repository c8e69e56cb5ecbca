import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ReasoningEffort, ReasoningSettings } from '../request.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';

/** The least budget that models take. It must also be smaller than `maxTokens`. */
const LEAST_BUDGET = 1024;
const ROOM_FOR_ANSWER = 4096;

/** Tokens of thinking that stand for an effort, where a model is told a budget. */
const BUDGETS: Record<Exclude<ReasoningEffort, 'none'>, number> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 64_000,
};

export interface WrittenReasoning {
  /** For `additionalModelRequestFields`. */
  fields: JsonObject;
  /** For `outputConfig.effort`. */
  effort?: string;
  maxTokens?: number;
  /** What reasoning, switched on by our doing, forbids: `sampling` to vary, or `limits` of any kind. */
  forbids?: 'sampling' | 'limits';
}

/** Settles reasoning, in the words of the model's maker, together with the limit that it must agree with. */
export function writeReasoning(turns: Turn[], demandsCall: boolean, job: WriteJob): WrittenReasoning {
  const { request, traits } = job;
  if (job.isOwn) return writeOwn(job);
  const bare = { fields: {}, ...writeMaxTokens(undefined, job) };
  const said = request.reasoning;
  if (
    said === undefined ||
    (said.effort === undefined && said.enabled === undefined && said.budgetTokens === undefined && !said.adaptive)
  ) {
    return bare;
  }
  const isOff = said.enabled === false || said.effort === 'none' || said.budgetTokens === 0;
  if (traits.reasoning === 'none') {
    if (!isOff) job.drop(job.said('reasoning'));
    return bare;
  }
  switch (formOf(job)) {
    case 'nova':
      return { ...bare, ...writeNova(said, isOff, job) };
    case 'effort':
      return { ...bare, fields: writeEffort(said, isOff, 'reasoning_effort', job) };
    case 'effort-object':
      return { ...bare, fields: writeEffort(said, isOff, 'reasoning', job) };
    case 'thinking':
      return { ...bare, ...writeThinking(said, isOff, turns, demandsCall, job) };
  }
}

function formOf({ maker, traits, request }: WriteJob): 'thinking' | 'nova' | 'effort' | 'effort-object' {
  if (maker.reasoning !== 'unknown') return maker.reasoning;
  if (traits.reasoning !== undefined) return traits.reasoning === 'effort' ? 'effort' : 'thinking';
  return request.reasoning?.effort === undefined ? 'thinking' : 'effort';
}

/** The client's own words, as it wrote them. */
function writeOwn(job: WriteJob): WrittenReasoning {
  const { maxOutputTokens, wording, reasoning } = job.request;
  const fields = isObject(wording?.['fields']) ? wording['fields'] : {};
  const limit = maxOutputTokens === undefined ? {} : { maxTokens: maxOutputTokens };
  if (job.traits.reasoning === 'none') {
    if (reasoning !== undefined) job.drop('additionalModelRequestFields (reasoning)');
    const topK = fields['top_k'];
    return { fields: topK === undefined ? {} : { top_k: topK }, ...limit };
  }
  const effort = wording?.['effort'];
  return { fields, ...(typeof effort === 'string' ? { effort } : {}), ...limit };
}

function writeNova(said: ReasoningSettings, isOff: boolean, job: WriteJob): Partial<WrittenReasoning> {
  if (isOff) return { fields: { reasoningConfig: { type: 'disabled' } } };
  const effort = effortWithin(said, ['low', 'medium', 'high'], job);
  const fields = { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } };
  // At the highest effort the model sets its own limits, and refuses any other.
  return effort === 'high' ? { fields, forbids: 'limits' } : { fields };
}

function writeEffort(
  said: ReasoningSettings,
  isOff: boolean,
  word: 'reasoning_effort' | 'reasoning',
  job: WriteJob,
): JsonObject {
  if (isOff) {
    if (word === 'reasoning') return { reasoning: { effort: 'none' } };
    job.drop(`${job.said('reasoning')} none`);
    return {};
  }
  if (said.effort === undefined && said.budgetTokens === undefined) return {};
  const taken: ReasoningEffort[] = ['low', 'medium', 'high'];
  if (word === 'reasoning') return { reasoning: { effort: effortWithin(said, [...taken, 'xhigh', 'max'], job) } };
  return { reasoning_effort: effortWithin(said, taken, job) };
}

/** The effort, or the one that the budget stands for, as near as `taken` allows. */
function effortWithin(said: ReasoningSettings, taken: ReasoningEffort[], job: WriteJob): ReasoningEffort {
  const { effort, budgetTokens } = said;
  const wanted = effort ?? (budgetTokens === undefined || budgetTokens < 0 ? 'medium' : effortOf(budgetTokens));
  if (effort === undefined && budgetTokens !== undefined)
    job.change(`thinking budget ${budgetTokens}→effort ${wanted}`);
  if (taken.includes(wanted)) return wanted;
  const nearest = wanted === 'minimal' || wanted === 'none' ? (taken[0] ?? 'low') : (taken.at(-1) ?? 'high');
  job.change(`${job.said('reasoning')} ${wanted}→${nearest}`);
  return nearest;
}

function effortOf(budget: number): ReasoningEffort {
  return budget <= BUDGETS.low ? 'low' : budget <= BUDGETS.medium ? 'medium' : 'high';
}

function writeThinking(
  said: ReasoningSettings,
  isOff: boolean,
  turns: Turn[],
  demandsCall: boolean,
  job: WriteJob,
): Partial<WrittenReasoning> {
  const { reasoning } = job.traits;
  if (isOff) return reasoning === 'effort' ? {} : { fields: { thinking: { type: 'disabled' } } };
  if (reasoning === 'effort') return { effort: effortWithin(said, ['low', 'medium', 'high', 'xhigh', 'max'], job) };
  if (demandsCall) {
    job.drop(`${job.said('reasoning')} (not with a demanded tool call)`);
    return {};
  }
  // In that dialect a client that says nothing of it gets what the model does by itself.
  const isUnsaid =
    said.summary === undefined || (job.request.origin === 'anthropic-messages' && said.summary === 'auto');
  const display = isUnsaid ? {} : { display: 'summarized' };
  const byBudget = (said.budgetTokens ?? -1) > 0 && !said.adaptive;
  if ((reasoning ?? (byBudget ? 'budget' : 'adaptive')) === 'budget') return writeBudget(said, turns, job);
  const hasMeasure = said.effort !== undefined || (said.budgetTokens ?? -1) > 0;
  const effort = hasMeasure ? { effort: effortWithin(said, ['low', 'medium', 'high', 'xhigh', 'max'], job) } : {};
  return { fields: { thinking: { type: 'adaptive', ...display } }, ...effort, forbids: 'sampling' };
}

function writeBudget(said: ReasoningSettings, turns: Turn[], job: WriteJob): Partial<WrittenReasoning> {
  if (!mayThink(turns, job)) {
    job.drop(`${job.said('reasoning')} (the tool calls under way hold no thinking signed by this provider)`);
    return {};
  }
  const wanted = budgetOf(said, job);
  const limit = writeMaxTokens(wanted, job);
  const budget = fitBudget(wanted, limit.maxTokens);
  if (budget === undefined) {
    job.drop(`${job.said('reasoning')} (no room for thinking in ${limit.maxTokens} tokens)`);
    return {};
  }
  if (budget !== wanted) job.change(`thinking budget ${wanted}→${budget} (maxTokens ${limit.maxTokens})`);
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget } }, ...limit, forbids: 'sampling' };
}

function budgetOf(said: ReasoningSettings, job: WriteJob): number {
  const { budgetTokens, effort } = said;
  if (budgetTokens !== undefined && budgetTokens > 0) return budgetTokens;
  const budget = BUDGETS[effort === undefined || effort === 'none' ? 'medium' : effort];
  job.change(
    `${job.said('reasoning')} ${effort ?? (said.adaptive ? 'adaptive' : 'on')}→thinking.budget_tokens ${budget}`,
  );
  return budget;
}

/** The greatest budget up to the wanted one that leaves a quarter of the limit, or 1,024, for the answer. */
function fitBudget(wanted: number, maxTokens: number | undefined): number | undefined {
  if (maxTokens === undefined) return Math.max(LEAST_BUDGET, wanted);
  if (maxTokens <= LEAST_BUDGET) return undefined;
  const room = Math.min(1024, Math.floor(maxTokens / 4));
  return Math.max(LEAST_BUDGET, Math.min(wanted, maxTokens - room));
}

/**
 * The client's limit, never above the model's. Without one none is sent, as the API's own default is the model's
 * greatest; only beside a budget some is needed, for the API's default does not count the budget in.
 */
function writeMaxTokens(budget: number | undefined, job: WriteJob): { maxTokens?: number } {
  const { maxOutputTokens: wanted } = job.request;
  const { maxOutputTokens: greatest } = job.traits;
  if (wanted !== undefined) {
    if (greatest === undefined || wanted <= greatest) return { maxTokens: wanted };
    job.change(`${job.said('maxOutputTokens')} ${wanted}→${greatest}`);
    return { maxTokens: greatest };
  }
  if (budget === undefined) return {};
  const assumed = greatest ?? ROOM_FOR_ANSWER + budget;
  job.change(`${job.said('maxOutputTokens')} absent→${assumed}`);
  return { maxTokens: assumed };
}

/** With a budget, the assistant's turn that tool calls are under way in must begin with its signed thinking, and so must words to be continued. */
function mayThink(turns: Turn[], job: WriteJob): boolean {
  const last = turns.at(-1);
  if (last === undefined) return true;
  if (last.role === 'assistant') return beginsThinking(last);
  if (last.pieces.every(isNoResult)) return true;
  const lastWords = turns.findLastIndex((turn) => turn.role === 'user' && turn.pieces.every(isNoResult));
  const underWay = turns.slice(lastWords + 1).filter(({ role }) => role === 'assistant');
  return underWay.some(beginsThinking) && !(job.hasLostReasoning && !underWay.every(beginsThinking));
}

const isNoResult = ({ block }: { block: JsonObject }) => block['toolResult'] === undefined;

function beginsThinking({ pieces }: Turn): boolean {
  return pieces[0]?.block['reasoningContent'] !== undefined;
}
