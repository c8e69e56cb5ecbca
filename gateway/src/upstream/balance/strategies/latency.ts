import type { Field } from '../field.ts';

/**
 * Of two taken by chance, the one that costs less (of two candidates, both). Taking the best of all would send every call of an instant to the same target; two choices spread them nearly as
 * well as knowing all (Mitzenmacher, "The Power of Two Choices", 1996), and leave every target some calls to be learned from.
 */
export function pickByLatency({ candidates, count, costs, random }: Field): number {
  const one = Math.floor(random() * count);
  const step = 1 + Math.floor(random() * (count - 1));
  const a = candidates[one]!;
  const b = candidates[(one + step) % count]!;
  return costs[b]! < costs[a]! ? b : a;
}
