import type { Field } from '../field.ts';

/** Each in turn. */
export function pickByTurn({ group, candidates, count }: Field): number {
  group.turns.next = (group.turns.next + 1) % Number.MAX_SAFE_INTEGER;
  return candidates[(group.turns.next - 1) % count]!;
}
