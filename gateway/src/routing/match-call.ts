import type { Prompt } from '../core/prompt.ts';
import { permits } from './permits.ts';

/** What must hold of a call, all of it; what is absent holds always. Names may hold `*`. */
export interface Match {
  model?: readonly string[] | undefined;
  task?: readonly string[] | undefined;
  organisation?: readonly string[] | undefined;
  team?: readonly string[] | undefined;
  project?: readonly string[] | undefined;
  user?: readonly string[] | undefined;
  key?: readonly string[] | undefined;
  tier?: readonly string[] | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  min_input_tokens?: number | undefined;
  max_input_tokens?: number | undefined;
  /** `22:00-06:00`, UTC. */
  hours?: string | undefined;
  /** The call's tightest budget is used up to this share, 0 to 1. */
  budget_used?: number | undefined;
}

/** What a match may ask about a call beyond its own words. */
export interface Circumstances {
  /** The kind of task; asked only if a match names one. */
  taskOf(prompt: Prompt): string | undefined;
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
}

/** Whether a call is one of those that the match means. The cheap questions come first. */
export function matchesCall(match: Match, prompt: Prompt, circumstances: Circumstances): boolean {
  const { call, caller } = prompt;
  return (
    names(match.model, call.model) &&
    names(match.organisation, caller.organisation) &&
    names(match.team, caller.team) &&
    names(match.project, caller.project) &&
    names(match.user, caller.user) &&
    names(match.key, caller.keyName) &&
    names(match.tier, caller.tier) &&
    hasTags(match.tags, caller.tags) &&
    isWithinHours(match.hours, circumstances) &&
    isSpent(match.budget_used, caller.budgetUsed) &&
    isSized(match, prompt) &&
    (match.task === undefined || names(match.task, circumstances.taskOf(prompt)))
  );
}

function names(patterns: readonly string[] | undefined, name: string | undefined): boolean {
  if (patterns === undefined) return true;
  return name !== undefined && permits(patterns, name);
}

function hasTags(wanted: Match['tags'], tags: Readonly<Record<string, string>> | undefined): boolean {
  if (wanted === undefined) return true;
  return Object.entries(wanted).every(([tag, value]) => tags?.[tag] !== undefined && permits([value], tags[tag]));
}

function isSized({ min_input_tokens: least, max_input_tokens: most }: Match, prompt: Prompt): boolean {
  if (least === undefined && most === undefined) return true;
  const tokens = prompt.inputTokens();
  return tokens >= (least ?? 0) && tokens <= (most ?? Number.POSITIVE_INFINITY);
}

function isSpent(share: number | undefined, budgetUsed: (() => number) | undefined): boolean {
  return share === undefined || (budgetUsed?.() ?? 0) >= share;
}

const MINUTES_A_DAY = 1440;

/** A span that ends before it begins goes over midnight. */
function isWithinHours(hours: string | undefined, { nowMs }: Circumstances): boolean {
  if (hours === undefined) return true;
  const [from, to] = hours.split('-').map(minuteOf) as [number, number];
  const now = Math.floor(nowMs() / 60_000) % MINUTES_A_DAY;
  return from <= to ? now >= from && now < to : now >= from || now < to;
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(':').map(Number) as [number, number];
  return hour * 60 + minute;
}
