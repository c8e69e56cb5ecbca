import type { Member } from '../../core/plan.ts';
import type { Field } from './field.ts';

/**
 * The members in the order in which to try them: the pick (-1: none), then the others by rank and rising cost (of a second try), and last those that are barred. `byCost` false: within a rank, as listed.
 */
export function orderMembers(field: Field, pick: number, byCost: boolean): readonly Member[] {
  const { ranks, secondCosts, order } = field;
  const { members } = field.group;
  let held = 0;
  if (pick >= 0) order[held++] = pick;
  const first = held;
  for (let index = 0; index < members.length; index++) {
    if (index === pick) continue;
    const rank = ranks[index]!;
    const cost = secondCosts[index]!;
    let place = held++;
    while (place > first) {
      const other = order[place - 1]!;
      if (ranks[other]! < rank || (ranks[other] === rank && !(byCost && cost < secondCosts[other]!))) break;
      order[place--] = other;
    }
    order[place] = index;
  }
  const ordered: Member[] = [];
  for (let place = 0; place < held; place++) ordered.push(members[order[place]!]!);
  return ordered;
}
