import type { JsonObject } from '../json.ts';
import type { ReasoningEffort, ReasoningSettings } from '../request.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';

/** The least budget that the API takes. It must also be smaller than `max_tokens`. */
const LEAST_BUDGET = 1024;
const DEFAULT_MAX_TOKENS = 4096;

/** Tokens of thinking that stand for an effort, where a model is told a budget. */
const BUDGETS: Record<Exclude<ReasoningEffort, 'none'>, number> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 64_000,
};

export interface WrittenThinking {
  thinking?: JsonObject;
  effort?: string;
  maxTokens: number;
  /** Thinking is on, by our doing or with other settings than the client's: its rules for the rest must be kept. */
  bindsRest: boolean;
}

type Wish =
  | { mode: 'unsaid'; effort?: string }
  | { mode: 'off'; effort?: string }
  | { mode: 'budget'; budget: number; isDerived: boolean; effort?: string }
  | { mode: 'adaptive'; effort?: string };

/** Settles thinking together with the two limits it must agree with: `max_tokens`, and whether a tool call is demanded. */
export function writeThinking(turns: Turn[], demandsCall: boolean, job: WriteJob): WrittenThinking {
  const { request } = job;
  const wish = readWish(job);
  const effort = wish.effort === undefined ? {} : { effort: wish.effort };
  const bare = { ...effort, maxTokens: writeMaxTokens(undefined, job), bindsRest: false };
  if (wish.mode === 'unsaid') return bare;
  if (wish.mode === 'off') return { ...bare, thinking: { type: 'disabled' } };

  const isClientsOwn = job.isOwn && !(wish.mode === 'budget' ? wish.isDerived : isForced(job));
  if (!isClientsOwn && demandsCall) {
    job.drop(`${job.said('reasoning')} (not with a demanded tool call)`);
    return bare;
  }
  const display = writeDisplay(request.reasoning, job);
  if (wish.mode === 'adaptive') {
    return { ...bare, thinking: { type: 'adaptive', ...display }, bindsRest: !isClientsOwn };
  }
  if (!mayThink(turns, job)) {
    job.drop(`${job.said('reasoning')} (the tool calls under way hold no thinking signed by this provider)`);
    return bare;
  }
  const maxTokens = writeMaxTokens(wish.budget, job);
  const isUntouched = isClientsOwn && maxTokens === request.maxOutputTokens;
  const budget = isUntouched ? wish.budget : fitBudget(wish.budget, maxTokens);
  if (budget === undefined) {
    job.drop(`${job.said('reasoning')} (no room for thinking in ${maxTokens} tokens)`);
    return bare;
  }
  if (budget !== wish.budget) job.change(`thinking budget ${wish.budget}→${budget} (max_tokens ${maxTokens})`);
  const thinking = { type: 'enabled', budget_tokens: budget, ...display };
  return { ...bare, maxTokens, thinking, bindsRest: !isUntouched };
}

/** The model takes only another form of thinking than the client's. */
function isForced({ request, traits }: WriteJob): boolean {
  return traits.reasoning === 'adaptive' && !request.reasoning?.adaptive;
}

function readWish(job: WriteJob): Wish {
  const { request, traits, isOwn } = job;
  const said = request.reasoning ?? {};
  if (said.enabled === false || said.effort === 'none' || said.budgetTokens === 0) return readOff(said, job);
  const wantsThinking =
    said.enabled === true ||
    said.adaptive === true ||
    said.budgetTokens !== undefined ||
    (!isOwn && said.effort !== undefined);
  if (traits.reasoning === 'none') {
    if (wantsThinking || said.effort !== undefined) job.drop(isOwn ? ownWords(said) : job.said('reasoning'));
    return { mode: 'unsaid' };
  }
  if (!wantsThinking) return readEffortAlone(said, job);
  const byBudget = said.budgetTokens !== undefined && said.budgetTokens > 0 && !said.adaptive;
  const form = traits.reasoning ?? (byBudget ? 'budget' : 'adaptive');
  if (form === 'budget') return readBudget(said, job);
  const effort = readEffort(said, job);
  return { mode: form === 'effort' ? 'unsaid' : 'adaptive', ...(effort === undefined ? {} : { effort }) };
}

function readOff(said: ReasoningSettings, job: WriteJob): Wish {
  const { reasoning } = job.traits;
  const isTold = job.isOwn ? reasoning !== 'none' : reasoning === 'budget' || reasoning === 'adaptive';
  const effort = job.isOwn && said.effort !== undefined && said.effort !== 'none' ? { effort: said.effort } : {};
  return { mode: isTold ? 'off' : 'unsaid', ...effort };
}

/** In this dialect an effort without `thinking` steers the length of answers, and switches no thinking on. */
function readEffortAlone(said: ReasoningSettings, job: WriteJob): Wish {
  if (!job.isOwn || said.effort === undefined) return { mode: 'unsaid' };
  if (job.traits.reasoning === 'budget') {
    job.drop('output_config.effort');
    return { mode: 'unsaid' };
  }
  return { mode: 'unsaid', effort: said.effort };
}

function readBudget(said: ReasoningSettings, job: WriteJob): Wish {
  const { budgetTokens } = said;
  if (budgetTokens !== undefined && budgetTokens > 0) {
    const keepsEffort = job.isOwn && said.effort !== undefined && job.traits.reasoning === undefined;
    if (job.isOwn && said.effort !== undefined && !keepsEffort) job.drop('output_config.effort');
    return { mode: 'budget', budget: budgetTokens, isDerived: false, ...(keepsEffort ? { effort: said.effort } : {}) };
  }
  const effort = said.effort === undefined || said.effort === 'none' ? 'medium' : said.effort;
  const budget = BUDGETS[effort];
  const from = said.effort ?? (said.adaptive ? 'adaptive' : 'on');
  job.change(`${job.isOwn ? ownWords(said) : job.said('reasoning')} ${from}→thinking.budget_tokens ${budget}`);
  return { mode: 'budget', budget, isDerived: true };
}

function readEffort(said: ReasoningSettings, job: WriteJob): string | undefined {
  if (said.effort === 'minimal') {
    job.change(`${job.said('reasoning')} minimal→low`);
    return 'low';
  }
  if (said.effort !== undefined) return said.effort;
  if (said.budgetTokens === undefined || said.budgetTokens <= 0) return undefined;
  // No higher than every adaptive model takes.
  const effort = said.budgetTokens <= BUDGETS.low ? 'low' : said.budgetTokens <= BUDGETS.medium ? 'medium' : 'high';
  job.change(`thinking budget ${said.budgetTokens}→effort ${effort}`);
  return effort;
}

function ownWords(said: ReasoningSettings): string {
  return said.enabled === undefined && said.budgetTokens === undefined ? 'output_config.effort' : 'thinking';
}

function writeDisplay(said: ReasoningSettings | undefined, job: WriteJob): JsonObject {
  const omitted = job.isOwn ? job.request.wording?.['display'] : undefined;
  if (omitted !== undefined) return { display: omitted };
  const wantsText = said?.summary !== undefined && (!job.isOwn || said.summary === 'detailed');
  return wantsText ? { display: 'summarized' } : {};
}

/**
 * `max_tokens` is demanded. A client's own limit is never raised: it is what the client is willing to pay. Without one,
 * it is the model's greatest output, and where that is not known, room for the answer beside the thinking.
 */
function writeMaxTokens(budget: number | undefined, job: WriteJob): number {
  const { maxOutputTokens: wanted } = job.request;
  const { maxOutputTokens: greatest } = job.traits;
  if (wanted !== undefined) {
    if (greatest === undefined || wanted <= greatest) return wanted;
    job.change(`${job.said('maxOutputTokens')} ${wanted}→${greatest}`);
    return greatest;
  }
  if (greatest !== undefined) return greatest;
  const assumed = DEFAULT_MAX_TOKENS + (budget ?? 0);
  job.change(`${job.said('maxOutputTokens')} absent→${assumed}`);
  return assumed;
}

/** The greatest budget up to the wanted one that leaves a quarter of `max_tokens`, or 1,024, for the answer. */
function fitBudget(wanted: number, maxTokens: number): number | undefined {
  if (maxTokens <= LEAST_BUDGET) return undefined;
  const room = Math.min(1024, Math.floor(maxTokens / 4));
  return Math.max(LEAST_BUDGET, Math.min(wanted, maxTokens - room));
}

/**
 * With a budget, the assistant's turn that tool calls are under way in must begin with a thinking block, and so must
 * words of the assistant that are to be continued. A conversation that came from another model has none.
 */
function mayThink(turns: Turn[], job: WriteJob): boolean {
  if (job.isOwn && !job.hasLostReasoning) return true;
  const last = turns.at(-1);
  if (last === undefined) return true;
  if (last.role === 'assistant') return beginsThinking(last);
  const isUnderWay = last.blocks.some((block) => block['type'] === 'tool_result');
  if (!isUnderWay) return true;
  const lastWords = turns.findLastIndex((turn) => turn.role === 'user' && turn.blocks.every(isNoResult));
  return turns.slice(lastWords + 1).some((turn) => turn.role === 'assistant' && beginsThinking(turn));
}

const isNoResult = (block: JsonObject) => block['type'] !== 'tool_result';

function beginsThinking(turn: Turn): boolean {
  const type = turn.blocks[0]?.['type'];
  return type === 'thinking' || type === 'redacted_thinking';
}
