import { createGradientLimit } from './gradient-limit.ts';

/** How many calls a target takes at once. */
export type Concurrency =
  | { kind: 'fixed'; most: number }
  /** Felt for by the time to the first token; for hosts of one's own, whose queue one fills oneself. */
  | { kind: 'adaptive'; least?: number; initial?: number; most?: number };

export interface ConcurrencyLimit {
  readonly value: number;
  /** A call's first token came after `firstTokenMs`, with so many calls under way. True: the limit has changed. */
  noteFirstToken(firstTokenMs: number, underWay: number, now: number): boolean;
  /** The target said that it is overloaded, or timed out. */
  noteOverload(now: number): void;
}

export function createConcurrencyLimit(concurrency: Concurrency): ConcurrencyLimit {
  return concurrency.kind === 'fixed' ? createFixedLimit(concurrency.most) : createGradientLimit(concurrency);
}

function createFixedLimit(most: number): ConcurrencyLimit {
  return { value: most, noteFirstToken: () => false, noteOverload: () => {} };
}
