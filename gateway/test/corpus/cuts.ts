import { type Cue, changing } from '@xidao/testkit';

/** A handful of places inside a body, in order: as good as random, and for a seed always the same. */
export function randomCuts(seed: string, length: number): number[] {
  if (length < 2) return [];
  const random = createRandom(seed);
  const most = Math.min(length - 1, 3 + Math.floor(random() * 30));
  const cuts = Array.from({ length: most }, () => 1 + Math.floor(random() * (length - 1)));
  return [...new Set(cuts)].sort((one, other) => one - other);
}

/** Sends the body of an answer in pieces cut at random: in other places for each model. */
export function cutAtRandom(cue: Cue): Cue {
  return changing(cue, (reply, asked) => {
    const length = reply.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return { ...reply, cutting: randomCuts(asked.model, length) };
  });
}

/** The bytes in the pieces that the cuts make of them. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** Numbers from 0 to 1, the same row for the same seed (an FNV-1a hash into a linear congruential generator). */
function createRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
