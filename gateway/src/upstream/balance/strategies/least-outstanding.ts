import type { Field } from '../field.ts';

/** The one with the fewest calls under way for its weight; among equals, by chance. Beware of a target that fails fast: it never has any. */
export function pickLeastOutstanding({ candidates, count, loads, weights, random }: Field): number {
  let least = Number.POSITIVE_INFINITY;
  let equals = 0;
  let pick = candidates[0]!;
  for (let at = 0; at < count; at++) {
    const index = candidates[at]!;
    const load = loads[index]! / weights[index]!;
    if (load > least) continue;
    equals = load === least ? equals + 1 : 1;
    least = load;
    if (equals === 1 || random() * equals < 1) pick = index;
  }
  return pick;
}
