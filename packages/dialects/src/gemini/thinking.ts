/**
 * How much a model thinks. Gemini 2.5 takes a budget of tokens, Gemini 3 a level; giving both is refused.
 *
 * | effort        | thinkingBudget | thinkingLevel        |
 * | ------------- | -------------- | -------------------- |
 * | none          | 0 (Pro: 128)   | MINIMAL (Pro: LOW)   |
 * | minimal, low  | 1,024          | MINIMAL (Pro: LOW), LOW |
 * | medium        | 8,192          | MEDIUM               |
 * | high          | 24,576         | HIGH                 |
 * | xhigh, max    | 32,768 (Pro)   | HIGH                 |
 *
 * Efforts are those of Google's own OpenAI surface (https://ai.google.dev/gemini-api/docs/openai#thinking), budgets and
 * their limits those of https://ai.google.dev/gemini-api/docs/thinking.
 */

import { wordOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Notes } from '../notes.ts';
import type { ModelRequest, ReasoningEffort, ReasoningSettings } from '../request.ts';
import { defined, flagOf, numberOf, textOf } from './fields.ts';

const BUDGETS: Record<ReasoningEffort, number> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

const LEVELS: Record<ReasoningEffort, string> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

const EFFORTS: Record<string, ReasoningEffort> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' };

/** Reads `thinkingConfig`; undefined if it says nothing. */
export function readThinking(config: JsonObject): ReasoningSettings | undefined {
  const budget = numberOf(config['thinkingBudget']);
  const read = defined({
    effort: EFFORTS[textOf(config['thinkingLevel'])?.toUpperCase() ?? ''],
    budgetTokens: budget,
    enabled: budget === 0 ? false : undefined,
    summary: flagOf(config['includeThoughts']) ? 'auto' : undefined,
  });
  return Object.keys(read).length === 0 ? undefined : read;
}

/** The `thinkingConfig` for what the client asked, or undefined. */
export function writeThinking(request: ModelRequest, traits: TargetTraits, notes: Notes): JsonObject | undefined {
  const asked = request.reasoning;
  if (asked === undefined) return undefined;
  const kind = kindOf(traits);
  const tell = (from: string, to: string) => notes.changed(`${wordOf(request, 'reasoning')} ${from}→${to}`);
  if (kind === 'none') {
    if (asksToThink(asked)) notes.dropped(wordOf(request, 'reasoning'));
    return undefined;
  }
  const thinkingLevel = kind === 'budget' ? undefined : levelFor(asked, traits, kind, tell);
  const thinkingBudget = thinkingLevel !== undefined || kind === 'level' ? undefined : budgetFor(asked, traits, tell);
  const includeThoughts = wantsThoughts(request, asked) ? true : undefined;
  const config = defined({ includeThoughts, thinkingBudget, thinkingLevel });
  return Object.keys(config).length === 0 ? undefined : config;
}

type Tell = (from: string, to: string) => void;

/** What the model takes. `any`: not known, so levels and budgets go as the client gave them. */
function kindOf(traits: TargetTraits): 'none' | 'budget' | 'level' | 'any' {
  if (traits.reasoning === 'none' || traits.reasoning === 'budget') return traits.reasoning;
  if (traits.reasoning !== undefined) return 'level';
  const generation = Number(/gemini-(\d+)/.exec(traits.model)?.[1]);
  if (Number.isNaN(generation)) return 'any';
  if (generation >= 3) return 'level';
  return /gemini-2\.5/.test(traits.model) ? 'budget' : 'none';
}

function isOff({ effort, enabled, budgetTokens }: ReasoningSettings): boolean {
  return enabled === false || effort === 'none' || budgetTokens === 0;
}

/** A wish to see thoughts, or to get them back encrypted, asks for none. */
function asksToThink(asked: ReasoningSettings): boolean {
  const { effort, budgetTokens, adaptive, enabled } = asked;
  const asks = effort !== undefined || budgetTokens !== undefined || adaptive === true || enabled === true;
  return asks && !isOff(asked);
}

function levelFor(
  asked: ReasoningSettings,
  traits: TargetTraits,
  kind: 'level' | 'any',
  tell: Tell,
): string | undefined {
  if (kind === 'any' && asked.effort === undefined) return undefined;
  const effort = isOff(asked) ? 'none' : (asked.effort ?? effortOf(asked.budgetTokens));
  if (effort === undefined) return undefined;
  const level = LEVELS[effort] === 'MINIMAL' && isPro(traits) ? 'LOW' : LEVELS[effort];
  const told = asked.effort ?? (asked.budgetTokens === undefined ? 'off' : `budget ${asked.budgetTokens}`);
  if (EFFORTS[level] !== asked.effort) tell(told, `thinkingLevel ${level}`);
  return level;
}

/** The effort that a budget of tokens amounts to; -1 leaves it to the model. */
function effortOf(budget: number | undefined): ReasoningEffort | undefined {
  if (budget === undefined || budget < 0) return undefined;
  if (budget <= 512) return 'minimal';
  if (budget <= 4_096) return 'low';
  return budget <= 16_384 ? 'medium' : 'high';
}

function budgetFor(asked: ReasoningSettings, traits: TargetTraits, tell: Tell): number | undefined {
  const wanted = isOff(asked) ? 0 : (asked.budgetTokens ?? budgetOf(asked));
  if (wanted === undefined) return undefined;
  const allowed = wanted <= 0 && !(wanted === 0 && isPro(traits)) ? wanted : withinLimits(wanted, traits);
  const told = asked.budgetTokens === undefined ? (asked.effort ?? 'adaptive') : `budget ${asked.budgetTokens}`;
  const isSame = asked.budgetTokens === allowed || (wanted === allowed && isOff(asked)) || asked.effort === undefined;
  if (!isSame || wanted !== allowed) tell(told, `thinkingBudget ${allowed}`);
  return allowed;
}

function budgetOf({ effort, adaptive }: ReasoningSettings): number | undefined {
  if (effort !== undefined) return BUDGETS[effort];
  return adaptive ? -1 : undefined;
}

function withinLimits(budget: number, traits: TargetTraits): number {
  if (!traits.model.includes('gemini-2.5')) return budget;
  const [least, most] = isPro(traits) ? [128, 32_768] : [/lite/.test(traits.model) ? 512 : 1, 24_576];
  return Math.min(Math.max(budget, least), most);
}

function isPro(traits: TargetTraits): boolean {
  return /gemini-[\d.]+-pro/.test(traits.model);
}

/**
 * Thoughts are billed whether they are told or not. They are told to a client that asked for them or whose dialect
 * shows reasoning as soon as it is on; the others say so, which is their `summary` here.
 */
function wantsThoughts(request: ModelRequest, asked: ReasoningSettings): boolean {
  if (asked.summary !== undefined) return asked.summary !== 'none';
  if (request.origin !== 'openai-chat' && request.origin !== 'bedrock') return false;
  return !isOff(asked);
}
