import type { Field } from '../field.ts';

/**
 * Each in turn by its weight, and spread evenly: 5, 1 and 1 give a a b a c a a, not five of the first in a row (nginx's smooth weighted round robin). All are given credit by their weight; the
 * richest is picked and pays what all were given.
 */
export function pickByWeight({ group, candidates, count, weights }: Field): number {
  const { credits } = group.turns;
  let total = 0;
  let richest = candidates[0]!;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const index = candidates[at]!;
    const { name } = group.states[index]!;
    const credit = (credits.get(name) ?? 0) + weights[index]!;
    credits.set(name, credit);
    total += weights[index]!;
    if (credit > most) {
      most = credit;
      richest = index;
    }
  }
  credits.set(group.states[richest]!.name, most - total);
  return richest;
}
