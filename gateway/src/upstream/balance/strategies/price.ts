import type { Field } from '../field.ts';

/** A price of nothing would have an infinite share. In pico-dollars. */
const LEAST_PRICE = 1;

/**
 * By chance, with shares that fall with the square of the price: half the price, four times the calls. Who fails is dear at any price: a price is divided by the share of successes.
 */
export function pickByPrice(field: Field): number {
  const { candidates, count, random } = field;
  let total = 0;
  for (let at = 0; at < count; at++) total += shareOf(field, candidates[at]!);
  let left = random() * total;
  for (let at = 0; at < count; at++) {
    left -= shareOf(field, candidates[at]!);
    if (left < 0) return candidates[at]!;
  }
  return candidates[count - 1]!;
}

function shareOf({ group, weights, oks }: Field, index: number): number {
  const price = Math.max(group.prices[index]!, LEAST_PRICE) / oks[index]!;
  return weights[index]! / (price * price);
}
