import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { Prompt } from '../core/prompt.ts';
import type { CallRecord } from '../core/record.ts';
import { type Circumstances, type Match, matchesCall } from './match-call.ts';

/** Copies of calls that go to another model, unseen. */
export interface ShadowRule {
  name: string;
  match: Match;
  model: string;
  /** 0 to 1 of the matching calls. */
  share: number;
  daily_budget_usd: number;
}

/** What the copies of each shadow have cost today (UTC). Furniture: it outlives a reload. */
export interface ShadowSpend {
  take(record: CallRecord): void;
  /** US dollars. */
  today(name: string): number;
}

const DAY_MS = 86_400_000;

export function createShadowSpend({ nowMs }: { nowMs: () => number }): ShadowSpend {
  let day = -1;
  let spent = new Map<string, number>();
  const turnDay = () => {
    const today = Math.floor(nowMs() / DAY_MS);
    if (today !== day) spent = new Map();
    day = today;
  };
  return {
    take({ shadow, costPicoUsd }) {
      if (shadow === undefined || costPicoUsd === undefined) return;
      turnDay();
      spent.set(shadow, (spent.get(shadow) ?? 0) + costPicoUsd / PICO_PER_DOLLAR);
    },
    today(name) {
      turnDay();
      return spent.get(name) ?? 0;
    },
  };
}

/** Says which shadow a call casts, if any. Undefined where none is configured. */
export function createShadows(
  rules: readonly ShadowRule[],
  circumstances: Circumstances,
  { spend, random }: { spend: ShadowSpend; random: () => number },
): ((prompt: Prompt) => ShadowRule | undefined) | undefined {
  if (rules.length === 0) return undefined;
  return (prompt) => {
    const { operation } = prompt.call;
    if (operation !== 'chat' && operation !== 'completions') return undefined;
    const rule = rules.find(({ match }) => matchesCall(match, prompt, circumstances));
    if (rule === undefined || random() >= rule.share) return undefined;
    return spend.today(rule.name) < rule.daily_budget_usd ? rule : undefined;
  };
}
