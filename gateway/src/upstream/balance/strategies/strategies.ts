import type { Strategy } from '../../../core/plan.ts';
import type { Field } from '../field.ts';
import { pickByLatency } from './latency.ts';
import { pickLeastOutstanding } from './least-outstanding.ts';
import { pickByPrice } from './price.ts';
import { pickByTurn } from './round-robin.ts';
import { pickByWeight } from './weighted.ts';

/** Picks one of at least two candidates: its index among the members. */
export type Pick = (field: Field) => number;

/** All strategies. By `priority`, the candidates are of one rank already; among equals, the one that is listed first. */
export const strategies: Record<Strategy, Pick> = {
  latency: pickByLatency,
  round_robin: pickByTurn,
  weighted: pickByWeight,
  least_outstanding: pickLeastOutstanding,
  price: pickByPrice,
  priority: ({ candidates }) => candidates[0]!,
};
