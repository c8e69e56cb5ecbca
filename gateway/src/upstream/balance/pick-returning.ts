import type { Field } from './field.ts';

/** Calls under way that a caller who returns puts up with, compared with the mean of the candidates. */
const MOST_LOAD = 1.5;
/** How many times the cost of the best. */
const MOST_COST = 3;

/** The target to which a caller returns for what it has read already, if it is a candidate and neither crowded nor much dearer than the best; -1 otherwise. */
export function pickReturning({ group, candidates, count, costs, loads, weights }: Field, name: string): number {
  let total = 0;
  let best = Number.POSITIVE_INFINITY;
  let returning = -1;
  for (let at = 0; at < count; at++) {
    const index = candidates[at]!;
    total += loads[index]! / weights[index]!;
    if (costs[index]! < best) best = costs[index]!;
    if (group.states[index]!.name === name) returning = index;
  }
  if (returning < 0 || !group.rewardsReturn[returning]) return -1;
  const isCrowded = loads[returning]! / weights[returning]! > (MOST_LOAD * total) / count + 1;
  return isCrowded || costs[returning]! > MOST_COST * best ? -1 : returning;
}
