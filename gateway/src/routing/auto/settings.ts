import type { z } from 'zod';
import type { routingSchema } from '../../config/schema/routing.ts';
import type { Tier } from './tasks.ts';

type RoutingSection = z.output<typeof routingSchema>;

/** What an operator says of a task: which models, and what to set where the client does not. */
export type TaskRoute = RoutingSection['tasks'][string];

/** The parts of `routing:` that `auto` obeys, and its own. */
export interface AutoSettings extends Pick<RoutingSection, 'tasks' | 'default_task' | 'tiers' | 'provider_priority'> {
  /** Asked when a request is like nothing known. */
  defaultModel?: string;
  defaultTier: Tier;
  /** How many points of quality (1 is all of it) the dearest candidate's price takes away; a quarter of that price takes half as many. */
  costWeight: Readonly<Record<Tier, number>>;
  /** How many points ten seconds to the first token cost. */
  latencyWeight: number;
  /** Candidates expected to be slower or dearer than this are left out. */
  ceilings: { firstTokenMs?: number; costPico?: number };
  /** Greatest share of a key's calls at tier `max`, 0 to 1. Undefined: as many as are asked for, and a fifth of those that only their text leads there. */
  maxTierShare?: number;
  /** A conversation stays with its model unless another is better by so much, and by what the switch costs. */
  switchMargin: number;
  /** Quality 0 to 1 of models by name, over what is known of them. */
  quality: Readonly<Record<string, number>>;
}

/** Without a word of configuration. */
export const AUTO_DEFAULTS: AutoSettings = {
  tasks: {},
  tiers: {},
  provider_priority: {},
  defaultTier: 'medium',
  costWeight: { low: 1, medium: 0.4, high: 0.1, max: 0 },
  latencyWeight: 0.05,
  ceilings: {},
  switchMargin: 0.05,
  quality: {},
};
