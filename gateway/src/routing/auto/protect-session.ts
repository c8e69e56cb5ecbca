import type { Order } from './order-candidates.ts';
import type { Scored } from './score-candidates.ts';
import type { SessionState } from './sessions.ts';
import type { AutoSettings } from './settings.ts';
import type { TaskSignals } from './task-signals.ts';
import type { Tier } from './tasks.ts';

export interface Protection {
  order: Order;
  /** All that can answer. */
  scored: readonly Scored[];
  session: SessionState | undefined;
  signals: TaskSignals;
  tier: Tier;
  /** What the session's tier is raised by, this turn included. */
  raised: number;
  settings: AutoSettings;
}

/** Losing a prompt cache costs time as well, so that it counts even where money does not. */
const LEAST_COST_WEIGHT = 0.1;

/**
 * Keeps a conversation with its model: inside a tool loop always, otherwise unless the best is better by the margin and by what the lost
 * prompt cache is worth. A model that can no longer answer is left, and so is one whose answers were not good enough.
 */
export function protectSession(protection: Protection): { chosen: Scored[]; isKept: boolean } {
  const { order, scored, session, signals, raised, settings } = protection;
  const best = order.ranked[0];
  if (session === undefined || best === undefined) return { chosen: order.ranked, isKept: false };
  const current = scored.find(({ candidate }) => candidate.name === session.model);
  if (current === undefined || current === best) return { chosen: order.ranked, isKept: false };
  if (!signals.source.isInToolLoop) {
    if (raised > session.raised || signals.by === 'client') return { chosen: order.ranked, isKept: false };
    if (order.isListed && !order.ranked.includes(current)) return { chosen: order.ranked, isKept: false };
    if (order.isAbstaining) return keep(current, order);
    const gain = best.score - current.score;
    if (gain >= settings.switchMargin + switchCost(protection, current)) return { chosen: order.ranked, isKept: false };
  }
  return keep(current, order);
}

function keep(current: Scored, { ranked }: Order): { chosen: Scored[]; isKept: boolean } {
  return { chosen: [current, ...ranked.filter((one) => one !== current)], isKept: true };
}

/** What the tokens in the prompt cache would cost again, on the scale of scores. */
function switchCost({ session, scored, tier, settings }: Protection, { candidate }: Scored): number {
  const cached = session?.cachedTokens ?? 0;
  if (cached === 0) return 0;
  const dearest = Math.max(0, ...scored.map(({ costPico }) => costPico ?? 0));
  const anew = candidate.cost({ inputTokens: cached, outputTokens: 0 });
  const fromCache = candidate.cost({ inputTokens: cached, outputTokens: 0, cachedInputTokens: cached });
  if (dearest === 0 || anew === undefined || fromCache === undefined) return 0;
  const weight = Math.max(settings.costWeight[tier], LEAST_COST_WEIGHT);
  return weight * (Math.sqrt(anew / dearest) - Math.sqrt(Math.min(anew, fromCache) / dearest));
}
