import type { Clock } from '../core/clock.ts';
import type { Upstream } from './attempt.ts';
import type { Tie } from './balance/affinity.ts';
import { createBalancer } from './balance/balancer.ts';
import type { BreakerNews, BreakerSettings } from './breaker/breaker.ts';
import { createBreakers } from './breaker/breakers.ts';
import { createHedgeBudget } from './hedge-budget.ts';
import { createLearnedPatience } from './learned-patience.ts';
import { createQuotas } from './quota/quotas.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createWaitingRoom } from './waiting/waiting-room.ts';

/** All that is learned of targets, by their names. Furniture: it outlives a reload. */
export type Fleet = Pick<
  Upstream,
  'clock' | 'random' | 'balancer' | 'breakers' | 'quotas' | 'retries' | 'patience' | 'hedges' | 'waiting'
>;

export interface FleetDeps {
  clock: Clock;
  random: () => number;
  /** A breaker has opened or closed here. */
  onNews: (news: BreakerNews) => void;
  /** A conversation, or what a provider keeps, is tied to a target here. */
  onTie: (tie: Tie) => void;
}

/** Until a configuration says otherwise. */
const DEFAULT_BREAKERS: BreakerSettings = {
  mode: 'adaptive',
  failureThreshold: 5,
  recoveryTimeoutMs: 30_000,
  halfOpenMax: 3,
};

export function createFleet({ clock, random, onNews, onTie }: FleetDeps): Fleet {
  return {
    clock,
    random,
    balancer: createBalancer({ clock, random, onTie }),
    breakers: createBreakers({ clock, random, settings: DEFAULT_BREAKERS, onNews }),
    quotas: createQuotas({ clock }),
    retries: createRetryBudget({ clock }),
    patience: createLearnedPatience({ clock }),
    hedges: createHedgeBudget({ clock }),
    waiting: createWaitingRoom({ clock }),
  };
}
