/** Of an ordinary request. */
const ORDINARY = 0.25;
/** How much faster the weak fall than the strong as requests get harder. */
const SPREAD = 1.2;
const LEAST = 0.01;

/** Expected quality at this difficulty (0 to 1) of a model whose quality over all requests is known: the harder, the lower, and the more so the weaker the model. */
export function qualityAt(overall: number, difficulty: number): number {
  const held = bounded(overall);
  const harder = logit(bounded(difficulty)) - logit(ORDINARY);
  return 1 / (1 + Math.exp(-(logit(held) - SPREAD * (1 - held) * harder)));
}

function bounded(value: number): number {
  return Math.min(1 - LEAST, Math.max(LEAST, value));
}

function logit(chance: number): number {
  return Math.log(chance / (1 - chance));
}
